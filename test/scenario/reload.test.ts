/** SIGHUP: configuration and lists change while queries go on. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { Authority, a } from "./authority.ts";
import { ask, askName, Stream } from "./client.ts";
import { Cordon, ENGINES, folder, settings } from "./cordon.ts";
import { address, question, TYPE } from "./message.ts";
import { Traffic } from "./traffic.ts";

for (const engine of ENGINES) {
	test(`entries come and go, engine ${engine}`, async (t) => {
		const authority = await Authority.start(t);
		const config = settings(authority.url, {
			listen: { udpEngine: engine },
			blocking: { deny: ["old.any.example"] },
		});
		const cordon = await Cordon.start(t, config);
		const [server = ""] = cordon.dns;
		const look = async (name: string) => address(await askName(server, name));
		t.equal(await look("new.any.example"), "192.0.2.1");
		t.equal(await look("old.any.example"), "0.0.0.0");

		t.match(await cordon.reload({ blocking: { deny: ["new.any.example"] } }), /reloaded.*index=new/);
		t.equal(await look("new.any.example"), "0.0.0.0", "a cached name is blocked at once");
		t.equal(await look("old.any.example"), "192.0.2.1", "a removed entry no longer blocks");

		t.match(
			await cordon.reload({ blocking: { answer: "nxdomain", ttl: "33s" } }),
			/reloaded.*index=unchanged/,
		);
		const other = await askName(server, "new.any.example");
		t.equal(other.rcode, 3);
		t.equal(other.authorities[0]?.ttl, 33);

		const from = cordon.now;
		const bad = await cordon.reload({ blocking: { answer: "nonsense", deny: ["good.any.example"] } });
		t.match(bad, /ERROR.*not taken over; everything stays as it was.*faults=1/);
		t.match(cordon.stderr.slice(from), /ERROR the configuration has a fault fault=".*blocking\.answer/);
		t.equal((await askName(server, "new.any.example")).rcode, 3, "the old configuration serves on");
		t.equal(await look("good.any.example"), "192.0.2.1");
		t.equal((await cordon.get("/readyz")).status, 200);
		t.match(await cordon.reload({ blocking: { answer: "zero-ip" } }), /reloaded/);
		t.equal(await look("good.any.example"), "0.0.0.0", "mended, it is taken over");
		t.match(await cordon.stop(), { code: 0 });
	});

	test(`addresses come and go, engine ${engine}`, async (t) => {
		const authority = await Authority.start(t);
		const release = authority.hold("slow.any.example");
		const first = "127.0.0.1:0";
		const second = "127.0.0.2:0";
		const cordon = await Cordon.start(
			t,
			settings(authority.url, {
				listen: { dns: [first], udpEngine: engine },
				// However long a busy machine takes to get there.
				upstreams: { timeout: "30s" },
			}),
		);
		const [server = ""] = cordon.dns;
		t.match(await cordon.reload({ listen: { dns: [first, second] } }), /reloaded/);
		const { dns } = JSON.parse((await cordon.get("/api/v1/status")).body);
		t.equal(dns[0], server);
		t.equal(address(await askName(dns[1], "any.example")), "192.0.2.1");
		const stream = await Stream.open(dns[1]);
		stream.send(question("slow.any.example"));
		const slow = ask(dns[1], question("slow.any.example"));
		await authority.hears("slow.any.example");
		await askName(dns[1], "any.example");
		stream.send(question("any.example"));
		await stream.receive(1);

		const from = cordon.now;
		const reloaded = cordon.reload({ listen: { dns: [first] } });
		// Only when the address is no longer listened on.
		for (;;) {
			const probe = await Stream.open(dns[1]).catch(() => undefined);
			if (probe === undefined) break;
			probe.socket.destroy();
		}
		release();
		t.equal(address(await slow), "192.0.2.1", "what is in flight at an address that closes is answered");
		t.equal(address((await stream.receive(2))[1]), "192.0.2.1");
		t.match(await reloaded, /reloaded/);
		t.notMatch(cordon.stderr.slice(from), /ERROR/);
		await t.rejects(askName(dns[1], "any.example"), { code: "ECONNREFUSED" });
		t.equal(address(await askName(server, "any.example")), "192.0.2.1");

		const taken = await Cordon.start(
			t,
			settings(authority.url, { listen: { dns: [second], udpEngine: engine, admin: false } }),
		);
		const refused = await cordon.reload({ listen: { dns: [first, "127.0.0.3:0", taken.dns[0]] } });
		t.match(refused, /ERROR.*not taken over.*another program has this port/);
		const after = JSON.parse((await cordon.get("/api/v1/status")).body);
		t.strictSame(after.dns, [server], "all or nothing");
		t.match(await cordon.reload({ listen: { dns: [first] } }), /reloaded/);
	});

	test(`no query is lost over several reloads, engine ${engine}`, async (t) => {
		const authority = await Authority.start(t);
		const directory = folder(t);
		writeFileSync(join(directory, "one.txt"), "one.bad.example\n");
		writeFileSync(join(directory, "two.txt"), "two.bad.example\n");
		const one = { name: "one", file: "one.txt" };
		const two = { name: "two", file: "two.txt", category: "ads" };
		const config = settings(authority.url, { listen: { udpEngine: engine }, lists: [one, two] });
		const cordon = await Cordon.start(t, config, directory);
		const [server = "", v6 = ""] = cordon.dns;
		const traffic = await Traffic.start(server, ["two.bad.example", "cached.any.example"], (reply) =>
			`${reply.question} ${address(reply)} ${reply.ede?.text ?? ""}`.trim(),
		);
		const more = await Traffic.start(v6, ["six.any.example"], (reply) => address(reply));
		await traffic.goOn(200);
		// The first list goes: the numbers of the others change.
		t.match(await cordon.reload({ lists: [two] }), /reloaded/);
		t.match(await cordon.reload({ lists: [one, two], workers: 1 }), /reloaded/);
		t.match(await cordon.reload({ workers: 3, cache: { size: "8MiB" } }), /reloaded/);
		t.match(await cordon.reload({ workers: 2, access: { allow: ["127.0.0.0/8", "::1"] } }), /reloaded/);
		for (let i = 0; i < 3; i++) cordon.child.kill("SIGHUP");
		t.match(await cordon.hangUp(), /reloaded/);
		await traffic.goOn(200);
		t.equal(await traffic.stop(), 0, "every query was answered");
		t.equal(await more.stop(), 0);
		t.strictSame(
			Array.from(traffic.verdicts.keys()).sort(),
			["cached.any.example 192.0.2.1", "two.bad.example 0.0.0.0"],
			"and every answer was right",
		);
		t.strictSame(Array.from(more.verdicts.keys()), ["192.0.2.1"]);
		t.notMatch(cordon.stderr, /ERROR/);
		t.comment(`${traffic.answered} and ${more.answered} queries, all answered`);
		t.match(await cordon.stop(), { code: 0 });
	});
}

test("a reload that the admin server cannot follow", async (t) => {
	const authority = await Authority.start(t);
	const other = await Cordon.start(t, settings(authority.url));
	const cordon = await Cordon.start(t, settings(authority.url));
	const admin = other.admin.replace("http://", "");
	const from = cordon.now;
	t.match(await cordon.reload({ listen: { admin }, blocking: { deny: ["bad.example"] } }), /reloaded/);
	t.match(cordon.stderr.slice(from), /ERROR admin: the admin server stays where it was/);
	t.equal(address(await askName(cordon.dns[0] ?? "", "bad.example")), "0.0.0.0");
	t.match(await cordon.reload({ listen: { admin: false } }), /reloaded/);
	await t.rejects(cordon.get("/healthz"));
	t.match(await cordon.stop(), { code: 0 });
});

test("SIGHUP again and again while it reloads and starts", async (t) => {
	const authority = await Authority.start(t);
	authority.set("www.example", TYPE.A, a("192.0.2.3"));
	const directory = folder(t);
	const cordon = new Cordon(t, settings(authority.url), directory);
	await cordon.logged(/the blocklist is compiled/);
	for (let i = 0; i < 5; i++) cordon.child.kill("SIGHUP");
	await cordon.ready();
	t.match(await cordon.hangUp(), /reloaded/);
	t.equal(address(await askName(cordon.dns[0] ?? "", "www.example")), "192.0.2.3");
	t.match(await cordon.stop(), { code: 0 });
});
