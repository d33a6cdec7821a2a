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
