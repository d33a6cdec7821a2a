/** Giving pages of memory back to Linux. */
import * as libc from "./libc.ts";
import { LINUX } from "./libc.ts";

const PAGE = 4096n;

/** The whole pages of `region` leave the process; they read as zeros when they are next used. */
export function releasePages(region: SharedArrayBuffer): void {
	const begin = libc.addressOf(new Uint8Array(region));
	const from = (begin + PAGE - 1n) & ~(PAGE - 1n);
	const to = (begin + BigInt(region.byteLength)) & ~(PAGE - 1n);
	if (to > from) libc.madvise(from, to - from, LINUX.MADV_DONTNEED);
}

/**
 * The calling thread runs only when no other wants to, and makes room at once when one wakes up: for work that must
 * not delay answers. A low priority alone would still let it finish its slice of some milliseconds.
 */
export function yieldToOthers(): void {
	libc.schedSetscheduler(0, LINUX.SCHED_IDLE, Int32Array.of(0));
}

/** What the allocator keeps for later goes back to the system. */
export function trimHeap(): void {
	libc.mallocTrim(0);
}
