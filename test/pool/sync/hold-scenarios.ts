/** A shared state that is not to be believed, whichever store is followed. */
import type { Test } from "tap";
import type { Replica } from "../../../src/pool/replica.ts";
import { PoolUnavailable } from "../../../src/pool/store.ts";
import { entry, inParts, put, sorted } from "../store-contract/pool.ts";
import { fill, replicaRecords, sameAsStore, startNode, until } from "./following.ts";
import type { OpenFollowed, OpenReplica } from "./scenarios.ts";
import { tampered } from "./tampered-store.ts";

async function* recordsOf(replica: Replica) {
	yield* inParts(
		[...replicaRecords(replica)].map(([key, value]) => ({ key, value })),
		500,
	);
}

export function holdScenarios(t: Test, open: OpenFollowed, openReplica: OpenReplica): void {
	t.test("a pool that is gone is not believed, until the store has it again", async (t) => {
		const { store, lose } = await open(t);
		if (lose === undefined) return void t.pass("this store cannot lose its pool");
		await store.create();
		await fill(store, 50);
		const node = startNode(t, store, await openReplica(t));
		await node.level(store);
		const before = replicaRecords(node.replica);
		await lose();
		await until("it is held", () => node.follower.status.held !== undefined);
		t.match(node.follower.status.held, {
			kind: "lost",
			ours: 50,
			theirs: 0,
			reason: /gone from the store.* 50 contributions/,
		});
		t.equal(await store.head(), undefined, "and makes no empty pool in its place");
		t.strictSame(sorted(replicaRecords(node.replica)), sorted(before), "the replica is as it was");
		t.equal(node.follower.status.up, true);
		t.equal(node.matching(/is held/).length, 1, "one line in the log");

		// Another node puts its replica back.
		await store.restore(recordsOf(node.replica), entry("restore"));
		await until("it is no longer held", () => node.follower.status.held === undefined);
		await node.level(store);
		await sameAsStore(t, node.replica, store, "after the restoration");
		await until("it is told", () => node.replaced.length === 2);
		t.strictSame(node.replaced[1], [], "nothing differs");
		await store.commit([put("after.example")], []);
		await until("it is followed", () => node.touched.includes("after.example"));
	});

	t.test("a pool that is gone is gone when a person says so", async (t) => {
		const { store, lose } = await open(t);
		if (lose === undefined) return void t.pass("this store cannot lose its pool");
		await store.create();
		await fill(store, 50);
		const node = startNode(t, store, await openReplica(t));
		await node.level(store);
		t.equal(await node.follower.accept(), "nothing-held");
		await lose();
		await until("it is held", () => node.follower.status.held !== undefined);
		t.equal(await node.follower.accept(), "taken");
		await node.level(store);
		t.equal(node.replica.counts.contributions, 0);
		await sameAsStore(t, node.replica, store, "after it was accepted");
		await until("it is told", () => node.replaced.length === 2);
		t.equal(node.replaced[1].length, 50);
		await store.commit([put("after.example")], []);
		await until("it is followed", () => node.touched.includes("after.example"));
	});

	t.test("an empty pool in the place of a full one is held; a fresh node takes it", async (t) => {
		const { store, lose } = await open(t);
		if (lose === undefined) return void t.pass("this store cannot lose its pool");
		await store.create();
		await fill(store, 50);
		const node = startNode(t, store, await openReplica(t));
		await node.level(store);
		await lose();
		await store.create();
		await until("it is held", () => node.follower.status.held?.kind === "shrunk");
		const fresh = startNode(t, store, await openReplica(t));
		await fresh.level(store);
		t.equal(fresh.follower.status.held, undefined);
		t.equal(node.replica.counts.contributions, 50);

		// What comes into it meanwhile is too little, and then enough.
		await fill(store, 37);
		await until("it was read again", () => node.follower.status.held?.theirs === 37);
		t.match(node.follower.status.held?.reason, /has 37 contributions, this node has 50: more than 25 %/);
		await fill(store, 38);
		await node.level(store);
		t.equal(node.follower.status.held, undefined);
		await sameAsStore(t, node.replica, store, "after it became whole");
	});

	t.test("one member's contributions that vanish are held, and taken when a person says so", async (t) => {
		const { store } = await open(t);
		await store.create();
		await fill(store, 200);
		const theirs = Array.from({ length: 20 }, (_, i) => put(`isp${i}.example`, { member: "isp-b" }));
		await store.commit(theirs, []);
		const node = startNode(t, store, await openReplica(t));
		await node.level(store);
		const kept = [...replicaRecords(node.replica)].filter(
			([key]) => !key.endsWith("isp-b") || /isp[0-9]\./.test(key),
		);
		await store.restore(
			inParts(
				kept.map(([key, value]) => ({ key, value })),
				100,
			),
			entry("restore"),
		);
		await until("it is held", () => node.follower.status.held !== undefined);
		t.match(node.follower.status.held, {
			kind: "shrunk",
			ours: 220,
			theirs: 210,
			reason: /has 10 contributions of isp-b, this node has 20/,
		});
		t.equal(await node.follower.accept(), "taken");
		await node.level(store);
		await sameAsStore(t, node.replica, store, "after it was accepted");
	});

	t.test("what a person accepted is not a licence for something worse", async (t) => {
		const { store } = await open(t);
		await store.create();
		await fill(store, 100);
		const replica = await openReplica(t);
		const node = startNode(t, store, replica, { pace: { holdMs: [60_000, 60_000] } });
		await node.level(store);
		const first = [...replicaRecords(replica)].map(([key, value]) => ({ key, value }));
		await store.restore(inParts(first.slice(0, 50), 100), entry("restore"));
		await until("it is held", () => node.follower.status.held?.theirs === 50);
		await store.restore(inParts(first.slice(0, 5), 100), entry("restore"));
		t.equal(await node.follower.accept(), "held-again");
		t.equal(node.follower.status.held?.theirs, 5);
		t.equal(replica.counts.contributions, 100);
	});

	t.test("what expired while we were away does not count as lost", async (t) => {
		const { store } = await open(t);
		await store.create();
		const soon = Date.now() + 3_600_000;
		await store.commit(
			Array.from({ length: 60 }, (_, i) => put(`short${i}.example`, { validUntil: soon })),
			[],
		);
		await fill(store, 40);
		let ahead = 0;
		const between = tampered(store, { now: () => Date.now() + ahead });
		const node = startNode(t, between, await openReplica(t));
		await node.level(store);
		const lasting = [...replicaRecords(node.replica)].filter(([key]) => !key.startsWith("short"));
		ahead = 2 * 3_600_000;
		between.tampering.before = () => {
			throw new PoolUnavailable("away for two hours");
		};
		await until("it is noticed", () => !node.follower.status.up);
		await store.restore(
			inParts(
				lasting.map(([key, value]) => ({ key, value })),
				100,
			),
			entry("restore"),
		);
		delete between.tampering.before;
		await node.level(store);
		t.equal(node.follower.status.held, undefined);
		await sameAsStore(t, node.replica, store, "after the expiry");
	});
}
