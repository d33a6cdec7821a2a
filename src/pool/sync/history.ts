/** Places in a pool's log, compared. */
import type { Change, Position } from "../record.ts";

export interface Page {
	readonly changes: readonly Change[];
	/** After the last of them. */
	readonly position: Position;
}

/** Each change right after the one before, in the same life of the pool. */
export function follows({ changes, position: to }: Page, from: Position): boolean {
	if (changes.length === 0) return true;
	for (let i = 0; i < changes.length; i++) if (changes[i].seq !== from.seq + 1 + i) return false;
	return to.epoch === from.epoch && to.seq === from.seq + changes.length;
}

export function isSamePlace(a: Position, b: Position): boolean {
	return a.epoch === b.epoch && a.seq === b.seq && a.token === b.token;
}
