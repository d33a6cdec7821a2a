/** Redis goes away, and comes back with what it had. */
import { test } from "tap";
import { until } from "../pool/redis/until.ts";
import { allShow, BLOCKED, community, equal, LONG_MS, level, OPEN, type PoolNode } from "./pool-node.ts";

const KEEPS = ["appendonly yes", "appendfsync always"];

async function down(nodes: readonly PoolNode[]): Promise<void> {
	for (const node of nodes) {
		await until("the node to notice", async () => (await node.metric("cordon_pool_up")) === 0, LONG_MS);
	}
}

test("answers go on without Redis, and writing is refused until it is back", async (t) => {
	const { nodes, cert, redis } = await community(t, { redis: KEEPS });
	const [first, second] = nodes;
	await first.add("before.any.example", cert);
	await allShow(nodes, "before.any.example", BLOCKED);
	await redis.kill();
	await down(nodes);
	for (const node of nodes) {
		t.equal(await node.seen("before.any.example"), BLOCKED);
		t.equal(await node.seen("free.any.example"), OPEN);
		const refused = await node.add("during.any.example", cert);
		t.match(refused, { status: 503, body: { detail: /Nothing was changed/ } });
		t.match(await node.withdraw("before.any.example", cert), { status: 503 });
		t.match(await node.call("GET", "/pool"), { status: 200, body: { up: false, problem: /127\.0\.0\.1/ } });
		t.match(await node.call("GET", "/contributions", { token: cert }), { status: 200 });
		t.equal((await node.cordon.get("/readyz")).status, 200);
		await until("the lag to grow", async () => ((await node.metric("cordon_pool_lag_seconds")) ?? 0) > 0);
	}

	// A node that is started meanwhile has its own copy.
	t.match(await second.cordon.stop(), { code: 0 });
	const again = await second.again(t);
	t.equal(await again.seen("before.any.example"), BLOCKED, "from the replica");
	const all = [first, again, ...nodes.slice(2)];
	t.equal(await again.metric("cordon_pool_up"), 0);

	await redis.start();
	for (const node of all) {
		await until("the node to be back", async () => (await node.metric("cordon_pool_up")) === 1, LONG_MS);
	}
	for (const node of all)
		t.equal(await node.seen("during.any.example"), OPEN, "what was refused was not kept");
	t.match(await again.add("after.any.example", cert), { status: 201 });
	await allShow(all, "after.any.example", BLOCKED, LONG_MS);
	await level(all);
	await equal(t, all);
	for (const node of [first, ...nodes.slice(2)]) {
		const lines = node.cordon.stderr.split("\n");
		const told = (pattern: RegExp) => lines.filter((line) => pattern.test(line)).length;
		t.equal(told(/WARN .*shared pool cannot be reached/i), 1, "one line when it went");
		t.equal(told(/INFO .*shared pool (can be|is) reached again/i), 1, "and one when it came back");
	}
});

test("what expires while Redis is away counts no longer", async (t) => {
	const { nodes, cert, redis } = await community(t, { nodes: 2, redis: KEEPS });
	const [first, second] = nodes;
	t.match(await first.add("stays.any.example", cert), { status: 201 });
	t.match(await first.add("short.any.example", cert, { validFor: "10s" }), { status: 201 });
	await allShow(nodes, "short.any.example", BLOCKED);
	await redis.kill();
	await down(nodes);
	await allShow(nodes, "short.any.example", OPEN);
	for (const node of nodes) {
		t.equal(await node.metric("cordon_pool_up"), 0, "Redis is away still");
		t.equal(await node.seen("stays.any.example"), BLOCKED);
	}
	t.match(await second.cordon.stop(), { code: 0 });
	const again = await second.again(t);
	t.equal(await again.seen("short.any.example"), OPEN, "nor after a restart");
	t.equal(await again.seen("stays.any.example"), BLOCKED);
});

test("what begins to count later begins by itself", async (t) => {
	const { nodes, cert } = await community(t, { nodes: 2 });
	const [first] = nodes;
	const validFrom = new Date(Date.now() + 4000).toISOString();
	t.match(await first.add("later.any.example", cert, { validFrom }), { status: 201 });
	await level(nodes);
	await allShow(nodes, "later.any.example", BLOCKED);
	t.ok(Date.now() >= Date.parse(validFrom), "and not before");
});
