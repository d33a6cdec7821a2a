/** What the kernel says of its own clock, by adjtimex(2), which changes nothing when it is told to change nothing. */
import * as libc from "./libc.ts";
import { LINUX } from "./libc.ts";

/** Of `struct timex` on 64-bit machines. */
const TIMEX_BYTES = 208;
const STATUS_OFFSET = 40;

/** Whether something keeps the clock right; undefined when the kernel may not be asked. */
export function isClockSynchronised(): boolean | undefined {
	const timex = Buffer.alloc(TIMEX_BYTES);
	if (libc.adjtimex(timex) < 0) return undefined;
	return (timex.readInt32LE(STATUS_OFFSET) & LINUX.STA_UNSYNC) === 0;
}
