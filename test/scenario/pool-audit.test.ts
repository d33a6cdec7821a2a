/** Two nodes that wish to keep the audit for different times. */
import { test } from "tap";
import { writePast } from "../pool/redis/opening.ts";
import { RedisServer } from "../pool/redis/server.ts";
import { until } from "../pool/redis/until.ts";
import { entry } from "../pool/store-contract/pool.ts";
import { Authority } from "./authority.ts";
import { folder, type Settings } from "./cordon.ts";
import { LONG_MS, level, PoolNode, poolSettings } from "./pool-node.ts";

const DAY = 86_400_000;

test("what nobody wishes to keep goes once, and every node says so", async (t) => {
	const authority = await Authority.start(t);
	const redis = await RedisServer.start(t);
	const past = (count: number, daysAgo: number, action: string) =>
		Array.from({ length: count }, (_, i) => ({
			...entry(action),
			at: Date.now() - daysAgo * DAY + i * 1000,
		}));
	// As if the first had run before, and the second were new.
	const said = String(Date.now() - DAY);
	await writePast(redis.settings, "default", {
		entries: [...past(1500, 800, "add"), ...past(20, 100, "hold")],
		retention: { steady: String(Date.now() - 30 * DAY), looked: said, [`keep:${730 * DAY}`]: said },
	});
	const url = `redis://127.0.0.1:${redis.port}`;
	const nodes = await Promise.all(
		Object.entries({ long: "730d", short: "30d" }).map(([node, auditKeep]) => {
			const pool = { store: "redis", node, auditKeep, redis: { url } };
			return PoolNode.start(t, poolSettings(authority.url, { pool }), folder(t));
		}),
	);
	await level(nodes);
	const [long, short] = nodes;
	const trimmed = async (node: PoolNode) => (await node.metric("cordon_pool_audit_trimmed_total")) ?? 0;
	await until(
		"all that is old to be gone",
		async () => (await trimmed(long)) + (await trimmed(short)) >= 1500,
		LONG_MS,
	);
	t.equal((await trimmed(long)) + (await trimmed(short)), 1500);
	for (const node of nodes) {
		const page = await node.must("GET", "/audit?limit=1000");
		t.match(page.trimmed, { entries: 1500 });
		const actions = (page.entries as readonly Settings[]).map(({ action }) => action);
		t.equal(actions.filter((action) => action === "hold").length, 20, "the longer wish holds");
		t.equal(actions.filter((action) => action === "trim").length, 2);
		t.notOk(actions.includes("add"));
		const { last } = page.trimmed as { last: string };
		t.notOk((await node.must("GET", `/audit?after=${last}`)).trimmed);
	}
	await until(
		"both to have looked again",
		async () => {
			const seen = await Promise.all(nodes.map((node) => node.metric("cordon_pool_audit_entries")));
			return seen.every((count) => count === 22);
		},
		LONG_MS,
	);
	for (const days of [730, 30]) {
		const wish = await redis.cli("hget", "cordon:{default}:retention", `keep:${days * DAY}`);
		t.ok(Number(wish) > Number(said), `${days} days were wished`);
	}
});
