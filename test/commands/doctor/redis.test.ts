import { test } from "tap";
import { REDIS } from "../../../src/commands/doctor/redis.ts";
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
			text: /refuses to its user: HDEL, ZREM, XLEN, XRANGE.*EVALSHA.*TIME/,
			mend: /docs\/pool\.md/,
		},
	]);
	const wrong = await look(
		REDIS,
		await patient(t, shared(server.port, { username: "weak", password: "other" })),
	);
	t.match(wrong, [{ level: "fault", text: /Redis at 127\.0\.0\.1:\d+ / }]);
	t.notMatch(JSON.stringify(wrong), /other/);
});

test("the rights of docs/pool.md are enough", async (t) => {
	const server = await RedisServer.start(t, { conf: ["appendonly yes"] });
	const rights =
		"+hlen +hget +hmget +hgetall +hset +hdel +hkeys +hscan +hexists +zadd +zrem +zscore +zcard +zrangebyscore +xadd +xtrim +xlen +xrange +xread +get +set +del +unlink +exists +expire +persist +rename +type +sadd +srem +smembers +eval +evalsha +time +wait +info +ping +client|setname +cluster|slots";
	await server.must(
		"acl",
		"setuser",
		"cordon",
		"on",
		">pw",
		"resetchannels",
		"~cordon:*",
		...rights.split(" "),
	);
	const found = await look(
		REDIS,
		await patient(t, shared(server.port, { username: "cordon", password: "pw" })),
	);
	t.equal(levels(found), "ok");
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
