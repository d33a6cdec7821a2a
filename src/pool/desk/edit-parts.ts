import { setImmediate as nextTurn } from "node:timers/promises";
import type { Edit } from "../record.ts";
import { MAX_EDITS } from "../store.ts";

/** As many at a time as one commit takes; between them others have their turn. */
export async function* inParts(edits: readonly Edit[]): AsyncIterable<readonly Edit[]> {
	for (let at = 0; at < edits.length; at += MAX_EDITS) {
		yield edits.slice(at, at + MAX_EDITS);
		await nextTurn();
	}
}
