/** What following has to survive, whichever store is followed. */
import type { Test } from "tap";
import type { Replica } from "../../../src/pool/replica.ts";
import { PoolUnavailable } from "../../../src/pool/store.ts";
import {
	type ContractOptions,
	type ContractPool,
	entry,
	inParts,
	put,
	putMember,
	puts,
	sorted,
	take,
} from "../store-contract/pool.ts";
import { fill, QUICK, replicaRecords, sameAsStore, startNode, until } from "./following.ts";
import { tampered } from "./tampered-store.ts";

/** A pool of its own, which is not there yet, for each test. */
export type OpenFollowed = (t: Test, options?: ContractOptions) => Promise<Omit<ContractPool, "reopen">>;
export type OpenReplica = (t: Test) => Promise<Replica>;

export function followScenarios(t: Test, open: OpenFollowed, openReplica: OpenReplica): void {
	t.test("a first node makes the pool; a second one follows every change, and names it", async (t) => {
		const { store } = await open(t);
		const a = startNode(t, store, await openReplica(t));
		await until("the pool is there", async () => (await store.head()) !== undefined);
		const b = startNode(t, store, await openReplica(t));
		await store.commit([put("a.example"), put("b.example"), putMember("cert")], []);
		await store.commit([take("a.example"), put("b.example", { confidence: 5 })], []);
		for (const node of [a, b]) {
			await node.level(store);
			await sameAsStore(t, node.replica, store, "after two commits");
			t.equal(node.replica.counts.members, 1);
		}
		await store.commit([put("c.example")], []);
		await until("both named it", () => [a, b].every((node) => node.touched.includes("c.example")));
		t.match(a.follower.status, { up: true, problem: undefined, held: undefined, refusedRecords: 0 });
		t.equal(a.follower.status.resyncs.first, 1);
	});

	t.test("a burst of 100,000 changes comes in pages, and the event loop turns between them", async (t) => {
		const { store } = await open(t);
		let turns = 0;
		let counting = true;
		const turn = () => {
			turns++;
			if (counting) setImmediate(turn);
		};
		t.teardown(() => {
			counting = false;
		});
		const pages: { size: number; turn: number }[] = [];
		let closed = true;
		const between = tampered(store, {
			before: (method) => {
				if (closed && method === "changesSince") throw new PoolUnavailable("not yet");
			},
			changes: (changes) => {
				pages.push({ size: changes.length, turn: turns });
				return changes;
			},
		});
		const replica = await openReplica(t);
		const before = startNode(t, store, replica);
		await until("the pool is there", () => replica.position !== undefined);
		await before.follower.stop();
		await fill(store, 100_000);
		turn();
		const node = startNode(t, between, replica, { pace: { page: 2000 } });
		closed = false;
		await node.level(store);
		await until("all are named", () => node.touched.length >= 100_000);
		t.equal(new Set(node.touched).size, 100_000);
		t.ok(pages.length >= 50);
		t.ok(pages.every(({ size }) => size <= 2000));
		t.ok(
			pages.every(({ turn: at }, i) => i === 0 || at > pages[i - 1].turn),
			"a turn between each two pages",
		);
		await sameAsStore(t, replica, store, "after the burst");
	});

	t.test("a log that was cut is made up for by reading the state", async (t) => {
		const { store } = await open(t, { keepChanges: 100 });
		await store.create();
		await fill(store, 1000);
		const between = tampered(store);
		const node = startNode(t, between, await openReplica(t));
		await node.level(store);
		between.tampering.before = () => {
			throw new PoolUnavailable("the cable was pulled");
		};
		await until("it is noticed", () => !node.follower.status.up);
		await store.commit(
			puts(100).map(({ key }) => ({ key, value: undefined })),
			[],
		);
		await fill(store, 3000, "new");
		delete between.tampering.before;
		await node.level(store);
		t.equal(node.follower.status.resyncs.trimmed, 1);
		await until("it is told", () => node.replaced.length === 2);
		t.equal(new Set(node.replaced[1]).size, 3100, "all that differ, and no others, are named");
		await sameAsStore(t, node.replica, store, "after the gap");
		t.equal(node.follower.status.held, undefined);
	});

	t.test("what changes while the state is read is not missed", async (t) => {
		const { store } = await open(t);
		await store.create();
		await fill(store, 5000);
		const between = tampered(store, {
			page: async (records, index) => {
				if (index < 5) {
					const gone = records.slice(0, 3).map(({ key }) => ({ key, value: undefined }));
					await store.commit(
						[...gone, put(`while${index}.example`), put("d4999.example", { confidence: index })],
						[],
					);
				}
				return records;
			},
		});
		const replica = await openReplica(t);
		const told: (number | undefined)[] = [];
		const node = startNode(t, between, replica, { replaced: () => told.push(replica.position?.seq) });
		await node.level(store);
		await sameAsStore(t, node.replica, store, "after changes during the scan");
		await until("it is told", () => told.length === 1);
		t.strictSame(
			told,
			[(await store.head())?.seq],
			"and it is told when all records are of one moment again",
		);
	});

	t.test("a state that becomes another while it is read is not taken; it is read again", async (t) => {
		const { store } = await open(t);
		await store.create();
		await fill(store, 5000);
		let restored = false;
		const between = tampered(store, {
			page: async (records, index) => {
				if (index === 1 && !restored) {
					restored = true;
					await store.restore(
						inParts(
							puts(4000, "other").map(({ key, value = "" }) => ({ key, value })),
							500,
						),
						entry("restore"),
					);
				}
				return records;
			},
		});
		const node = startNode(t, between, await openReplica(t));
		await node.level(store);
		await until("it is told", () => node.replaced.length > 0);
		t.equal(node.replaced.length, 1, "of the mixture nobody heard");
		t.equal(new Set(node.replaced[0]).size, 4000);
		t.equal(node.follower.status.resyncs.first, 1);
		await sameAsStore(t, node.replica, store, "after the second reading");
	});

	t.test("a store that fails in the middle of a resync leaves the replica as it was", async (t) => {
		const { store } = await open(t);
		await store.create();
		await fill(store, 3000);
		const between = tampered(store);
		const node = startNode(t, between, await openReplica(t));
		await node.level(store);
		const before = replicaRecords(node.replica);
		let failed = 0;
		between.tampering.page = (records) => {
			failed++;
			throw new PoolUnavailable(`gone after ${records.length}`);
		};
		await store.restore(
			inParts(
				[...before].slice(0, 2900).map(([key, value]) => ({ key, value: value.replace(",80,", ",81,") })),
				500,
			),
			entry("restore"),
		);
		await until("it failed twice", () => failed >= 2);
		t.strictSame(sorted(replicaRecords(node.replica)), sorted(before));
		delete between.tampering.page;
		await node.level(store);
		await sameAsStore(t, node.replica, store, "after the store was back");
	});

	t.test(
		"a node that starts while the store is away uses its replica, and catches up when it is back",
		async (t) => {
			const { store } = await open(t);
			await store.create();
			await fill(store, 30);
			const replica = await openReplica(t);
			const first = startNode(t, store, replica);
			await first.level(store);
			await first.follower.stop();
			await store.commit([put("meanwhile.example")], []);
			const between = tampered(store, {
				before: () => {
					throw new PoolUnavailable("connect ECONNREFUSED 127.0.0.1:6379");
				},
			});
			const node = startNode(t, between, replica, { pace: { ...QUICK, retryMs: [2, 5] } });
			await until("it tried often", () => between.calls.changesSince > 20);
			t.equal(replica.counts.contributions, 30);
			t.match(node.follower.status, { up: false, problem: /ECONNREFUSED/ });
			t.ok(node.follower.status.lagMs > 0);
			t.equal(node.matching(/cannot be reached/).length, 1, "one line, however often it is tried");
			delete between.tampering.before;
			await node.level(store);
			await until("it is told", () => node.touched.includes("meanwhile.example"));
			t.equal(node.matching(/can be reached again/).length, 1);
			await sameAsStore(t, replica, store, "after it was back");
		},
	);
}
