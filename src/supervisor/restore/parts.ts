/** Puts what was laid out in the place of what is there, which is set aside; and does the rest of it when that was interrupted. */
import { mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import {
	ASIDE,
	type Exchange,
	interruptedRestore,
	LAID_OUT,
	type Move,
	removeJournal,
	syncFolder,
	UNWRITTEN,
	writeJournal,
} from "./journal.ts";
import { giveTo, isThere } from "./ownership.ts";

/** Of a data folder: each is whole by itself. The compiled blocklist belongs to the pool and lists before, and is made anew. */
const PARTS = ["pool", "lists", "protected.names", "operator.token", "blocklist.snapshot"] as const;
/** It stays when the backup has none. */
const KEPT: ReadonlySet<string> = new Set(["operator.token"]);

function planned(dataDir: string, laidOut: string): Move[] {
	return PARTS.map((part) => {
		const comes = isThere(join(dataDir, laidOut, part));
		return { part, comes, goes: isThere(join(dataDir, part)) && (comes || !KEPT.has(part)) };
	});
}

/** From, to: what is left to do of one move, whatever of it was done before. */
function* left(dataDir: string, { laidOut, aside }: Exchange, { part, goes, comes }: Move) {
	const [place, coming, before] = [dataDir, join(dataDir, laidOut), join(dataDir, aside)].map((folder) =>
		join(folder, part),
	);
	const isOld = comes ? isThere(coming) : true;
	if (goes && isOld && !isThere(before) && isThere(place)) yield [place, before] as const;
	if (!comes || !isThere(coming)) return;
	if (isThere(place)) {
		throw new Error(
			`a restore was interrupted and cannot be finished, since ${place} was made after it: move that away, and start again`,
		);
	}
	yield [coming, place] as const;
}

/**
 * One rename after the other; when one fails, those before it are undone.
 *
 * @param laidOut @param aside names in `dataDir`; `aside` is made when something is set aside. @returns whether it was.
 * Throws as the file system does. A process that ends meanwhile leaves what `settleRestore` finishes.
 */
export function exchangeParts(dataDir: string, laidOut: string, aside: string): boolean {
	const exchange: Exchange = { laidOut, aside, moves: planned(dataDir, laidOut) };
	const moved = exchange.moves.some(({ goes }) => goes);
	if (moved) {
		mkdirSync(join(dataDir, aside), { mode: 0o700 });
		// Whoever finishes this may be the server, which is not root.
		giveTo(join(dataDir, aside), statSync(dataDir));
	}
	syncFolder(join(dataDir, laidOut));
	const undo: (() => void)[] = [];
	try {
		writeJournal(dataDir, exchange);
		for (const move of exchange.moves) {
			for (const [from, to] of left(dataDir, exchange, move)) {
				renameSync(from, to);
				undo.push(() => renameSync(to, from));
			}
		}
	} catch (error) {
		for (const step of undo.toReversed()) step();
		removeJournal(dataDir);
		sweep(dataDir);
		throw error;
	}
	removeJournal(dataDir);
	return moved;
}

/** Removes what restores that never began to move anything have left: copies, and folders with nothing in them. */
function sweep(dataDir: string): void {
	for (const name of readdirSync(dataDir)) {
		const path = join(dataDir, name);
		try {
			if (LAID_OUT.test(name) || name === UNWRITTEN) rmSync(path, { recursive: true, force: true });
			else if (ASIDE.test(name)) rmdirSync(path);
		} catch {
			// Something lies in it, or it is not ours to remove: nothing depends on it.
		}
	}
}

export interface Settled {
	/** Where what was there before the restore is; undefined when there was nothing. */
	readonly aside?: string;
}

/**
 * Finishes a restore that was interrupted. The folder has to be locked by the caller, and nothing of it in use.
 *
 * @returns undefined when there was none. Throws with a message for the operator; it can be tried again then.
 */
export function settleRestore(dataDir: string): Settled | undefined {
	const exchange = interruptedRestore(dataDir);
	if (exchange === undefined) {
		sweep(dataDir);
		return undefined;
	}
	for (const move of exchange.moves) {
		for (const [from, to] of left(dataDir, exchange, move)) renameSync(from, to);
	}
	removeJournal(dataDir);
	sweep(dataDir);
	const moved = exchange.moves.some(({ goes }) => goes);
	return moved ? { aside: join(dataDir, exchange.aside) } : {};
}
