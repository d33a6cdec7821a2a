import { test } from "tap";
import { REDIS } from "../../../src/commands/doctor/redis.ts";
import { startCluster } from "../../pool/redis/cluster.ts";
import { RedisServer } from "../../pool/redis/server.ts";
import { closedPort } from "../../upstream/server.ts";
import { levels, look, patient } from "./patient.ts";

function shared(port: number, redis: Record<string, unknown> = {}) {
	return { pool: { store: "redis", redis: { url: `redis://127.0.0.1:${port}`, ...redis } } };
}

test("a Redis that keeps what it is given", async (t) => {
	const server = await RedisServer.start(t, { conf: ["appendonly yes"] });
	const found = await look(REDIS, await patient(t, shared(server.port)));
	t.match(found, [{ level: "ok", text: /is Redis \d.*round trip.*there is no pool default yet/ }]);
	t.equal(await server.must("dbsize"), "0", "nothing was written");
});

test("one that loses the pool: at a restart, when it is full, in a failover", async (t) => {
	const server = await RedisServer.start(t, {
		conf: ["maxmemory-policy allkeys-lru", "appendonly no", "min-replicas-to-write 1", "maxmemory 2mb"],
	});
	const found = await look(REDIS, await patient(t, shared(server.port, { waitReplicas: 1 })));
	const texts = found.map(({ level, text }) => `${level} ${text}`).join("\n");
	for (const said of [
		/^fault .*keeps nothing on disk: a restart loses the whole pool$/m,
		/^fault .*maxmemory-policy is allkeys-lru$/m,
		/^fault .*has 0 replicas and takes changes with 1 only \(min-replicas-to-write\)$/m,
		/^fault pool\.redis\.waitReplicas is 1, and .* has 0 replicas: no change is confirmed$/m,
	]) {
		t.match(texts, said);
	}
	t.match(
		found.map(({ mend }) => mend ?? "").join("\n"),
		/redis-cli CONFIG SET maxmemory-policy noeviction && redis-cli CONFIG REWRITE/,
	);
});

test("a user with too few rights, and a wrong password", async (t) => {
	const server = await RedisServer.start(t, { conf: ["appendonly yes"] });
	await server.must(
		"acl",
		"setuser",
		"weak",
		"on",
		">pw",
		"~cordon:*",
		"+hlen",
		"+hexists",
		"+ping",
		"+client|setname",
	);
	const weak = await look(REDIS, await patient(t, shared(server.port, { username: "weak", password: "pw" })));
	t.match(weak, [
		{ level: "note", text: /does not tell its version/ },
		{
			level: "fault",
			text: /refuses commands to its user weak: HGETALL, .*HSET, HDEL, .*XADD, .*RENAME, EVALSHA, EVAL, XREAD, TIME \(tried on cordon:\{default\}:none\)$/,
			mend: /^redis-cli ACL SETUSER weak \+hgetall .*\+hset \+hdel .*\+xadd .*\+evalsha \+eval .*\+time, .*docs\/pool\.md/,
		},
	]);
	t.equal(weak.length, 2);
	t.notMatch(weak[1].text, /\bHLEN|HEXISTS/, "what it may is not told");
	const wrong = await look(
		REDIS,
		await patient(t, shared(server.port, { username: "weak", password: "other" })),
	);
	t.match(wrong, [{ level: "fault", text: /Redis at 127\.0\.0\.1:\d+ / }]);
	t.notMatch(JSON.stringify(wrong), /other/);
});

test("the rights of docs/pool.md are enough", async (t) => {
	const server = await RedisServer.start(t, { conf: ["appendonly yes"] });
	await server.must("acl", "setuser", "cordon", "on", ">pw", "resetchannels", "~cordon:*", ...RIGHTS);
	const found = await look(
		REDIS,
		await patient(t, shared(server.port, { username: "cordon", password: "pw" })),
	);
	t.equal(levels(found), "ok");
});

/** The rights of docs/pool.md. */
const RIGHTS =
	"+hlen +hget +hmget +hgetall +hset +hdel +hkeys +hscan +hexists +zadd +zrem +zscore +zcard +zrangebyscore +xadd +xtrim +xlen +xrange +xread +get +set +del +unlink +exists +expire +persist +rename +type +sadd +srem +smembers +eval +evalsha +time +wait +info +ping +client|setname +cluster|slots".split(
		" ",
	);

test("each right of docs/pool.md is missed by name, and the line that gives it mends it", async (t) => {
	const server = await RedisServer.start(t, { conf: ["appendonly yes"] });
	const waiting = { username: "cordon", password: "pw", waitReplicas: 1 };
	const of = await patient(t, shared(server.port, waiting));
	const needless = ["+info", "+ping", "+client|setname", "+cluster|slots"];
	for (const right of RIGHTS.filter((one) => !needless.includes(one))) {
		const others = RIGHTS.filter((one) => one !== right);
		await server.must("acl", "setuser", "cordon", "reset", "on", ">pw", "~cordon:*", ...others);
		const found = (await look(REDIS, of)).filter(({ text }) => text.includes("its user"));
		const name = right.slice(1).toUpperCase();
		t.equal(found.length, 1, name);
		// Without EVAL it cannot be seen whether SADD may be used, which only scripts do.
		t.match(found[0].text, new RegExp(`refuses commands to its user cordon: ${name}(?: \\(|$)`));
		const line = /^redis-cli (ACL SETUSER cordon \S+), /.exec(found[0].mend ?? "")?.[1] ?? "";
		t.equal(line, `ACL SETUSER cordon ${right}`);
		await server.must(...line.split(" "));
		const after = await look(REDIS, of);
		t.same(
			after.filter(({ text }) => text.includes("its user")),
			[],
		);
	}
	t.equal(await server.must("dbsize"), "0", "nothing is left of it");
});

test("keys: another prefix, one key too few, and a user who may only read", async (t) => {
	const server = await RedisServer.start(t, { conf: ["appendonly yes"] });
	const of = await patient(t, shared(server.port, { username: "cordon", password: "pw" }));
	const given = async (...patterns: readonly string[]) => {
		await server.must("acl", "setuser", "cordon", "reset", "on", ">pw", ...patterns, ...RIGHTS);
		return await look(REDIS, of);
	};
	const other = await given("~other:*");
	t.match(other, [
		{
			level: "fault",
			text: /refuses keys to its user cordon: \S+ on cordon:\{default\}:none, .*, and \d+ keys more$/,
			mend: /^redis-cli ACL SETUSER cordon '~cordon:\*', /,
		},
	]);
	t.equal(other.length, 1);
	const few = await given("~cordon:{default}:[b-z]*");
	t.match(few, [{ level: "fault", text: /its user cordon: HSET on cordon:\{default\}:audit$/ }]);
	const reading = await given("%R~cordon:*");
	t.match(reading, [{ level: "fault", text: /its user cordon: \S+ on cordon:\{default\}:none, HSET on / }]);
	t.equal(levels(await given("~cordon:*")), "ok");
	t.equal(await server.must("dbsize"), "0", "nothing is left of it");
});

test("a user who may write, to a Redis that takes no changes", async (t) => {
	const server = await RedisServer.start(t, { conf: ["appendonly yes", "maxmemory 1"] });
	await server.must("acl", "setuser", "cordon", "on", ">pw", "~cordon:*", ...RIGHTS, "-info");
	const found = await look(
		REDIS,
		await patient(t, shared(server.port, { username: "cordon", password: "pw" })),
	);
	t.match(found, [{ level: "note" }, { level: "fault", text: /is full \(maxmemory\): nothing was written/ }]);
});

test("a pool that is there is as it was, and a database has to be chosen", async (t) => {
	const server = await RedisServer.start(t, { conf: ["appendonly yes"] });
	await server.must("hset", "cordon:{default}:meta", "epoch", "0123456789", "seq", "4");
	await server.must("acl", "setuser", "cordon", "on", ">pw", "~cordon:*", ...RIGHTS);
	const user = { username: "cordon", password: "pw" };
	const position = async () =>
		/^master_repl_offset:(\d+)/m.exec(await server.must("info", "replication"))?.[1];
	const before = await server.must("hgetall", "cordon:{default}:meta");
	const found = await look(REDIS, await patient(t, shared(server.port, user)));
	t.match(found, [{ level: "ok", text: /the pool default is in it/ }]);
	t.equal(await server.must("hgetall", "cordon:{default}:meta"), before);
	t.equal(await server.must("dbsize"), "1");
	t.equal(await position(), "0");
	const second = await look(REDIS, await patient(t, shared(server.port, { ...user, database: 2 })));
	t.match(
		second.map(({ text, mend }) => `${text} → ${mend}`),
		[/refuses commands to its user cordon: SELECT → redis-cli ACL SETUSER cordon \+select, /],
	);
});

test("a Cluster, on whichever node the pool is", async (t) => {
	const cluster = await startCluster(t);
	const nodes = cluster.masters.map(({ port }) => `127.0.0.1:${port}`);
	const owner = await cluster.owner("cordon:{default}:meta");
	await owner.must("acl", "setuser", "cordon", "on", ">pw", "~cordon:*", ...RIGHTS, "-xadd");
	for (const other of cluster.masters.filter((one) => one !== owner)) {
		await other.must("acl", "setuser", "cordon", "on", ">pw", "~cordon:*", ...RIGHTS);
	}
	const pool = { store: "redis", redis: { cluster: nodes, username: "cordon", password: "pw" } };
	const found = await look(REDIS, await patient(t, { pool }));
	t.match(
		found.filter(({ text }) => text.includes("its user")),
		[{ level: "fault", text: /refuses commands to its user cordon: XADD/ }],
	);
	t.equal(await owner.must("dbsize"), "0");
});

test("one that is not there, and one that does not answer", async (t) => {
	const gone = await look(REDIS, await patient(t, shared(await closedPort())));
	t.match(gone, [{ level: "fault", text: /Redis at 127\.0\.0\.1:\d+ /, mend: /redis-cli/ }]);
	const server = await RedisServer.start(t);
	server.pause();
	const stuck = await look(REDIS, await patient(t, shared(server.port, { timeout: "200ms" })));
	t.match(stuck, [{ level: "fault", text: /Redis at 127\.0\.0\.1/ }]);
});

test("no Redis without a shared pool", async (t) => {
	t.equal(levels(await look(REDIS, await patient(t, {}))), "ok");
});
