/** A store that says what it must not, or does not do what it must. */
import { test } from "tap";
import type { Change } from "../../../src/pool/record.ts";
import { PoolUnavailable } from "../../../src/pool/store.ts";
import { allRecords, put, puts } from "../store-contract/pool.ts";
import { replicaRecords, sameAsStore, startNode, until } from "./following.ts";
import { openReplica, openStore } from "./parts.ts";
import { tampered } from "./tampered-store.ts";

const HUGE = "x".repeat(8193);
const WIDE = "ü".repeat(4097);

test("what means nothing is kept byte for byte; what is absurdly large is left out and counted", async (t) => {
	const { store } = await openStore(t);
	await store.create();
	const nonsense = [
		{ key: "no key at all", value: "no value" },
		{ key: "a.example\tq\tcert", value: "an unknown kind" },
		{ key: "a.example\tc\tcert", value: "[2,from,a,later,version]" },
		{ key: "b.example\tc\tcert", value: "\u0000\u{1f480}{" },
		{ key: "\tm\tcert", value: "not JSON" },
		{ key: `${"k".repeat(560)}\tc\tcert`, value: "x".repeat(8192) },
	];
	const absurd = [
		{ key: `${"k".repeat(600)}\tc\tcert`, value: "a long key" },
		{ key: "huge.example\tc\tcert", value: HUGE },
		{ key: "wide.example\tc\tcert", value: WIDE },
	];
	const between = tampered(store, {
		changes: (changes) =>
			changes.map((change) => {
				const i = Number(/^slot(\d+)\./.exec(change.key)?.[1] ?? -1);
				return i < 0 ? change : { seq: change.seq, ...[...nonsense, ...absurd][i] };
			}),
	});
	const node = startNode(t, between, await openReplica(t));
	await node.level(store);
	await store.commit([...puts(9, "slot"), put("good.example")], []);
	await node.level(store);
	const good = put("good.example");
	t.strictSame(replicaRecords(node.replica).get(good.key), good.value, "what came behind them is there");
	for (const { key, value } of nonsense)
		t.equal(node.replica.get(key), value, JSON.stringify(key.slice(0, 30)));
	for (const { key } of absurd) t.equal(node.replica.get(key), undefined);
	t.equal(node.follower.status.refusedRecords, 3);
	t.equal(node.matching(/absurd size/).length, 2, "one line for each reason");
	await until("it is named", () => node.touched.includes("good.example"));
});

test("a value that grew beyond all bounds takes the record out, as a scan would", async (t) => {
	const { store } = await openStore(t);
	await store.create();
	await store.commit([put("a.example")], []);
	const between = tampered(store, {
		changes: (changes) => changes.map((change) => ({ ...change, value: HUGE })),
		page: (records) => records.map(({ key, value }) => ({ key, value: key.startsWith("b.") ? HUGE : value })),
	});
	const node = startNode(t, between, await openReplica(t));
	await node.level(store);
	t.equal(node.replica.counts.contributions, 1);
	await store.commit([put("a.example", { confidence: 1 })], []);
	await node.level(store);
	t.equal(node.replica.counts.contributions, 0);
	await store.commit([put("b.example")], []);
	const fresh = startNode(t, between, await openReplica(t));
	await fresh.level(store);
	t.strictSame([...replicaRecords(fresh.replica).keys()], ["a.example\tc\tcert"]);
});

test("a log with a hole, or out of order, is not followed: the state is read", async (t) => {
	const { store } = await openStore(t);
	await store.create();
	await store.commit(puts(20), []);
	const between = tampered(store);
	const node = startNode(t, between, await openReplica(t));
	await node.level(store);
	const ways = [
		(list: readonly Change[]) => list.filter(({ seq }) => seq % 2 === 0),
		(list: readonly Change[]) => [...list].reverse(),
		(list: readonly Change[]) => list.map((change) => ({ ...change, seq: change.seq + 7 })),
	];
	for (const [i, way] of ways.entries()) {
		between.tampering.changes = (changes) => (changes.length < 5 ? changes : way(changes));
		await store.commit(puts(5, `way${i}-`), []);
		await until("the state was read", () => node.follower.status.resyncs.replaced === i + 1);
		delete between.tampering.changes;
		await node.level(store);
		await sameAsStore(t, node.replica, store, `after way ${i}`);
	}
	t.equal(node.matching(/hole or is out of order/).length, 3);
});

test("a wait that never waits is not asked all the time; one that never ends is given up", async (t) => {
	const { store } = await openStore(t);
	const between = tampered(store, { wait: async () => {} });
	const node = startNode(t, between, await openReplica(t));
	await until("it came round", () => between.calls.wait >= 3);
	const before = between.calls.changesSince;
	for (let i = 0; i < 20; i++) await new Promise((resolve) => setTimeout(resolve, 5));
	// Without pauses there would be thousands; a slow machine has fewer.
	t.ok(between.calls.changesSince - before < 50, "it pauses");

	between.tampering.wait = () => new Promise(() => {});
	const { wait } = between.calls;
	await until("it hangs", () => between.calls.wait > wait);
	await store.commit([put("a.example")], []);
	await until("the change is there", () => node.touched.includes("a.example"));
});

test("a replica that cannot be written is told once, and tried again", async (t) => {
	const { store } = await openStore(t);
	const replica = await openReplica(t);
	const { apply } = replica;
	const node = startNode(t, store, replica);
	await until("the pool is there", () => replica.position !== undefined);
	let tried = 0;
	replica.apply = async () => {
		tried++;
		throw new Error("MDB_MAP_FULL: no space left");
	};
	await store.commit([put("a.example")], []);
	await until("it tried often", () => tried >= 5);
	t.match(node.follower.status, { up: true, problem: /MDB_MAP_FULL/ });
	t.equal(node.matching(/cannot be written/).length, 1);
	t.match(node.matching(/cannot be written/)[0], { level: "error", msg: /dataDir has space/ });
	replica.apply = apply;
	await node.level(store);
	await until("it is over", () => node.follower.status.problem === undefined);
	t.equal(node.matching(/can be written again/).length, 1);
	await sameAsStore(t, replica, store, "after the disk had space again");
});

test("whatever else fails is told once, and does not end the sync", async (t) => {
	const { store } = await openStore(t);
	const between = tampered(store);
	let broken = true;
	const node = startNode(t, between, await openReplica(t), {
		touched: () => {
			if (broken) throw new Error("the overlay is closed");
		},
	});
	await until("the pool is there", () => node.replica.position !== undefined);
	await store.commit([put("a.example")], []);
	await until("it is told", () => node.matching(/verdicts could not/).length === 1);
	broken = false;
	between.tampering.before = () => {
		throw new TypeError("undefined is not a pool");
	};
	await store.commit([put("b.example")], []);
	const calls = between.calls.changesSince;
	await until("it tried often", () => between.calls.changesSince > calls + 4);
	t.equal(node.matching(/not foreseen/).length, 1);
	delete between.tampering.before;
	await until("it goes on", () => node.touched.includes("b.example"));
	t.equal(node.matching(/followed again/).length, 1);
	t.equal(node.follower.status.problem, undefined);
});

test("it stops at once while the store hangs, at every place", async (t) => {
	for (const method of ["head", "changesSince", "scan", "wait", "now"] as const) {
		const { store } = await openStore(t);
		const between = tampered(store, {
			before: (called) => (called === method ? new Promise(() => {}) : undefined),
		});
		const node = startNode(t, between, await openReplica(t));
		await until(`it asks for ${method}`, () => between.calls[method] > 0);
		await node.follower.stop();
		t.pass(method);
	}
});

test("what is held cannot be accepted while the store is away, nor does it happen later", async (t) => {
	const { store, lose } = await openStore(t);
	await store.create();
	await store.commit(puts(20), []);
	const between = tampered(store);
	const node = startNode(t, between, await openReplica(t), { pace: { retryMs: [60_000, 60_000] } });
	await node.level(store);
	await lose();
	await until("it is held", () => node.follower.status.held !== undefined);
	between.tampering.before = () => {
		throw new PoolUnavailable("connect ECONNREFUSED");
	};
	await t.rejects(node.follower.accept(), { name: "PoolUnavailable", message: /ECONNREFUSED/ });
	delete between.tampering.before;
	const { changesSince } = between.calls;
	node.follower.look();
	await until("it looked", () => between.calls.changesSince > changesSince + 1);
	t.match(node.follower.status, { up: true, held: { kind: "lost" } });
	t.equal(await store.head(), undefined);
	t.equal(node.replica.counts.contributions, 20);
	await node.follower.stop();
	await t.rejects(node.follower.accept(), { name: "PoolUnavailable", message: /stopping/ });
});

test("a store that tells by itself that it is away is not told of twice", async (t) => {
	const { store } = await openStore(t);
	const between = tampered(store, {
		before: () => {
			throw new PoolUnavailable("gone");
		},
	});
	const node = startNode(t, between, await openReplica(t), { storeTells: true });
	await until("it is noticed", () => node.follower.status.problem === "gone");
	delete between.tampering.before;
	await until("it is back", () => node.follower.status.up);
	t.strictSame(node.matching(/reached/), []);
});

test("the lag is none while it waits for changes, and grows while the store is away", async (t) => {
	const { store } = await openStore(t);
	const between = tampered(store);
	const node = startNode(t, between, await openReplica(t), { pace: { waitMs: 60_000 } });
	await until("it waits", () => between.calls.wait > 0);
	t.equal(node.follower.status.lagMs, 0);
	between.tampering.before = () => {
		throw new PoolUnavailable("gone");
	};
	node.follower.look();
	await until("it lags", () => node.follower.status.lagMs > 20);
	const { lagMs } = node.follower.status;
	await until("it lags more", () => node.follower.status.lagMs > lagMs);
	delete between.tampering.before;
	await until("it is level", () => node.follower.status.lagMs === 0);
	t.equal(node.follower.status.up, true);
});

test("a node two hours ahead follows, and reckons with the store's clock", async (t) => {
	const { store } = await openStore(t);
	const ahead = 2 * 3_600_000;
	const node = startNode(t, store, await openReplica(t), { now: () => Date.now() + ahead });
	await node.level(store);
	t.ok(Math.abs(node.follower.status.clockAheadMs - ahead) < 60_000);
	t.ok(Math.abs(node.clock.now() - Date.now()) < 60_000);
	t.equal(node.matching(/clock/).length, 1);
	await store.commit([put("a.example", { validUntil: Date.now() + 3_600_000 })], []);
	await until("it is followed", () => node.touched.includes("a.example"));
	await sameAsStore(t, node.replica, store, "two hours ahead");
});

test("a flood of withdrawals is followed, and told", async (t) => {
	const { store } = await openStore(t);
	await store.create();
	await store.commit([...puts(100), put("other.example", { member: "isp-b" })], []);
	const past = Date.now() - 1000;
	await store.commit(
		Array.from({ length: 100 }, (_, i) => put(`x${i}.example`, { member: "feed", validUntil: past })),
		[],
	);
	const node = startNode(t, store, await openReplica(t));
	await node.level(store);
	const gone = [...(await allRecords(store)).keys()].filter((key) => !key.includes("isp-b"));
	await store.commit(
		gone.map((key) => ({ key, value: undefined })),
		[],
	);
	await node.level(store);
	t.equal(node.follower.status.held, undefined);
	const told = node.matching(/withdrawn within ten minutes/);
	t.equal(told.length, 1, "what had expired is not told");
	t.match(told[0], { member: "cert", removed: 100 });
	await sameAsStore(t, node.replica, store, "after the flood");
});
