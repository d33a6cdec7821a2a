/** Puts what was laid out in the place of what is there, which is set aside. */
import { chownSync, lstatSync, mkdirSync, readdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";

/** Of a data folder: each is whole by itself. The compiled blocklist belongs to the pool and lists before, and is made anew. */
const PARTS = ["pool", "lists", "protected.names", "operator.token", "blocklist.snapshot"] as const;
/** It stays when the backup has none. */
const KEPT: ReadonlySet<string> = new Set(["operator.token"]);

function isThere(path: string): boolean {
	return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** All that is laid out belongs to whoever the folder belongs to. Only root can give, and needs to. */
export function giveTo(path: string, owner: { readonly uid: number; readonly gid: number }): void {
	if (process.getuid?.() !== 0 || owner.uid === 0 || !isThere(path)) return;
	chownSync(path, owner.uid, owner.gid);
	if (!statSync(path).isDirectory()) return;
	for (const name of readdirSync(path)) giveTo(join(path, name), owner);
}

/**
 * One rename after the other; when one fails, those before it are undone.
 *
 * @param aside made when something is set aside. @returns whether it was. Throws as the file system does.
 */
export function swapIn(dataDir: string, laidOut: string, aside: string): boolean {
	const undo: (() => void)[] = [];
	let moved = false;
	const move = (from: string, to: string): void => {
		renameSync(from, to);
		undo.push(() => renameSync(to, from));
	};
	try {
		for (const part of PARTS) {
			const [place, coming] = [join(dataDir, part), join(laidOut, part)];
			const comes = isThere(coming);
			if (isThere(place) && (comes || !KEPT.has(part))) {
				if (!moved) mkdirSync(aside, { mode: 0o700 });
				moved = true;
				move(place, join(aside, part));
			}
			if (comes) move(coming, place);
		}
		return moved;
	} catch (error) {
		for (const step of undo.toReversed()) step();
		throw error;
	}
}
