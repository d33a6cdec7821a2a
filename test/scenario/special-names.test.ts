/** Names that Cordon answers itself, and zones with servers of their own, on a running server. */
import { test } from "tap";
import { parseExposition, sampleValue } from "../observe/exposition.ts";
import { Authority, a } from "./authority.ts";
import { askName } from "./client.ts";
import { Cordon, ENGINES, settings } from "./cordon.ts";
import { address, TYPE } from "./message.ts";

for (const engine of ENGINES) {
	test(`RFC 6761, RFC 6303: nothing leaks, until a switch or a zone says so, engine ${engine}`, async (t) => {
		const world = await Authority.start(t);
		const router = await Authority.start(t);
		world.records.set(`nas.home.arpa ${TYPE.A}`, [a("192.0.2.66")]);
		router.records.set(`nas.home.arpa ${TYPE.A}`, [a("192.0.2.2")]);
		const config = settings(world.url, { listen: { udpEngine: engine }, workers: 1 });
		const cordon = await Cordon.start(t, config);
		const [server = ""] = cordon.dns;
		const look = async (name: string) => {
			const found = await askName(server, name);
			return found.rcode === 0 ? address(found) : found.rcode;
		};
		t.equal(await look("x.localhost"), "127.0.0.1");
		for (const name of ["nas.home.arpa", "printer.local", "x.onion", "x.test", "1.1.168.192.in-addr.arpa"])
			t.equal(await look(name), 3, name);
		t.equal(await look("n1.any.example"), "192.0.2.1");
		t.strictSame([...world.asked.keys()], ["n1.any.example"], "only the ordinary name went out");
		const families = parseExposition((await cordon.get("/metrics")).body);
		t.equal(sampleValue(families, "cordon_responses_total", { via: "local", rcode: "NXDOMAIN" }), 5);
		t.equal(sampleValue(families, "cordon_responses_total", { via: "local", rcode: "NOERROR" }), 1);

		const zones = [{ names: ["home.arpa", "168.192.in-addr.arpa"], servers: [router.url] }];
		t.match(await cordon.reload({ upstreams: { zones } }), /reloaded/);
		t.equal(await look("nas.home.arpa"), "192.0.2.2", "the router answers");
		t.equal(await look("1.1.168.192.in-addr.arpa"), 3);
		t.equal(await look("x.test"), 3);
		t.strictSame([...router.asked.keys()], ["nas.home.arpa", "1.1.168.192.in-addr.arpa"]);
		t.equal(world.asked.size, 1);
		const later = parseExposition((await cordon.get("/metrics")).body);
		t.equal(sampleValue(later, "cordon_upstream_answers_total", { upstream: router.url }), 2);
		t.equal(sampleValue(later, "cordon_upstream_up", { upstream: router.url }), 1);

		const told = await cordon.run("explain", "nas.home.arpa", "x.test");
		t.equal(told.code, 0);
		t.match(told.stdout, `asked for at ${router.url}: upstreams.zones has home.arpa`);
		t.match(
			told.stdout,
			/x\.test: answered here with NXDOMAIN, as a special name[\s\S]*local\.reserved to false/,
		);
		const { special } = JSON.parse((await cordon.get("/api/v1/explain?name=x.test")).body);
		t.match(special, { name: "test", switch: "reserved" });

		t.match(
			await cordon.reload({ upstreams: { zones: [] }, local: { homeArpa: false, reserved: false } }),
			/reloaded/,
		);
		t.equal(await look("nas.home.arpa"), "192.0.2.66", "an ordinary name now");
		t.equal(router.asked.get("nas.home.arpa"), 1);
		t.match(await cordon.stop(), { code: 0 });
	});
}
