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

/** The calling thread gives way to every other: for work that must not delay answers. */
export function yieldToOthers(): void {
	libc.setpriority(LINUX.PRIO_PROCESS, 0, 19);
}

/** What the allocator keeps for later goes back to the system. */
export function trimHeap(): void {
	libc.mallocTrim(0);
}
