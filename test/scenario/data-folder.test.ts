/** The data folder: one Cordon to each, and no more kept in it than is needed. */
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { askName } from "./client.ts";
import { Cordon, ENGINES, folder, settings } from "./cordon.ts";

const NOWHERE = "udp://127.0.0.1:9";
const SERVFAIL = 2;

for (const udpEngine of ENGINES) {
	const config = settings(NOWHERE, { listen: { udpEngine, admin: false } });

	test(`a second Cordon on the same dataDir does not start, engine ${udpEngine}`, async (t) => {
		const directory = folder(t);
		const first = await Cordon.start(t, config, directory);
		const { code, stdout, stderr } = await new Cordon(t, config, directory).ended;
		t.equal(code, 1);
		t.equal(stdout, "");
		t.match(stderr, /^cordon serve: dataDir .*data is in use by another Cordon .*; stop it, or give each/m);
		t.match(stderr, `(process ${first.child.pid} on `);
		const [server = ""] = first.dns;
		t.equal((await askName(server, "any.example")).rcode, SERVFAIL, "the first answers on");
		await first.stop("SIGKILL");
		const third = await Cordon.start(t, config, directory);
		t.match(await third.stop(), { code: 0 });
	});

	test(`a reload to the dataDir of another Cordon changes nothing, engine ${udpEngine}`, async (t) => {
		const directory = folder(t);
		const first = await Cordon.start(t, config, directory);
		const second = await Cordon.start(t, { ...config, dataDir: "other" }, directory);
		t.match(await second.reload({ dataDir: "data" }), /was not taken over/);
		t.match(second.stderr, `in use by another Cordon (process ${first.child.pid} `);
		t.match(await second.reload({ dataDir: "third" }), /reloaded/);
		t.match(await second.reload({ dataDir: "other" }), /reloaded/, "what was let go of can be taken again");
	});
}

test("copies of lists that are configured no more go after a week", async (t) => {
	const directory = folder(t);
	const lists = join(directory, "data", "lists");
	mkdirSync(lists, { recursive: true });
	for (const [name, days] of [
		["gone", 8],
		["gone-lately", 6],
	] as const) {
		const path = join(lists, `${name}.list`);
		const touched = Date.now() / 1000 - days * 86_400;
		writeFileSync(path, "bad.example\n");
		utimesSync(path, touched, touched);
	}
	await Cordon.start(t, settings(NOWHERE, { listen: { admin: false } }), directory);
	t.same(readdirSync(lists), ["gone-lately.list"]);
});
