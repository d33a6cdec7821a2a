import { test } from "tap";
import { bucketOf } from "../../../src/pool/redis/keys.ts";
import { allRecords, entry, inParts, put, puts } from "../store-contract/pool.ts";
import { openStore } from "./opening.ts";
import { TcpProxy } from "./proxy.ts";
import { RedisServer, singleSettings } from "./server.ts";

const BASE = "cordon:{default}";

test("a pool whose own description is damaged, or another Cordon's", async (t) => {
	const server = await RedisServer.start(t);
	const { store } = await openStore(t, server.settings);
	const { epoch } = await store.create();
	for (const [field, value, pattern] of [
		["format", "2", /has format "2".*update Cordon/],
		["epoch", "../../x", /is damaged/],
		["epoch", `${epoch}\n`, /is damaged/],
		["seq", "-1", /is damaged/],
		["seq", "1e400", /is damaged/],
		["buckets", "0", /is damaged/],
		["buckets", "999999999", /is damaged/],
	] as const) {
		const before = await server.cli("hget", `${BASE}:meta`, field);
		await server.must("hset", `${BASE}:meta`, field, value);
		await t.rejects(store.head(), { name: "PoolUnavailable", message: pattern }, `${field} ${value}`);
		await t.rejects(store.create(), { name: "PoolUnavailable", message: pattern });
		await server.must("hset", `${BASE}:meta`, field, before);
	}
	t.match(await store.head(), { epoch, seq: 0 });
});

test("values of any kind are given through, absurd ones passed over", async (t) => {
	const server = await RedisServer.start(t);
	const { store, log } = await openStore(t, server.settings);
	const start = await store.create();
	await store.commit([put("a.example")], []);
	const bucket = `${BASE}:bucket:${start.epoch}:${bucketOf("a.example", 4096)}`;
	await server.must("hset", bucket, "no key at all", "{", "a.example\tc\tx", "\u0001\u00ff", "", "");
	await server.must(
		"eval",
		"redis.call('HSET', KEYS[1], 'a.example\\tc\\thuge', string.rep('x', 1000000))",
		"1",
		bucket,
	);
	const all = await allRecords(store);
	t.equal(all.size, 4);
	t.equal(all.has("a.example\tc\thuge"), false);
	t.match(log.complaints.join(), /too long.*"records":1/);
	t.same((await store.read("a.example")).map((r) => r.key).sort(), ["a.example\tc\tcert", "a.example\tc\tx"]);

	const filled = "for i = 1, 6000 do redis.call('HSET', KEYS[1], 'x' .. i, 'y') end";
	await server.must("eval", filled, "1", bucket);
	t.equal((await allRecords(store)).size, 6004, "a bucket too large for one step is read in several");
	await t.rejects(store.commit([put("a.example", { reason: "x".repeat(300_000) })], []), RangeError);
});

test("a log with what Cordon never writes", async (t) => {
	const server = await RedisServer.start(t);
	const { store } = await openStore(t, server.settings);
	const start = await store.create();
	const key = `${BASE}:changes:${start.epoch}`;
	const { position } = await store.commit([put("a.example")], []);
	await server.must(
		"xadd",
		key,
		"2-0",
		"t",
		"tok",
		"p",
		position.token,
		"k",
		"x",
		"o",
		"?",
		"v",
		"",
		"e",
		"",
	);
	await server.must("hset", `${BASE}:meta`, "seq", "2", "token", "tok");
	t.match(await store.changesSince(start, 10), { changes: [{ seq: 1 }], position: { seq: 1 } });
	t.equal(await store.changesSince(position, 10), "trimmed", "the state tells better");
	await server.must("xadd", key, "3-0", "nonsense", "1");
	await server.must("hset", `${BASE}:meta`, "seq", "3");
	t.equal(await store.changesSince({ ...position, seq: 2, token: "tok" }, 10), "trimmed");

	await server.must("xadd", key, "9-0", "ahead", "1");
	const before = await allRecords(store);
	await t.rejects(store.commit([put("b.example")], []), {
		name: "PoolUnavailable",
		message: /is damaged.*does not fit its log/,
	});
	t.strictSame(await allRecords(store), before, "where the log has no room for it, nothing is written");
});

test("a batch and an audit that somebody wrote into", async (t) => {
	const server = await RedisServer.start(t);
	const { store, log } = await openStore(t, server.settings);
	const { epoch } = await store.create();
	const staged = { id: "b", member: "cert", state: "applying", created: 1, reason: "" } as const;
	await store.stage(staged, inParts(puts(1500), 500));
	await server.must("hset", `${BASE}:edits:${epoch}:b`, "1", '[["x",1]]');
	t.equal((await store.advance("b")).done, false);
	await t.rejects(store.advance("b"), { name: "PoolUnavailable", message: /batch b.*part 1.*damaged/ });
	t.equal((await allRecords(store)).size, 1000, "what was whole is there");
	await server.must("sadd", `${BASE}:batches:${epoch}`, "ghost", "bad");
	await server.must("hset", `${BASE}:batch:${epoch}:bad`, "state", "strange");
	t.same(
		(await store.batches()).map((b) => b.id),
		["b"],
	);
	t.match(log.complaints.join(), /batch in the shared pool is damaged.*:bad/);
	await t.rejects(store.stage({ ...staged, id: "a/b" }, inParts(puts(1), 1)), RangeError);

	await store.commit([], [entry("add")]);
	await server.must("xadd", `${BASE}:audit`, "*", "details", "{", "action", "strange");
	const said = await store.audit(undefined, 10);
	t.match(said, [{ action: "add" }, { action: "strange", actor: "", details: {} }]);
	await t.rejects(store.audit("nonsense", 10), RangeError);
});

test("how a server is set up is looked at, and said once", async (t) => {
	const careless = await RedisServer.start(t, { conf: ["maxmemory-policy allkeys-lru"] });
	const { store, log } = await openStore(t, careless.settings);
	t.match(store.warnings, [/maxmemory-policy is allkeys-lru.*noeviction/, /keeps nothing on disk/]);
	t.equal(log.complaints.length, 2);

	const careful = await RedisServer.start(t, { conf: ["appendonly yes", "maxmemory-policy noeviction"] });
	t.strictSame((await openStore(t, careful.settings)).store.warnings, []);
	const saving = await RedisServer.start(t);
	await saving.must("config", "set", "save", "3600 1");
	t.strictSame((await openStore(t, saving.settings)).store.warnings, []);

	const secretive = await RedisServer.start(t, { conf: ["maxmemory-policy noeviction"] });
	await secretive.must("acl", "setuser", "default", "-config", "-info");
	t.strictSame(
		(await openStore(t, secretive.settings)).store.warnings,
		[],
		"what may not be asked is not guessed",
	);

	const proxy = await TcpProxy.start(t, careful.port);
	proxy.alter = (said) =>
		Buffer.from(said.toString("latin1").replace("redis_version:7.0.", "redis_version:6.0."), "latin1");
	const { store: old } = await openStore(t, singleSettings(proxy.port));
	await t.rejects(old.head(), {
		name: "PoolUnavailable",
		message: /is Redis 6\.0\.\d+, which is too old: 6\.2/,
	});
});
