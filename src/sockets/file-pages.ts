/** Giving the memory of a mapped file back to Linux: pages that were read from it count as ours until then. */
import { readFileSync, realpathSync } from "node:fs";
import * as libc from "./libc.ts";
import { LINUX } from "./libc.ts";

/** Addresses, permissions, offset, device, inode, path. Mapped to be read alone, and with others: nothing can be lost. */
const READ_SHARED = /^([0-9a-f]+)-([0-9a-f]+) r--s [0-9a-f]+ \S+ \d+ +(\/.*)$/;

/**
 * What this process has read of the file through read-only shared mappings leaves its memory, and stays in the system's
 * cache: the next access finds it there.
 *
 * @param path without symbolic links.
 */
export function releaseFilePages(path: string): void {
	// Read anew each time: a mapping that has moved leaves its addresses to others.
	for (const line of readFileSync("/proc/self/maps", "latin1").split("\n")) {
		const [, from, to, file] = READ_SHARED.exec(line) ?? [];
		if (file === undefined || file !== inMaps(path)) continue;
		const [begin, end] = [BigInt(`0x${from}`), BigInt(`0x${to}`)];
		libc.madvise(begin, end - begin, LINUX.MADV_DONTNEED);
	}
}

/** A mapping of its own that nobody has written to, as /proc/self/smaps tells it. */
const READ_PRIVATE = /^([0-9a-f]+)-([0-9a-f]+) r-[x-]p [0-9a-f]+ \S+ \d+ +(\/.*)$/;
const UNWRITTEN = /^Private_Dirty: +0 kB$/m;
const MAPPING = /^(?=[0-9a-f]+-[0-9a-f]+ )/m;

/**
 * The same for the program itself: of Node's code and tables most is needed for starting alone. Its pages stay in the
 * system's cache, and those that are used come back as they are used.
 */
export function releaseProgramPages(): void {
	const program = inMaps(realpathSync(process.execPath));
	for (const mapping of readFileSync("/proc/self/smaps", "latin1").split(MAPPING)) {
		const [, from, to, file] = READ_PRIVATE.exec(mapping.slice(0, mapping.indexOf("\n"))) ?? [];
		// What was written to, by relocation for one, would be lost.
		if (file !== program || !UNWRITTEN.test(mapping)) continue;
		const [begin, end] = [BigInt(`0x${from}`), BigInt(`0x${to}`)];
		libc.madvise(begin, end - begin, LINUX.MADV_DONTNEED);
	}
}

/** As the kernel writes it there: bytes, and a line break as an octal number. */
function inMaps(path: string): string {
	return Buffer.from(path).toString("latin1").replaceAll("\n", "\\012");
}
