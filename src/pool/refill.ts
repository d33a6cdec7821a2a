/** Brings a copied pool into a store that has none: all but the audit, which each store keeps in its own way. */
import { randomUUID } from "node:crypto";
import type { PoolCopy } from "./pool-copy.ts";
import type { NewAuditEntry, PoolRecord, Position } from "./record.ts";
import type { PoolStore } from "./store.ts";

/** Pages of either kind as one kind. */
export async function* each<T>(
	pages: Iterable<readonly T[]> | AsyncIterable<readonly T[]>,
): AsyncGenerator<readonly T[]> {
	yield* pages;
}

/** @returns where the log stands after its records. Rejects when something of it cannot be stored. */
export async function refill(
	store: Pick<PoolStore, "restore" | "stage" | "addSightings">,
	copy: Pick<PoolCopy, "records" | "batches" | "sightings">,
	audit: NewAuditEntry,
): Promise<Position> {
	const position = await store.restore(each<PoolRecord>(copy.records()), audit);
	for await (const { batch, edits } of copy.batches()) {
		const { id, member, state, created, reason } = batch;
		await store.stage({ id, member, state, created, reason }, each(edits));
	}
	for await (const sums of copy.sightings()) await store.addSightings(`restored-${randomUUID()}`, sums);
	return position;
}
