/** Networks of lists: over a reload, a restart, and a snapshot of the version before. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { Authority, a } from "./authority.ts";
import { askName } from "./client.ts";
import { Cordon, ENGINES, folder, settings } from "./cordon.ts";
import { address } from "./message.ts";

for (const engine of ENGINES) {
	test(`a list of addresses changes, and so do cached answers; explain knows addresses, engine ${engine}`, async (t) => {
		const authority = await Authority.start(t);
		const directory = folder(t);
		const file = join(directory, "botnet.txt");
		writeFileSync(file, "192.0.2.7\n198.51.100.0/24\n");
		authority.records.set("one.example 1", [a("203.0.113.1"), a("192.0.2.7")]);
		authority.records.set("two.example 1", [a("192.0.2.8")]);
		const config = settings(authority.url, {
			listen: { udpEngine: engine },
			lists: [{ name: "botnet", file, category: "botnet" }],
		});
		const cordon = await Cordon.start(t, config, directory);
		const [server = ""] = cordon.dns;
		const one = await askName(server, "one.example");
		t.equal(address(one), "0.0.0.0");
		t.match(one.ede, { code: 15, text: "blocked by list botnet, by address" });
		t.equal(address(await askName(server, "two.example")), "192.0.2.8");

		writeFileSync(file, "192.0.2.8\n198.51.100.0/24\n");
		t.match(await cordon.hangUp(), /reloaded.*index=new/);
		t.equal(address(await askName(server, "two.example")), "0.0.0.0", "a cached answer is blocked at once");
		t.equal(address(await askName(server, "one.example")), "203.0.113.1", "and another is let go");

		t.match(await cordon.run("explain", "192.0.2.8", "198.51.100.9", "203.0.113.1"), {
			code: 2,
			stdout:
				/192\.0\.2\.8: blocked, answered with zero-ip\n {2}→ block: 192\.0\.2\.8, list botnet, line 1\n(.|\n)*block: 198\.51\.100\.0\/24, list botnet, line 2\n(.|\n)*203\.0\.113\.1: not blocked/,
		});
		const { body } = await cordon.get("/api/v1/explain?name=198.51.100.9");
		t.match(JSON.parse(body), {
			blocked: true,
			rules: [{ scope: "network", entry: "198.51.100.0/24", line: 2 }],
		});
		t.match((await cordon.get("/metrics")).body, /^cordon_index_networks 2$/m);
		t.match(await cordon.stop(), { code: 0 });
	});
}

test("a snapshot of another version is made anew, with its networks", async (t) => {
	const authority = await Authority.start(t);
	authority.records.set("one.example 1", [a("192.0.2.7")]);
	const directory = folder(t);
	const config = settings(authority.url, { blocking: { denyNetworks: ["192.0.2.0/24"] } });
	const first = await Cordon.start(t, config, directory);
	t.equal(address(await askName(first.dns[0], "one.example")), "0.0.0.0");
	t.match(await first.stop(), { code: 0 });
	const path = join(directory, "data", "blocklist.snapshot");
	const bytes = readFileSync(path);
	bytes.writeUInt32LE(2, 4);
	writeFileSync(path, bytes);
	const second = await Cordon.start(t, config, directory);
	t.match(second.stderr, /the snapshot of the blocklist cannot be used.*it is of another version/);
	t.equal(address(await askName(second.dns[0], "one.example")), "0.0.0.0");
	t.match(await second.stop(), { code: 0 });
	const third = await Cordon.start(t, config, directory);
	t.notMatch(third.stderr, /cannot be used/);
	t.equal(address(await askName(third.dns[0], "one.example")), "0.0.0.0", "from the snapshot");
	t.match(await third.stop(), { code: 0 });
});

test("protection against rebinding and lists change in one reload, and come into force at once", async (t) => {
	const authority = await Authority.start(t);
	authority.records.set("rebind.example 1", [a("192.168.1.1")]);
	const cordon = await Cordon.start(t, settings(authority.url));
	const [server = ""] = cordon.dns;
	t.equal(address(await askName(server, "rebind.example")), "192.168.1.1");
	t.match(
		await cordon.reload({ blocking: { deny: ["other.example"], rebinding: { enabled: true } } }),
		/reloaded.*index=new/,
	);
	const blocked = await askName(server, "rebind.example");
	t.match(blocked, { rcode: 0, answers: [] });
	t.match(blocked.ede?.text, /private network/);
	t.match(await cordon.reload({ blocking: { rebinding: { allow: ["rebind.example"] } } }), /index=unchanged/);
	t.equal(address(await askName(server, "rebind.example")), "192.168.1.1");
	const from = cordon.now;
	t.match(
		await cordon.reload({ blocking: { rebinding: { networks: ["192.168.1.1/16"] } } }),
		/not taken over/,
	);
	t.match(cordon.stderr.slice(from), /blocking\.rebinding\.networks\[0\] must be a prefix/);
	t.match(await cordon.stop(), { code: 0 });
});
