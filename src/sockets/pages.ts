/** Giving pages of memory back to Linux. */
import { setImmediate } from "node:timers/promises";
import * as libc from "./libc.ts";
import { LINUX } from "./libc.ts";

const PAGE = 4096n;

/** Given back in one call: a larger step would keep the core, and the whole process's memory map, for milliseconds. */
const STEP = 1n << 20n;

/** The whole pages of `region` leave the process, little by little; they read as zeros when they are next used. */
export async function releasePages(region: SharedArrayBuffer): Promise<void> {
	const begin = libc.addressOf(new Uint8Array(region));
	const to = (begin + BigInt(region.byteLength)) & ~(PAGE - 1n);
	for (let from = (begin + PAGE - 1n) & ~(PAGE - 1n); from < to; from += STEP) {
		libc.madvise(from, to - from < STEP ? to - from : STEP, LINUX.MADV_DONTNEED);
		await setImmediate();
	}
}

/** What the allocator keeps for later goes back to the system. */
export function trimHeap(): void {
	libc.mallocTrim(0);
}

/** From here on a block has pages of its own. */
const LARGE_BYTES = 128 << 10;

/**
 * Large blocks of memory go back to the system as soon as they are free. By itself glibc has blocks of the size that was
 * just freed come out of its heap from then on, where the smallest neighbour in use keeps all below it: after a list of a
 * million names some 40 MB. To be called once, before anything large.
 */
export function keepNoLargeBlocks(): void {
	libc.mallocOption(LINUX.M_MMAP_THRESHOLD, LARGE_BYTES);
}
