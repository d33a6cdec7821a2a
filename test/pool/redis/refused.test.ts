import { test } from "tap";
import type { RedisSettings } from "../../../src/config/pool-settings.ts";
import { Faults } from "../../../src/pool/redis/fault.ts";
import { PoolUnavailable } from "../../../src/pool/store.ts";
import { freePort } from "../../bench/free-port.ts";
import { allRecords, entry, expired, inParts, put, puts } from "../store-contract/pool.ts";
import { makeCertificate, startTlsRedis } from "./certificate.ts";
import { startCluster } from "./cluster.ts";
import { openStore, writePast } from "./opening.ts";
import { startSentinels } from "./sentinels.ts";
import { RedisServer, singleSettings } from "./server.ts";
import { until } from "./until.ts";
import { checkWhole } from "./whole.ts";

const SECRET = "correct-horse";
const DAY = 86_400_000;
const WISH = { keepMs: 730 * DAY, most: 1_000_000 };

/** docs/pool.md says the same: all that the pool needs, and no more. */
const RIGHTS = [
	"+hlen +hget +hmget +hgetall +hset +hdel +hkeys +hscan +hexists",
	"+zadd +zrem +zscore +zcard +zrangebyscore +xadd +xtrim +xlen +xrange +xread",
	"+get +set +del +unlink +exists +expire +persist +rename +type +sadd +srem +smembers",
	"+eval +evalsha +time +wait +info +ping +client|setname +cluster|slots",
].flatMap((line) => line.split(" "));

test("a server that wants a password", async (t) => {
	const server = await RedisServer.start(t, {
		conf: [`requirepass ${SECRET}`],
		cliArguments: ["--no-auth-warning", "-a", SECRET],
	});

	for (const [password, pattern] of [
		["wrong-password-7", /refuses the user name or password.*pool\.redis\.passwordFile/],
		[undefined, /wants a password.*pool\.redis\.passwordFile/],
	] as const) {
		const settings = { ...server.settings, ...(password === undefined ? {} : { password }) };
		const { store, log, states } = await openStore(t, settings);
		const failed = await store.head().catch((error: unknown) => error);
		t.ok(failed instanceof PoolUnavailable);
		t.match(String(failed), pattern);
		t.match(String(failed), `127.0.0.1:${server.port}`);
		t.match(states, [{ up: false, problem: pattern }]);
		t.equal(log.complaints.length, 1);
		t.notMatch(JSON.stringify([log.lines, states, Object.entries(failed as object)]), password ?? SECRET);
	}

	const { store, states } = await openStore(t, { ...server.settings, password: SECRET });
	t.match(await store.create(), { seq: 0 });
	t.strictSame(states, [{ up: true }]);
	await server.must("config", "set", "requirepass", "another-one-8");
	await server.cli("-a", "another-one-8", "client", "kill", "type", "normal");
	await until("it to be refused", () => /refuses the user name or password/.test(store.problem ?? ""));
	await server.cli("-a", "another-one-8", "config", "set", "requirepass", SECRET);
	await until("it to be let in again", () => store.up);
	t.match(states, [{ up: true }, { up: false }, { up: true }]);
});

test("a user with the rights that the documentation names can do everything", async (t) => {
	const server = await RedisServer.start(t);
	await server.must("acl", "setuser", "cordon", "on", `>${SECRET}`, "~cordon:*", "resetchannels", ...RIGHTS);
	const at = Date.now() - 800 * DAY;
	const retention = { steady: String(Date.now() - 30 * DAY), looked: String(Date.now()) };
	const entries = Array.from({ length: 5 }, () => ({ ...entry("add"), at }));
	await writePast(server.settings, "default", { entries, retention });
	const settings = { ...server.settings, username: "cordon", password: SECRET };
	const { store, log } = await openStore(t, settings);
	const start = await store.create();
	const now = await store.now();
	await store.commit([put("a.example"), expired("b.example", now)], [entry("add")]);
	t.equal(await store.sweep("node-1", 10), 1);
	t.match(await store.retention.apply("node-1", WISH), { removed: 5 });
	t.match(await store.retention.trimmed(undefined), { entries: 5 });
	await store.stage({ id: "b1", member: "cert", state: "held", created: 1, reason: "" }, inParts(puts(5), 5));
	t.equal(await store.release("b1", entry("approve")), true);
	t.equal((await store.advance("b1")).done, true);
	await store.stage({ id: "b2", member: "cert", state: "held", created: 1, reason: "" }, inParts(puts(5), 5));
	t.equal((await store.batches()).length, 1);
	t.equal(await store.drop("b2", entry("reject")), true);
	await store.remember("key", "outcome");
	t.equal(await store.recall("key"), "outcome");
	await store.addSightings("r", [{ domain: "a.example", hour: now, network: "isp", count: 1 }]);
	t.equal((await store.sightings(["a.example"], 0)).length, 1);
	t.equal((await store.read("a.example")).length, 1);
	await store.wait(start, 10, AbortSignal.timeout(100));
	await checkWhole(t, store, start);
	const kept = puts(3).map(({ key, value }) => ({ key, value: value ?? "" }));
	const { epoch } = await store.restore(inParts(kept, 2), entry("restore"));
	t.not(epoch, start.epoch);
	t.strictSame(log.complaints, [], "what CONFIG would say is not asked for twice");
});

test("a user without the rights", async (t) => {
	const server = await RedisServer.start(t);
	await server.must("acl", "setuser", "cordon", "on", `>${SECRET}`, "~cordon:*", "resetchannels", ...RIGHTS);
	const settings = { ...server.settings, username: "cordon", password: SECRET };
	const { store, states } = await openStore(t, settings);
	const start = await store.create();
	await store.commit([put("a.example")], [entry("add")]);

	for (const command of ["hset", "hdel", "zadd", "zrem", "xadd", "xtrim"]) {
		await server.must("acl", "setuser", "cordon", `-${command}`);
		const adds = store.commit([put("a.example", { confidence: 1 }), put("b.example")], [entry("add")]);
		await t.rejects(
			adds,
			{ name: "PoolUnavailable", message: new RegExp(`ACL SETUSER.*${command.toUpperCase()}`) },
			command,
		);
		await server.must("acl", "setuser", "cordon", `+${command}`);
	}
	t.match(states, [{ up: true }, { up: true, problem: /ACL SETUSER/ }], "it is up, but takes no changes");
	await checkWhole(t, store, start);
	t.equal((await allRecords(store)).size, 1, "nothing of what was refused is there");
	t.equal((await store.audit(undefined, 10)).length, 1);

	await store.commit([put("b.example")], []);
	t.match(states.at(-1), { up: true, problem: undefined }, "it takes changes again");

	await server.must("acl", "setuser", "cordon", "resetkeys", "~other:*");
	await t.rejects(store.head(), { name: "PoolUnavailable", message: /ACL SETUSER/ });
	const { states: second } = await openStore(t, settings);
	t.match(second, [{ up: false, problem: /ACL SETUSER/ }], "what cannot be read is not up");
});

test("a user who may not choose the database does not write into another one", async (t) => {
	const server = await RedisServer.start(t);
	await server.must("acl", "setuser", "cordon", "on", `>${SECRET}`, "~cordon:*", ...RIGHTS);
	const settings = { ...server.settings, username: "cordon", password: SECRET, database: 2 };
	const { store } = await openStore(t, settings);
	await t.rejects(store.create(), { name: "PoolUnavailable", message: /ACL SETUSER.*'select'/ });
	t.equal(await server.must("dbsize"), "0", "nothing was written into database 0");
	await server.must("acl", "setuser", "cordon", "+select");
	await until("it to be let in", () => store.up);
	await store.create();
	t.equal(await server.must("-n", "2", "exists", "cordon:{default}:meta"), "1");
});

test("what is wrong with addresses", async (t) => {
	const server = await RedisServer.start(t);
	const nobody = await freePort();
	const cluster = await startCluster(t);
	const group = await startSentinels(t);
	const at = (port: number) => ({ host: "127.0.0.1", port });
	const stranger = cluster.masters.find((m) => m !== undefined);
	const owner = await cluster.owner("cordon:{default}:meta");
	const other = cluster.masters.find((master) => master !== owner) ?? stranger;
	const cases: readonly [string, RedisSettings, RegExp][] = [
		["nobody is there", singleSettings(nobody), /127\.0\.0\.1:\d+ refuses connections: is it running/],
		["no such database", { ...server.settings, database: 99 }, /has no database 99/],
		[
			"a single server as a Cluster",
			{ ...server.settings, servers: { kind: "cluster", nodes: [at(server.port)] } },
			/is no Cluster/,
		],
		["a Cluster as a single server", singleSettings(other?.port ?? 0), /pool\.redis\.cluster instead/],
		[
			"nobody in the Cluster",
			{ ...server.settings, servers: { kind: "cluster", nodes: [at(nobody)] } },
			/Cluster at 127\.0\.0\.1:\d+ refuses connections/,
		],
		[
			"no Sentinel",
			{ ...server.settings, servers: { kind: "sentinel", sentinels: [at(nobody)], master: "m" } },
			/Sentinels.*ECONNREFUSED|Sentinels.*pool\.redis\.sentinels/,
		],
		[
			"no such master",
			{
				...group.settings,
				servers: {
					kind: "sentinel",
					sentinels: group.sentinels.map((s) => at(s.port)),
					master: "unheard-of",
				},
			},
			/no master named unheard-of.*pool\.redis\.master/,
		],
	];
	for (const [name, settings, pattern] of cases) {
		const { store } = await openStore(t, settings);
		await t.rejects(store.head(), { name: "PoolUnavailable", message: pattern }, name);
		await store.close();
	}
	const [, replica] = group.servers;
	const { store, log } = await openStore(t, replica.settings);
	t.equal(await store.head(), undefined, "a replica can be read");
	t.match(log.complaints.join(), /is a replica.*Name the master/);
	await t.rejects(store.create(), { name: "PoolUnavailable", message: /takes no writes.*master/ });
	t.equal(store.up, true);
});

test("TLS", async (t) => {
	const certificate = await makeCertificate(t);
	const server = await startTlsRedis(t, certificate);
	const { ca } = certificate;
	const named = await startTlsRedis(t, await makeCertificate(t, ["DNS:redis.test"]));
	const strict = await startTlsRedis(t, certificate, true);
	const plain = await RedisServer.start(t);
	const { ca: otherCa } = await makeCertificate(t, ["DNS:redis.test"]);

	const { store, states } = await openStore(t, { ...server.settings, tls: { ca } });
	const start = await store.create();
	await store.commit(puts(10), []);
	await checkWhole(t, store, start);
	t.strictSame(states, [{ up: true }]);

	const cases: readonly [string, RedisSettings, RegExp][] = [
		["nobody signed it", { ...server.settings, tls: {} }, /nobody we trust has signed.*pool\.redis\.tls\.ca/],
		["another signed it", { ...server.settings, tls: { ca: otherCa } }, /nobody we trust has signed/],
		["no TLS there", { ...plain.settings, tls: { ca } }, /TLS/],
		["TLS there, none here", server.settings, /closed the connection.*(look at its log|pool\.redis\.tls)/],
		["no certificate of ours", { ...strict.settings, tls: { ca } }, /TLS|closed the connection/],
		[
			"a file that is no certificate",
			{ ...server.settings, tls: { ca, cert: "nonsense", key: "nonsense" } },
			/pool\.redis\.tls/,
		],
	];
	for (const [name, settings, pattern] of cases) {
		const { store, states } = await openStore(t, settings);
		await t.rejects(store.head(), { name: "PoolUnavailable", message: pattern }, name);
		t.match(states, [{ up: false }], name);
		await store.close();
	}
	const nameCa = await named.cli("config", "get", "tls-cert-file").then((said) => said.split("\n")[1]);
	const { readFileSync } = await import("node:fs");
	const trusted = readFileSync(nameCa, "utf8");
	const other = await openStore(t, { ...named.settings, tls: { ca: trusted } });
	await t.rejects(other.store.head(), { message: /another name.*pool\.redis\.tls\.serverName/ });
	const right = await openStore(t, { ...named.settings, tls: { ca: trusted, serverName: "redis.test" } });
	t.equal(await right.store.head(), undefined);
	const { certFile, keyFile } = certificate;
	const [cert, key] = [readFileSync(certFile, "utf8"), readFileSync(keyFile, "utf8")];
	const welcome = await openStore(t, { ...strict.settings, tls: { ca, cert, key } });
	t.equal(await welcome.store.head(), undefined);
});

test("each fault has a sentence that names the address and what to do, and no secret", (t) => {
	const faults = new Faults({ ...singleSettings(6379), password: SECRET });
	const coded = (code: string) => Object.assign(new Error(`${code} ${SECRET}`), { code });
	const errors: readonly [Error, string, RegExp][] = [
		[coded("ENOTFOUND"), "lost", /does not resolve/],
		[coded("EAI_AGAIN"), "lost", /cannot be resolved/],
		[coded("EHOSTUNREACH"), "lost", /firewall/],
		[coded("ETIMEDOUT"), "lost", /does not answer/],
		[coded("CERT_HAS_EXPIRED"), "lost", /expired: renew/],
		[new Error("LOADING Redis is loading the dataset in memory"), "away", /loading/],
		[new Error("CLUSTERDOWN The cluster is down"), "away", /CLUSTER INFO/],
		[new Error("MASTERDOWN Link with MASTER is down"), "away", /lost its master/],
		[new Error("MISCONF Redis is configured to save RDB snapshots"), "refused", /cannot save its data/],
		[new Error("NOREPLICAS Not enough good replicas to write."), "refused", /too few replicas/],
		[new Error("BUSY Redis is busy running a script."), "away", /SCRIPT KILL/],
		[new Error("MOVED 1 192.0.2.1:6379"), "lost", /pool\.redis\.cluster/],
		[new Error("Too many Cluster redirections. Last error: MOVED"), "lost", /node to node/],
		[new Error("ERR max number of clients reached"), "lost", /maxclients/],
		[new Error("DENIED Redis is running in protected mode"), "lost", /protected mode/],
		[new Error("Command timed out"), "lost", /within 5000 ms \(pool\.redis\.timeout\)/],
		[
			new Error(
				"ERR Error running script (call to f_1): @user_script:3: -OOM command not allowed when used memory",
			),
			"refused",
			/is full \(maxmemory\)/,
		],
		[
			new Error("ERR Error running script (call to f_1): @user_script: 9: WRONGTYPE Operation against a key"),
			"refused",
			/something else under a key/,
		],
		[new Error(`ERR unheard of ${SECRET}\nand more`), "refused", /refuses: ERR unheard of \*\*\* and more/],
	];
	for (const [error, kind, pattern] of errors) {
		const fault = faults.of(error);
		t.match(fault, { kind, message: pattern }, error.message);
		t.match(fault.message, "Redis at 127.0.0.1:6379");
		t.notMatch(fault.message, SECRET);
	}
	// A Redis in protected mode hangs up while it says so: what is heard is chance.
	const open = new Faults(singleSettings(6379));
	for (const code of ["EPIPE", "ECONNRESET"]) {
		t.match(open.of(coded(code)).message, /without a password it may be in protected mode/);
		t.notMatch(faults.of(coded(code)).message, /protected mode/);
	}
	t.end();
});
