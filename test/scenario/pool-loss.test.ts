/** The shared state is lost: nobody is un-blocked, and a person puts it back. */
import { test } from "tap";
import { until } from "../pool/redis/until.ts";
import { allShow, BLOCKED, community, drafts, equal, LONG_MS, level, names, OPEN } from "./pool-node.ts";

test("after FLUSHALL nothing is un-blocked, and a node's copy is restored", async (t) => {
	const { nodes, cert, redis } = await community(t);
	const [first, second, third] = nodes;
	const domains = names("kept", 50);
	await first.must("POST", "/contributions", { token: cert, lines: drafts(domains) });
	await allShow(nodes, domains[49], BLOCKED);
	const before = await first.position();
	await redis.must("flushall");
	for (const node of nodes) {
		await until("the loss to be held", async () => (await node.metric("cordon_pool_held")) === 1, LONG_MS);
		for (const name of domains) t.equal(await node.seen(name), BLOCKED);
		t.match(node.cordon.stderr, /WARN .*the shared pool is held/);
		t.match(await node.add("new.any.example", cert), { status: 503 });
	}
	t.match(await third.cordon.stop(), { code: 0 });
	const again = await third.again(t);
	for (const name of domains) t.equal(await again.seen(name), BLOCKED, "nor by a restart");
	const all = [first, second, again];

	t.match(await second.call("POST", "/pool/restore", { token: cert }), { status: 403 });
	t.match(await second.call("POST", "/pool/restore"), { status: 200, body: { seq: 0 } });
	for (const node of all) {
		await until("the hold to end", async () => (await node.metric("cordon_pool_held")) === 0, LONG_MS);
		for (const name of domains) t.equal(await node.seen(name), BLOCKED);
	}
	await level(all);
	t.not((await first.position())?.epoch, before?.epoch, "a new epoch");
	t.match(await second.call("POST", "/pool/restore"), { status: 409 }, "nothing is lost now");
	t.match(await again.add("new.any.example", cert), { status: 201 }, "members are there again");
	await allShow(all, "new.any.example", BLOCKED);
	await equal(t, all);
});

test("a person may accept that the pool is empty", async (t) => {
	const { nodes, cert, redis } = await community(t, { nodes: 2 });
	const [first, second] = nodes;
	await first.add("gone.any.example", cert);
	await allShow(nodes, "gone.any.example", BLOCKED);
	await redis.must("flushall");
	for (const node of nodes) {
		await until("the loss to be held", async () => (await node.metric("cordon_pool_held")) === 1, LONG_MS);
	}
	t.match(await first.held(), ["pool"]);
	t.match(await first.call("POST", "/held/pool/approve"), { status: 200 });
	await first.shows("gone.any.example", OPEN);
	// The other node sees a pool that shrank, and holds it for itself.
	t.equal(await second.seen("gone.any.example"), BLOCKED);
	await until(
		"the other to be asked too",
		async () => (await second.call("POST", "/held/pool/approve")).status === 200,
		LONG_MS,
	);
	await second.shows("gone.any.example", OPEN, LONG_MS);
	await level(nodes);
	await equal(t, nodes);
});
