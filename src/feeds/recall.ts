/** What the shelf has for the configured lists, with no network: what a node starts from. */
import type { ListConfig } from "../config/schema.ts";
import type { Shelf } from "./shelf.ts";
import type { CopyFacts, HeldFacts, Problem } from "./shelf-record.ts";
import { listSource } from "./source.ts";

export interface RecalledList {
	readonly name: string;
	/** Of the last good copy; undefined when there is none from this source. */
	readonly path?: string;
	/** Missing when the record was lost. */
	readonly facts?: CopyFacts;
	/** A newer copy that waits to be accepted. */
	readonly held?: HeldFacts;
	/** Of the last refresh, when it failed. */
	readonly problem?: Problem;
}

/** `configDir`: what a list's `file` is relative to. */
export async function recallLists(
	lists: readonly ListConfig[],
	shelf: Shelf,
	configDir: string,
): Promise<readonly RecalledList[]> {
	return await Promise.all(
		lists.map(async (list) => {
			const source = listSource(list, configDir);
			const copy = await shelf.copy(list.name, source.id);
			const { held, problem } = await shelf.record(list.name);
			return {
				name: list.name,
				...copy,
				...(held?.source === source.id && { held }),
				...(problem !== undefined && { problem }),
			};
		}),
	);
}
