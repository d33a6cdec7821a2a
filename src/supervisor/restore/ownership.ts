/** What root lays out in a data folder belongs to whoever the folder belongs to. */
import { chownSync, lstatSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

export function isThere(path: string): boolean {
	return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** With all that is in it. Only root can give, and needs to. */
export function giveTo(path: string, owner: { readonly uid: number; readonly gid: number }): void {
	if (process.getuid?.() !== 0 || owner.uid === 0 || !isThere(path)) return;
	chownSync(path, owner.uid, owner.gid);
	if (!statSync(path).isDirectory()) return;
	for (const name of readdirSync(path)) giveTo(join(path, name), owner);
}
