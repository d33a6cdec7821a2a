import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { worldOf } from "../dnssec/world.ts";
import { Zone } from "../dnssec/zone.ts";
import { AD, query } from "../wire/message.ts";
import { ask, Stream } from "./client.ts";
import { Cordon, ENGINES, folder, settings } from "./cordon.ts";
import type { Reply } from "./message.ts";

function isAuthentic({ bytes }: Reply): boolean {
	return (bytes.readUInt16BE(2) & AD) !== 0;
}

const edns = { dnssecOk: true };

for (const udpEngine of ENGINES) {
	test(`${udpEngine}: answers are validated from the anchors of a file on, and a reload takes other anchors`, async (t) => {
		const zone = new Zone("signed.example", { nsec3: {} }).a("www.signed.example").a("bad.signed.example");
		zone.odd.set("bad.signed.example 1", [{ expiration: -3600 }]);
		const world = worldOf(zone);
		const upstream = await world.serve(t);
		const directory = folder(t);
		writeFileSync(join(directory, "anchors.txt"), `; the test's own root\n${world.root.anchor}\n`);
		const dnssec = { validate: true, trustAnchors: [], trustAnchorsFile: "anchors.txt" };
		const config = settings(`udp://127.0.0.1:${upstream.port}`, {
			dnssec,
			listen: { udpEngine },
			workers: 1,
		});
		const cordon = await Cordon.start(t, config, directory);
		const [server] = cordon.dns;
		const good = await ask(server, query("www.signed.example", { edns }));
		t.match(good, { rcode: 0, answers: [{}, {}] });
		t.ok(isAuthentic(good));
		const absent = await ask(server, query("nowhere.signed.example", { edns }));
		t.equal(absent.rcode, 3);
		t.ok(isAuthentic(absent));
		t.match(await ask(server, query("bad.signed.example", { edns })), { rcode: 2, ede: { code: 7 } });
		const stream = await Stream.open(server);
		stream.send(query("www.signed.example", { edns }));
		const [overTcp] = await stream.receive(1);
		t.ok(isAuthentic(overTcp), "over TCP too");
		stream.socket.destroy();

		const { body } = await cordon.get("/metrics");
		t.match(body, /cordon_dnssec_validations_total\{result="secure"\} 2\n/);
		t.match(body, /cordon_dnssec_validations_total\{result="bogus"\} 1\n/);

		writeFileSync(join(directory, "anchors.txt"), `${new Zone("").anchor}\n`);
		const from = cordon.now;
		t.match(await cordon.hangUp(), /reloaded/);
		const other = await ask(server, query("www.signed.example", { edns }));
		t.match(other, { rcode: 2, ede: { code: 9 } });
		await cordon.logged(/no trust anchor fits the keys of its zone/, from);
		writeFileSync(join(directory, "anchors.txt"), "");
		t.match(await cordon.hangUp(), /was not taken over/);
		t.match((await cordon.run("check")).stderr, /dnssec\.trustAnchorsFile/);
	});
}
