/** All that a store keeps of a pool, to be read in one go: for a backup, and for bringing it back. */
import type { AuditEntry, Edit, PoolRecord, Position } from "./record.ts";
import type { SightingSum, StagedBatch } from "./store.ts";

export interface CopiedBatch {
	readonly batch: StagedBatch;
	readonly edits: Iterable<readonly Edit[]> | AsyncIterable<readonly Edit[]>;
}

type Pages<T> = Iterable<readonly T[]> | AsyncIterable<readonly T[]>;

/** In pages, each part once. */
export interface PoolCopy {
	/** Where the log stood. */
	readonly position: Position;
	records(): Pages<PoolRecord>;
	/** The oldest first. */
	audit(): Pages<AuditEntry>;
	batches(): Iterable<CopiedBatch> | AsyncIterable<CopiedBatch>;
	sightings(): Pages<SightingSum>;
	close(): Promise<void>;
}
