/** Whether a pool is whole: its log, followed from the beginning, leads to its state. */
import type { Test } from "tap";
import type { Position } from "../../../src/pool/record.ts";
import type { PoolStore } from "../../../src/pool/store.ts";
import { allRecords, applied, follow, sorted } from "../store-contract/pool.ts";

/** @returns all keys. */
export async function checkWhole(t: Test, store: PoolStore, start: Position): Promise<ReadonlySet<string>> {
	const { changes, position } = await follow(store, start, 1000);
	t.strictSame(await store.head(), position, "the log ends where the pool says");
	t.strictSame(
		changes.map((change) => change.seq),
		changes.map((_, i) => start.seq + 1 + i),
		"without a hole or a repetition",
	);
	const state = await allRecords(store);
	t.strictSame(sorted(applied(new Map(), changes)), sorted(state), "the log leads to the state");
	return new Set(state.keys());
}
