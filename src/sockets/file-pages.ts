/** Giving the memory of a mapped file back to Linux: pages that were read from it count as ours until then. */
import { readFileSync } from "node:fs";
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

/** As the kernel writes it there: bytes, and a line break as an octal number. */
function inMaps(path: string): string {
	return Buffer.from(path).toString("latin1").replaceAll("\n", "\\012");
}
