/** The query log of the whole program: what it says of each question, and what happens to it meanwhile. */
import { existsSync, mkdirSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Test, test } from "tap";
import { Authority, a, cname } from "./authority.ts";
import { ask, askName, Stream } from "./client.ts";
import { Cordon, ENGINES, folder, type Settings, settings } from "./cordon.ts";
import { address, question, TYPE } from "./message.ts";
import { type Line, linesOf, written } from "./query-log.ts";

const PRELOAD = ["--import", new URL("crashing.js", import.meta.url).href];

async function logging(
	t: Test,
	queries: Settings,
	over: Settings = {},
	nodeArguments: readonly string[] = [],
) {
	const authority = await Authority.start(t);
	const directory = folder(t);
	writeFileSync(join(directory, "list.txt"), "||listed.example^\n||tracker.example^\n");
	const config = settings(
		authority.url,
		{
			blocking: { deny: ["bad.example"], rebinding: { enabled: true } },
			lists: [{ name: "trackers", file: "list.txt", category: "ads" }],
			log: { queries: { to: "queries.log", ...queries } },
		},
		over,
	);
	const cordon = await Cordon.start(t, config, directory, nodeArguments);
	return { authority, cordon, server: cordon.dns[0] ?? "", path: join(directory, "queries.log") };
}

function byName(lines: readonly Line[]): Map<unknown, Line> {
	return new Map(lines.map((line) => [line.name, line]));
}

for (const engine of ENGINES) {
	test(`each question with its source and its reason, engine ${engine}`, async (t) => {
		const { authority, cordon, server, path } = await logging(
			t,
			{
				fields: [
					"time",
					"client",
					"transport",
					"name",
					"type",
					"rcode",
					"via",
					"category",
					"action",
					"reason",
					"list",
					"upstream",
					"durationMs",
					"ede",
					"clientPort",
					"answers",
				],
			},
			{ listen: { udpEngine: engine }, workers: 1 },
		);
		authority.records.set(`alias.example ${TYPE.A}`, [cname("cdn.tracker.example"), a("192.0.2.9")]);
		authority.records.set(`private.example ${TYPE.A}`, [a("192.168.1.1")]);
		const start = Date.now();
		for (const name of ["bad.example", "sub.listed.example", "alias.example", "private.example", "localhost"])
			await askName(server, name);
		for (let i = 0; i < 2; i++) t.equal(address(await askName(server, "www.any.example")), "192.0.2.1");
		const transfer = question("zone.example", 252);
		await ask(server, transfer);
		const stream = await Stream.open(server);
		stream.send(question("BAD.example", TYPE.AAAA));
		await stream.receive(1);
		t.match(await cordon.stop(), { code: 0 });
		const lines = linesOf(path);
		t.equal(lines.length, 9, "stopping writes all of them");
		const named = byName(lines.slice(0, -1));
		const upstream = authority.url;
		t.match(lines[0], { name: "bad.example", type: "A", transport: "udp", client: "127.0.0.1" });
		t.match(named.get("bad.example"), {
			via: "blocked",
			reason: "name",
			list: "config",
			action: "zero-ip",
			ede: 15,
		});
		t.match(named.get("sub.listed.example"), { via: "blocked", list: "trackers", category: "ads" });
		t.match(named.get("alias.example"), { via: "blocked", reason: "alias", list: "trackers", upstream });
		const rebinding = named.get("private.example");
		t.match(rebinding, { via: "blocked", reason: "rebinding", upstream });
		t.notOk("list" in (rebinding ?? {}));
		t.match(named.get("localhost"), { via: "local", answers: ["A 127.0.0.1"] });
		t.match(named.get("zone.example"), { via: "refused", type: "AXFR", rcode: "REFUSED", ede: 21 });
		const twice = lines.filter(({ name }) => name === "www.any.example");
		t.match(twice, [{ via: "upstream", upstream, answers: ["A 192.0.2.1"] }, { via: "cache" }]);
		t.notOk("upstream" in (twice[1] ?? {}));
		t.match(lines[8], { transport: "tcp", name: "bad.example", type: "AAAA", via: "blocked" });
		for (const { time, clientPort, durationMs } of lines) {
			t.ok(Math.abs(Date.parse(String(time)) - start) < 120_000);
			t.ok(Number(clientPort) > 0 && Number(durationMs) >= 0);
		}
		t.equal(statSync(path).mode & 0o137, 0, "nobody but owner and group");
	});
}

test("what is left out: kinds, names and clients", async (t) => {
	const { cordon, server, path } = await logging(t, { only: ["blocked"], ignore: ["listed.example"] });
	for (const name of ["www.any.example", "SUB.listed.example", "bad.example"]) await askName(server, name);
	t.match(await cordon.reload({ log: { queries: { only: [], exceptClients: ["::1/128"] } } }), /reloaded/);
	await askName(cordon.dns[1] ?? "", "six.any.example");
	await askName(server, "four.any.example");
	t.match(await cordon.reload({ log: { queries: { exceptClients: [], clients: ["::1/128"] } } }), /reloaded/);
	await askName(cordon.dns[1] ?? "", "six.any.example");
	await askName(server, "four.any.example");
	await cordon.stop();
	t.strictSame(
		linesOf(path).map(({ name, client }) => [name, client]),
		[
			["bad.example", "127.0.0.1"],
			["four.any.example", "127.0.0.1"],
			["six.any.example", "::1"],
		],
	);
});

test("switched on, changed and switched off by SIGHUP, which also opens the file anew", async (t) => {
	const { cordon, server, path } = await logging(t, { to: "off" }, { workers: 1 });
	await askName(server, "bad.example");
	t.match(await cordon.reload({ log: { queries: { to: "queries.log" } } }), /reloaded/);
	await askName(server, "one.bad.example");
	t.match(await written(path, 1), [{ name: "one.bad.example", list: "config" }]);
	renameSync(path, `${path}.1`);
	t.match(await cordon.hangUp(), /reloaded/);
	await askName(server, "two.bad.example");
	t.match(await written(path, 1), [{ name: "two.bad.example" }]);
	const lists = { lists: [], log: { queries: { to: "other.log", privacy: "prefix" } } };
	t.match(await cordon.reload(lists), /reloaded/);
	const other = join(cordon.directory, "other.log");
	await askName(server, "three.bad.example");
	t.match(await written(other, 1), [{ name: "three.bad.example", client: "127.0.0.0/24", list: "config" }]);
	t.match(await cordon.reload({ log: { queries: { to: "off" } } }), /reloaded/);
	await askName(server, "four.bad.example");
	t.match(await cordon.reload({ log: { queries: { to: "other.log" } } }), /reloaded/);
	await askName(server, "five.bad.example");
	await cordon.stop();
	t.strictSame(
		linesOf(other).map(({ name }) => name),
		["three.bad.example", "five.bad.example"],
	);
	t.equal(linesOf(`${path}.1`).length, 1);
	t.equal(cordon.stderr.match(/ERROR/g), null);
});

test("a worker that dies takes no line along", async (t) => {
	const { cordon, server, path } = await logging(
		t,
		{},
		{ listen: { udpEngine: "batch" }, workers: 1 },
		PRELOAD,
	);
	await askName(server, "one.bad.example");
	const from = cordon.now;
	cordon.child.kill("SIGWINCH");
	await cordon.logged(/a worker crashed and is started again/, from);
	await askName(server, "two.bad.example");
	await cordon.stop();
	t.match(linesOf(path), [{ name: "one.bad.example" }, { name: "two.bad.example", list: "config" }]);
});

test("the thread that writes dies: answers go on, and what was recorded meanwhile is written", async (t) => {
	process.env.CRASHING_SCRIBE = "1";
	t.teardown(() => {
		delete process.env.CRASHING_SCRIBE;
	});
	const { cordon, server, path } = await logging(t, {}, {}, PRELOAD);
	await askName(server, "one.bad.example");
	await written(path, 1);
	cordon.child.kill("SIGWINCH");
	await cordon.logged(
		/ERROR scribe: the thread that writes the query log and dnstap crashed.*a bug in a worker/,
	);
	t.equal(address(await askName(server, "two.bad.example")), "0.0.0.0");
	t.match(await written(path, 2), [{ name: "one.bad.example" }, { name: "two.bad.example" }]);
	const { body } = await cordon.get("/metrics");
	t.match(body, /^cordon_querylog_records_total 2$/m);
	t.match(body, /^cordon_querylog_dropped_total\{reason="ring-full"\} 0$/m);
	t.match(await cordon.stop(), { code: 0 });
});

test("a folder that is missing keeps nobody from being answered", async (t) => {
	const { cordon, server } = await logging(t, { to: "logs/queries.log" });
	await cordon.logged(/ERROR scribe: the query log cannot be written.*ENOENT/);
	t.equal(address(await askName(server, "bad.example")), "0.0.0.0");
	mkdirSync(join(cordon.directory, "logs"));
	await cordon.logged(/INFO +scribe: the query log can be written again/);
	await cordon.stop();
	t.match(linesOf(join(cordon.directory, "logs", "queries.log")), [{ name: "bad.example" }]);
	t.equal(cordon.stderr.match(/cannot be written/g)?.length, 1);
});

test("to the console, as text, without clients", async (t) => {
	const { cordon, server, path } = await logging(t, { to: "console", format: "text", privacy: "none" });
	const from = cordon.stdout.length;
	await askName(server, 'we\\"ird.bad.example');
	await askName(server, "bad.example");
	const [line] = await cordon.printed("stdout", /^.* name=bad\.example .*\n/m, from);
	t.match(
		line,
		/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z transport=udp name=bad\.example type=A rcode=NOERROR via=blocked category=other action=zero-ip reason=name list=config durationMs=0 ede=15\n$/,
	);
	t.notMatch(cordon.stdout.slice(from), /127\.0\.0\.1/);
	t.notOk(existsSync(path));
	t.match(await cordon.stop(), { code: 0 });
});
