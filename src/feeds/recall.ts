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

/** What a blocklist in use was compiled from. */
export interface ListInUse {
	readonly name: string;
	readonly sha256?: string | undefined;
}

/**
 * The local lists of which another version is in use than the shelf has, because it could not be kept. They have to be
 * refreshed before the shelf is recalled, or the version before would come back.
 *
 * @param configDir what a list's `file` is relative to.
 */
export async function listsOffShelf(
	lists: readonly ListConfig[],
	inUse: readonly ListInUse[],
	shelf: Shelf,
	configDir: string,
): Promise<readonly string[]> {
	const used = new Map(inUse.map((list) => [list.name, list.sha256]));
	const off: string[] = [];
	for (const list of lists) {
		const sha256 = used.get(list.name);
		if (list.file === undefined || sha256 === undefined) continue;
		const copy = await shelf.copy(list.name, listSource(list, configDir).id);
		if (copy?.facts?.sha256 !== sha256) off.push(list.name);
	}
	return off;
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
