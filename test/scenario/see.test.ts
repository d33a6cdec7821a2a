/** What the operator sees: metrics, health, and the commands, of a server with known traffic. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { parseExposition, sampleValue } from "../observe/exposition.ts";
import { Authority } from "./authority.ts";
import { ask, askName, hostPort, Stream } from "./client.ts";
import { Cordon, ENGINES, folder, runCommand, settings } from "./cordon.ts";
import { address, question, TYPE } from "./message.ts";

for (const engine of ENGINES) {
	test(`known traffic, over all workers, engine ${engine}`, async (t) => {
		const authority = await Authority.start(t);
		const directory = folder(t);
		writeFileSync(join(directory, "ads.txt"), "ads.example\n");
		const config = settings(authority.url, {
			listen: { udpEngine: engine },
			lists: [{ name: "ads", file: "ads.txt", category: "ads" }],
			blocking: { deny: ["bad.example"] },
		});
		const cordon = await Cordon.start(t, config, directory);
		const [server = "", v6 = ""] = cordon.dns;
		// A socket of its own each: the kernel shares them out among the workers.
		for (let i = 0; i < 20; i++) await askName(server, "ads.example");
		for (let i = 0; i < 10; i++) await askName(v6, "bad.example", TYPE.AAAA);
		for (let i = 0; i < 30; i++) await askName(server, `n${i}.any.example`);
		for (let i = 0; i < 5; i++) await askName(server, `nx${i}.nowhere.example`, TYPE.MX);
		const stream = await Stream.open(server);
		stream.send(...Array.from({ length: 8 }, () => question("ads.example")));
		await stream.receive(8);
		const odd = question("any.example");
		odd.writeUInt16BE(2, 4);
		t.equal((await ask(server, odd)).rcode, 1);

		const families = parseExposition((await cordon.get("/metrics")).body);
		const value = (name: string, labels = {}) => sampleValue(families, name, labels);
		t.equal(value("cordon_queries_total", { transport: "udp", qtype: "A" }), 50);
		t.equal(value("cordon_queries_total", { transport: "udp", qtype: "AAAA" }), 10);
		t.equal(value("cordon_queries_total", { transport: "udp", qtype: "MX" }), 5);
		t.equal(value("cordon_queries_total", { transport: "tcp", qtype: "A" }), 8);
		t.equal(value("cordon_responses_total", { via: "blocked", rcode: "NOERROR" }), 38);
		t.equal(value("cordon_responses_total", { via: "upstream", rcode: "NOERROR" }), 30);
		t.equal(value("cordon_responses_total", { via: "upstream", rcode: "NXDOMAIN" }), 5);
		t.equal(value("cordon_responses_total", { via: "error", rcode: "FORMERR" }), 1);
		t.equal(value("cordon_blocked_total", { category: "ads", action: "zero-ip" }), 28);
		t.equal(value("cordon_response_duration_seconds_count", { via: "upstream" }), 35);
		t.equal(value("cordon_blocklist_domains", { list: "ads" }), 1);
		t.equal(value("cordon_index_domains", { kind: "block" }), 2);
		t.equal(value("cordon_packets_received_total"), 74);
		t.equal(value("cordon_upstream_answers_total", { upstream: authority.url }), 35);
		t.equal(value("cordon_ready"), 1);
		for (let worker = 0; worker < (engine === "batch" ? 2 : 1); worker++)
			t.equal(value("cordon_worker_up", { worker: String(worker) }), 1);
		for (let i = 0; i < 3; i++) await askName(server, "n1.any.example");
		const later = parseExposition((await cordon.get("/metrics")).body);
		const hits = sampleValue(later, "cordon_cache_hits_total") ?? 0;
		const misses = sampleValue(later, "cordon_cache_misses_total") ?? 0;
		t.equal(hits + misses, 38, "of two workers' caches");

		const admin = cordon.admin.replace("http://", "");
		const status = await runCommand(["status", "--admin", admin]);
		t.equal(status.code, 0);
		t.match(status.stdout, /ads/);
		t.match(status.stdout, authority.url);
		t.equal((await cordon.get("/healthz")).status, 200);
		t.equal((await cordon.get("/readyz")).body, "ok\n");
		t.match(JSON.parse((await cordon.get("/api/v1/explain?name=x.bad.example")).body), {
			blocked: true,
			answer: "zero-ip",
			rules: [{ list: "config", line: 1, entry: "bad.example", scope: "subtree", decides: true }],
		});
	});
}

test("the commands beside the server", async (t) => {
	const authority = await Authority.start(t);
	const directory = folder(t);
	writeFileSync(join(directory, "ads.txt"), "# a list\nads.example\n*.wild.example\n-\n");
	const config = settings(authority.url, {
		lists: [{ name: "ads", file: "ads.txt" }],
		blocking: { allow: ["fine.wild.example"] },
	});
	const cordon = await Cordon.start(t, config, directory);
	const { address: host, port } = hostPort(cordon.dns[0] ?? "");

	const blocked = await cordon.run("explain", "ads.example");
	t.equal(blocked.code, 2);
	t.match(blocked.stdout, /ads\.example: blocked, answered with zero-ip\n {2}→ block: .*list ads, line 2/);
	t.match(await cordon.run("explain", "fine.wild.example"), { code: 0, stdout: /allowed/ });
	t.match(await cordon.run("explain", "nothing.example"), { code: 0, stdout: /not blocked/ });

	const check = await cordon.run("check");
	t.equal(check.code, 0);
	t.match(check.stdout, /no faults/);
	t.match(check.stdout, /line 4|:4/);

	const lookup = await runCommand(["lookup", "ads.example", "--server", `udp://${host}:${port}`]);
	t.match(lookup, { code: 0, stdout: /0\.0\.0\.0/ });
	t.match(lookup.stdout, /blocked by list ads/);

	t.match(await cordon.run("lists"), { code: 0, stdout: /ads: 2 rules, domains/ });
	t.match(await cordon.stop(), { code: 0 });
	t.match(await runCommand(["status", "--admin", cordon.admin.replace("http://", "")]), {
		code: 2,
		stderr: /nothing listens there/,
	});
	t.match(await cordon.run("explain", "ads.example"), { code: 2 }, "explain needs no server");
});

for (const engine of ENGINES) {
	test(`who may not ask is refused, engine ${engine}`, async (t) => {
		const authority = await Authority.start(t);
		const config = settings(authority.url, {
			listen: { udpEngine: engine },
			access: { allow: ["192.0.2.0/24", "::1"] },
			blocking: { deny: ["bad.example"] },
		});
		const cordon = await Cordon.start(t, config);
		const [v4 = "", v6 = ""] = cordon.dns;
		for (const name of ["any.example", "bad.example"]) {
			const reply = await askName(v4, name);
			t.match(reply, { rcode: 5, answers: [], ede: { code: 18, text: /does not serve your network/ } });
		}
		t.notOk((await ask(v4, question("any.example"))).ede, "without EDNS there is no room for a reason");
		const stream = await Stream.open(v4);
		stream.send(question("any.example"));
		t.equal((await stream.receive(1))[0]?.rcode, 5);
		t.equal(address(await askName(v6, "any.example")), "192.0.2.1", "this one may");
		t.equal(authority.asked.get("any.example"), 1);
		t.match(await cordon.reload({ access: { allow: ["127.0.0.0/8"] } }), /reloaded/);
		t.equal(address(await askName(v4, "any.example")), "192.0.2.1");
		t.equal((await askName(v6, "any.example")).rcode, 5);
	});
}
