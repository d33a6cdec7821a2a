/** Batches that are staged, held, let pass, dropped, and applied part by part. */
import type { Test } from "tap";
import type { Edit } from "../../../src/pool/record.ts";
import type { PoolStore } from "../../../src/pool/store.ts";
import { MAX_EDITS } from "../../../src/pool/store.ts";
import {
	allRecords,
	applied,
	entry,
	expired,
	follow,
	inParts,
	type OpenPool,
	plain,
	put,
	puts,
	sorted,
	take,
} from "./pool.ts";

const HELD = { id: "batch-1", member: "cert", state: "held", created: 5, reason: "adds 2500 of 10" } as const;
const APPLYING = { ...HELD, state: "applying", reason: "" } as const;

export function batchContract(t: Test, open: OpenPool): void {
	t.test("a held batch is kept, and nothing of it is in the pool", async (t) => {
		const { store } = await open(t);
		const start = await store.create();
		const edits = [...puts(2500), take("d1.example"), take("d2.example")];
		const staged = await store.stage(HELD, inParts(edits, 300));
		t.match(staged, { ...HELD, edits: 2502, puts: 2500, deletes: 2, applied: 0 });
		t.strictSame(await store.batches(), [staged]);
		t.equal((await allRecords(store)).size, 0);
		t.strictSame(await store.head(), start);
		t.strictSame(plain(await store.batchEdits(HELD.id, 0, 5)), plain(edits.slice(0, 5)));
		t.strictSame(plain(await store.batchEdits(HELD.id, 298, 4)), plain(edits.slice(298, 302)));
		t.strictSame(plain(await store.batchEdits(HELD.id, 2499, 100)), plain(edits.slice(2499)));
		t.strictSame(await store.batchEdits(HELD.id, 2502, 10), []);
		t.strictSame(await store.batchEdits("unheard-of", 0, 10), []);
	});

	t.test("two batches of one id: the second is refused, the first untouched", async (t) => {
		const { store } = await open(t);
		await store.create();
		const first = await store.stage(HELD, inParts(puts(3), 2));
		await t.rejects(store.stage({ ...HELD, member: "other" }, inParts(puts(5, "e"), 2)));
		t.strictSame(await store.batches(), [first]);
		t.strictSame(plain(await store.batchEdits(HELD.id, 0, 10)), plain(puts(3)));

		const both = ["x", "y"].map((p) => store.stage({ ...HELD, id: "race" }, inParts(puts(3, p), 1)));
		const won = (await Promise.allSettled(both)).findIndex((s) => s.status === "fulfilled");
		t.ok(won >= 0);
		t.equal((await Promise.allSettled(both)).filter((s) => s.status === "fulfilled").length, 1);
		t.strictSame(plain(await store.batchEdits("race", 0, 10)), plain(puts(3, ["x", "y"][won])));
	});

	t.test("a batch that cannot be read to its end leaves nothing behind", async (t) => {
		const { store } = await open(t);
		await store.create();
		async function* broken(): AsyncIterable<readonly Edit[]> {
			yield puts(1500);
			await Promise.resolve();
			throw new Error("the connection was lost");
		}
		await t.rejects(store.stage(APPLYING, broken()), { message: "the connection was lost" });
		t.strictSame(await store.batches(), []);
		t.strictSame(await store.batchEdits(APPLYING.id, 0, 10), []);
		const staged = await store.stage(APPLYING, inParts(puts(2), 2));
		t.equal(staged.edits, 2, "its id is free");
		await toTheEnd(store, APPLYING.id);
		t.equal((await allRecords(store)).size, 2);
	});

	t.test("a batch is applied whole, part by part, in its order", async (t) => {
		const { store } = await open(t);
		const start = await store.create();
		const before = await store.commit([put("d7.example"), put("gone.example"), put("stays.example")], []);
		const edits = [
			...puts(2 * MAX_EDITS + 500),
			take("gone.example"),
			take("d3.example"),
			take("never.example"),
		];
		await store.stage(APPLYING, inParts(edits, 777));

		const first = await store.advance(APPLYING.id);
		t.equal(first.done, false);
		t.strictSame(await store.head(), first.position);
		const [half] = await store.batches();
		t.equal(half.applied, MAX_EDITS);
		t.strictSame(
			plain(await store.batchEdits(APPLYING.id, half.applied, 2)),
			plain(edits.slice(MAX_EDITS, MAX_EDITS + 2)),
		);

		const position = await toTheEnd(store, APPLYING.id);
		t.strictSame(await store.head(), position);
		t.strictSame(await store.batches(), []);
		const state = await allRecords(store);
		t.equal(state.size, 2 * MAX_EDITS + 500);
		const { changes } = await follow(store, start, 1000);
		t.strictSame(sorted(applied(new Map(), changes)), sorted(state));
		t.equal(position.seq, before.position.seq + edits.length - 2, "two of them changed nothing");
		t.same(await store.advance(APPLYING.id), { done: true, position }, "nothing is left to do");
	});

	t.test("a batch that is held waits until it is let pass", async (t) => {
		const { store } = await open(t);
		await store.create();
		await store.stage(HELD, inParts(puts(3), 3));
		const before = await store.head();
		await store.advance(HELD.id).catch(() => undefined);
		t.strictSame(await store.head(), before);
		t.equal((await store.batches()).length, 1);

		t.equal(await store.release("unheard-of", entry("approve")), false);
		t.equal(await store.release(HELD.id, entry("approve", { batch: HELD.id })), true);
		t.equal((await store.batches())[0].state, "applying");
		t.equal(await store.release(HELD.id, entry("approve")), false, "it is held no longer");
		t.equal(await store.drop(HELD.id, entry("reject")), false);
		await toTheEnd(store, HELD.id);
		t.equal((await allRecords(store)).size, 3);
		t.same(
			(await store.audit(undefined, 10)).map((e) => e.action),
			["approve"],
		);
	});

	t.test("a held batch that is dropped is gone", async (t) => {
		const { store } = await open(t);
		await store.create();
		await store.stage(HELD, inParts(puts(1200), 500));
		t.equal(await store.drop("unheard-of", entry("reject")), false);
		t.equal(await store.drop(HELD.id, entry("reject")), true);
		t.equal(await store.drop(HELD.id, entry("reject")), false);
		t.strictSame(await store.batches(), []);
		t.strictSame(await store.batchEdits(HELD.id, 0, 10), []);
		t.equal((await store.advance(HELD.id)).done, true);
		t.equal((await allRecords(store)).size, 0);
		t.equal((await store.audit(undefined, 10)).length, 1);
		t.equal((await store.stage(HELD, inParts(puts(1), 1))).edits, 1, "its id is free");
	});

	t.test("carried on from all sides at once, every part is applied once", async (t) => {
		const pool = await open(t);
		const start = await pool.store.create();
		const stores = [pool.store, (await pool.second?.()) ?? pool.store];
		// Each edit undoes the one before: applied twice, or in another order, there would be other changes.
		const edits = Array.from({ length: 3 * MAX_EDITS }, (_, i) =>
			put("a.example", { confidence: i % 2, modified: i }),
		);
		await pool.store.stage(APPLYING, inParts(edits, 1000));
		let done = false;
		for (let round = 0; round < 20 && !done; round++) {
			const results = await Promise.all(
				Array.from({ length: 6 }, (_, i) => stores[i % 2].advance(APPLYING.id)),
			);
			done = results.some((r) => r.done);
		}
		t.equal(done, true);
		const { changes } = await follow(pool.store, start, 1000);
		t.strictSame(plain(changes), plain(edits));
		t.strictSame(await pool.store.batches(), []);
	});

	t.test("several batches, and commits between their parts", async (t) => {
		const { store } = await open(t);
		await store.create();
		await store.stage({ ...APPLYING, id: "one" }, inParts(puts(1500, "a"), 1000));
		await store.stage({ ...APPLYING, id: "two" }, inParts(puts(1500, "b"), 1000));
		t.same((await store.batches()).map((b) => b.id).sort(), ["one", "two"]);
		await store.advance("one");
		await store.commit([take("a0.example")], []);
		await store.advance("two");
		await toTheEnd(store, "two");
		await toTheEnd(store, "one");
		const state = await allRecords(store);
		t.equal(state.size, 2999);
		t.equal(state.has(`${take("a0.example").key}`), false);
	});

	t.test("an empty batch is done when it is carried on", async (t) => {
		const { store } = await open(t);
		const position = await store.create();
		t.equal((await store.stage(APPLYING, inParts([], 1))).edits, 0);
		t.same(await store.advance(APPLYING.id), { done: true, position });
		t.strictSame(await store.batches(), []);
	});

	t.test("what came in by a batch is swept out like the rest", async (t) => {
		const { store } = await open(t);
		await store.create();
		const now = await store.now();
		await store.stage(APPLYING, inParts([expired("old.example", now), put("new.example")], 1));
		await toTheEnd(store, APPLYING.id);
		t.equal(await store.sweep("node-1", 100), 1);
		t.strictSame([...(await allRecords(store)).keys()], [put("new.example").key]);
	});

	t.test("a batch survives a restart in its middle", async (t) => {
		const pool = await open(t);
		await pool.store.create();
		const edits = puts(2 * MAX_EDITS + 1);
		await pool.store.stage(APPLYING, inParts(edits, 1000));
		await pool.store.stage({ ...HELD, id: "held" }, inParts(puts(1, "h"), 1));
		await pool.store.advance(APPLYING.id);
		const before = await pool.store.batches();
		const store = await pool.reopen();
		t.strictSame(sorted2(await store.batches()), sorted2(before));
		await toTheEnd(store, APPLYING.id);
		t.strictSame(sorted(await allRecords(store)), sorted(applied(new Map(), edits)));
		t.equal((await store.head())?.seq, edits.length);
	});
}

async function toTheEnd(store: PoolStore, id: string) {
	for (let step = 0; step < 100; step++) {
		const { done, position } = await store.advance(id);
		if (done) return position;
	}
	throw new Error(`batch ${id} does not come to its end`);
}

function sorted2<T extends { readonly id: string }>(batches: readonly T[]): T[] {
	return [...batches].sort((a, b) => (a.id < b.id ? -1 : 1));
}
