/** Following a real Redis that dies, and a network that is cut. */
import { test } from "tap";
import { openStore } from "../redis/opening.ts";
import { TcpProxy } from "../redis/proxy.ts";
import { RedisServer, singleSettings } from "../redis/server.ts";
import { entry, inParts, put, puts, sorted, take } from "../store-contract/pool.ts";
import { fill, replicaRecords, sameAsStore, startNode, until } from "./following.ts";
import { openReplica } from "./parts.ts";
import { tampered } from "./tampered-store.ts";

/** Each write is on disk before it is answered: what was committed survives SIGKILL. */
const LASTING = { conf: ["appendonly yes", "appendfsync always"] };

test("Redis is killed in the middle of a first sync, and of a resync, and comes back", async (t) => {
	const server = await RedisServer.start(t, LASTING);
	const { store } = await openStore(t, server.settings);
	await store.create();
	await fill(store, 20_000);
	let kills = 0;
	const between = tampered(store, {
		page: async (records, index) => {
			if (index === 2 && kills === 0) {
				kills++;
				await server.kill();
			}
			return records;
		},
	});
	const replica = await openReplica(t);
	const node = startNode(t, between, replica);
	await until("it is noticed", () => kills === 1 && !node.follower.status.up);
	t.equal(replica.position, undefined, "a half first sync is none");
	await server.start();
	await node.level(store);
	await sameAsStore(t, replica, store, "after the first sync");

	const before = replicaRecords(replica);
	const fewer = [...before].slice(1000).map(([key, value]) => ({ key, value }));
	kills = 0;
	await store.restore(inParts(fewer, 1000), entry("restore"));
	await until("it is noticed", () => kills === 1 && !node.follower.status.up);
	t.strictSame(replicaRecords(replica).size, before.size, "a half resync changes nothing");
	await server.start();
	await node.level(store);
	await sameAsStore(t, replica, store, "after the resync");
	t.equal(node.matching(/cannot be reached/).length, 2, "one line each time");
});

test("Redis is killed again and again in the middle of a burst", async (t) => {
	const server = await RedisServer.start(t, LASTING);
	const { store } = await openStore(t, server.settings);
	await store.create();
	const replica = await openReplica(t);
	const node = startNode(t, store, replica, { pace: { page: 200 } });
	for (let round = 0; round < 4; round++) {
		const edits = [
			...puts(1000, `round${round}-`),
			...(round === 0 ? [] : puts(500, `round${round - 1}-`).map(({ key }) => ({ key, value: undefined }))),
		];
		const wanted = (replica.position?.seq ?? 0) + 200;
		for (let i = 0; i < edits.length; i += 300) await store.commit(edits.slice(i, i + 300), []);
		await until("it is under way", () => (replica.position?.seq ?? 0) >= wanted);
		await server.kill();
		await server.start();
		await until("the store is back", () =>
			store.head().then(
				() => true,
				() => false,
			),
		);
	}
	await node.level(store);
	await sameAsStore(t, replica, store, "after four kills");
	t.equal(new Set(node.touched.concat(...node.replaced.filter((d) => d !== "many"))).size, 4000);
});

test("Redis is killed and comes back with nothing: held, and whole again after a restoration", async (t) => {
	const server = await RedisServer.start(t);
	const { store } = await openStore(t, server.settings);
	await store.create();
	await fill(store, 3000);
	const replica = await openReplica(t);
	const node = startNode(t, store, replica);
	await node.level(store);
	const before = replicaRecords(replica);
	await server.kill();
	await until("it is noticed", () => !node.follower.status.up);
	await server.start();
	await until("it is held", () => node.follower.status.held !== undefined);
	t.match(node.follower.status, { up: true, held: { kind: "lost", ours: 3000 } });
	t.strictSame(sorted(replicaRecords(replica)).length, before.size);
	// Also for a node that starts only now.
	await node.follower.stop();
	const again = startNode(t, store, replica);
	await until("it is held", () => again.follower.status.held !== undefined);
	await store.restore(
		inParts(
			[...before].map(([key, value]) => ({ key, value })),
			500,
		),
		entry("restore"),
	);
	again.follower.look();
	await again.level(store);
	await sameAsStore(t, replica, store, "after the restoration");
	await until("it is told", () => again.replaced.length === 1);
	t.strictSame(again.replaced, [[]], "nothing differs");
});

for (const how of ["cut", "stall"] as const) {
	test(`the network is gone (${how}) for longer than the stream keeps`, async (t) => {
		const server = await RedisServer.start(t);
		const proxy = await TcpProxy.start(t, server.port);
		const { store: near } = await openStore(t, server.settings, { keepChanges: 100 });
		const { store: far } = await openStore(t, singleSettings(proxy.port, { timeoutMs: 300 }), {
			keepChanges: 100,
		});
		await near.create();
		await fill(near, 2000);
		const replica = await openReplica(t);
		const node = startNode(t, far, replica);
		await node.level(near);
		const { up, lagMs } = node.follower.status;
		t.ok(up);
		proxy[how]();
		await until("it is noticed", () => !node.follower.status.up);
		await until("the lag grows", () => node.follower.status.lagMs > lagMs);
		await fill(near, 5000, "new");
		await near.commit([take("d0.example"), put("d1.example", { confidence: 3 })], []);
		proxy.mend();
		await node.level(near);
		t.equal(node.follower.status.resyncs.trimmed, 1);
		await sameAsStore(t, replica, near, "after the network was back");
		t.equal(node.follower.status.held, undefined);
		await near.commit([put("after.example")], []);
		await until("it follows", () => node.touched.includes("after.example"));
		t.equal(node.matching(/cannot be reached/).length, 1);
		t.equal(node.matching(/can be reached again/).length, 1);
	});
}

test("a failover to a replica that lacks the last changes: the history differs, the state is read", async (t) => {
	const server = await RedisServer.start(t, LASTING);
	const { store } = await openStore(t, server.settings);
	await store.create();
	await fill(store, 1000);
	// What stands here is what a replica that lagged behind would have.
	const older = await RedisServer.start(t, { conf: [`replicaof 127.0.0.1 ${server.port}`] });
	const { seq } = (await store.head()) ?? { seq: 0 };
	await until("it has replicated", async () => (await older.info("master_link_status")) === "up");
	await until("it has all", async () => {
		const keys = await older.cli("hget", "cordon:{default}:meta", "seq");
		return Number(keys) === seq;
	});
	await older.must("replicaof", "no", "one");
	await store.commit([take("d0.example"), put("lost.example")], []);
	const { store: other } = await openStore(t, older.settings);
	await other.commit([put("instead.example"), take("d1.example"), take("d2.example")], []);

	const replica = await openReplica(t);
	const before = startNode(t, store, replica);
	await before.level(store);
	await before.follower.stop();
	const node = startNode(t, other, replica);
	await node.level(other);
	t.equal(node.follower.status.resyncs.replaced, 1);
	await sameAsStore(t, replica, other, "after the failover");
	await until("it is told", () => node.replaced.length === 1);
	t.strictSame([...(node.replaced[0] as readonly string[])].sort(), [
		"d0.example",
		"d1.example",
		"d2.example",
		"instead.example",
		"lost.example",
	]);
});
