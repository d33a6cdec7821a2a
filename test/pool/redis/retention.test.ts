/** Retention of the audit on a real server, and what stands in its way. */
import { test } from "tap";
import { entry } from "../store-contract/pool.ts";
import { keepHouse, WISH } from "../sync/keeping-house.ts";
import { openStore, writePast } from "./opening.ts";
import { RedisServer } from "./server.ts";
import { until } from "./until.ts";

const DAY = 86_400_000;
const BASE = "cordon:{default}";

function past(old: number, young: number) {
	const now = Date.now();
	const entries = (count: number, daysAgo: number, action: string) =>
		Array.from({ length: count }, (_, i) => ({
			...entry(action, { n: String(i) }),
			at: now - daysAgo * DAY + i * 1000,
		}));
	return {
		entries: [...entries(old, 800, "add"), ...entries(young, 100, "hold")],
		retention: { steady: String(now - 30 * DAY), looked: String(now - 60_000) },
	};
}

test("two nodes that keep house at once trim it once, and lose nothing that is young", async (t) => {
	const server = await RedisServer.start(t);
	await writePast(server.settings, "default", past(5500, 400));
	const { store: one } = await openStore(t, server.settings);
	const { store: two } = await openStore(t, server.settings);
	await one.create();
	const housekeepers = keepHouse(t, [one, two]);

	const trimmed = () => housekeepers.reduce((sum, housekeeper) => sum + housekeeper.trimmed, 0);
	await until("all that is old is gone", () => trimmed() >= 5500);
	const { length } = await one.audit(undefined, 10_000);
	await until("both see that nothing is left to do", () =>
		housekeepers.every(({ auditEntries }) => auditEntries === length),
	);
	for (const housekeeper of housekeepers) await housekeeper.stop();
	t.equal(trimmed(), 5500);
	const left = await one.audit(undefined, 10_000);
	t.equal(left.filter(({ action }) => action === "hold").length, 400);
	const trims = left.filter(({ action }) => action === "trim");
	t.equal(
		trims.reduce((sum, { details }) => sum + Number(details.entries), 0),
		5500,
		"and the audit tells of each once",
	);
	t.equal(left.length, 400 + trims.length);
	t.equal(await server.cli("exists", `${BASE}:sweeper`), "0", "the lock is given back");
});

test("the clock of a node that runs far ahead trims nothing", async (t) => {
	const server = await RedisServer.start(t);
	await writePast(server.settings, "default", past(0, 50));
	const { store } = await openStore(t, server.settings, { now: () => Date.now() + 20 * 365 * DAY });
	await store.create();
	for (let i = 0; i < 3; i++) {
		t.same(await store.retention.apply("ahead", { ...WISH, keepMs: 300 * DAY }), { removed: 0, entries: 50 });
	}
	const said = await server.cli("hget", `${BASE}:retention`, `keep:${300 * DAY}`);
	t.ok(Math.abs(Number(said) - Date.now()) < 60_000, "its wish bears the time of Redis");
});

test("whoever has not the lock trims nothing", async (t) => {
	const server = await RedisServer.start(t);
	await writePast(server.settings, "default", past(50, 10));
	const { store } = await openStore(t, server.settings);
	await store.create();
	await server.must("set", `${BASE}:sweeper`, "another");
	t.same(await store.retention.apply("node-1", WISH), { removed: 0, entries: 60 });
	t.equal(await server.cli("get", `${BASE}:sweeper`), "another");
	await server.must("del", `${BASE}:sweeper`);
	t.same(await store.retention.apply("node-1", WISH), { removed: 50, entries: 11 });
});

test("what was cut past Cordon is not counted as retention", async (t) => {
	const server = await RedisServer.start(t);
	await writePast(server.settings, "default", past(50, 10));
	const { store } = await openStore(t, server.settings);
	await store.create();
	await server.must("xtrim", `${BASE}:audit`, "maxlen", "=", "30");
	t.same(await store.retention.apply("node-1", WISH), { removed: 20, entries: 11 });
	t.match(await store.retention.trimmed(undefined), { entries: 20 });
});

test("a full server is trimmed all the same", async (t) => {
	const server = await RedisServer.start(t, { conf: ["maxmemory-policy noeviction"] });
	await writePast(server.settings, "default", past(3000, 10));
	const { store } = await openStore(t, server.settings);
	await store.create();
	await server.must("config", "set", "maxmemory", "1mb");
	await t.rejects(store.commit([], [entry("add")]), { name: "PoolUnavailable" }, "it is full");
	t.match(await store.retention.apply("node-1", WISH), { removed: 1000 });
});

test("foreign things under its names, and a user without the right to count", async (t) => {
	const server = await RedisServer.start(t);
	await writePast(server.settings, "default", past(50, 10));
	await server.must("acl", "setuser", "cordon", "on", ">secret", "~cordon:*", "+@all", "-xlen");
	const settings = { ...server.settings, username: "cordon", password: "secret" };
	const { store, states } = await openStore(t, settings);
	await store.create();
	await t.rejects(store.retention.apply("node-1", WISH), {
		name: "Error",
		message: /ACL SETUSER.*XLEN.*the audit is not trimmed/,
	});
	await server.must("acl", "setuser", "cordon", "+xlen");

	await server.must("rename", `${BASE}:retention`, "aside");
	await server.must("set", `${BASE}:retention`, "something else");
	await t.rejects(store.retention.apply("node-1", WISH), {
		name: "Error",
		message: /something else \(string\) under cordon:\{default\}:retention.*remove that key/,
	});
	t.strictSame(states, [{ up: true }], "the pool takes changes all the same");
	t.equal((await store.audit(undefined, 100)).length, 60, "nothing is gone");
	await server.must("del", `${BASE}:retention`);

	for (const [field, value] of [
		["steady", "soon"],
		["looked", "9".repeat(30)],
		[`keep:${"9".repeat(15)}`, "never"],
		["keep:x", "1"],
		["last", "nonsense"],
	]) {
		await server.must("hset", `${BASE}:retention`, field, value);
	}
	t.same(await store.retention.apply("node-1", WISH), { removed: 0, entries: 60 });
	await store.retention.trimmed(undefined);
	await store.retention.trimmed("1-1");
});
