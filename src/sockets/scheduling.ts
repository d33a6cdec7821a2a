/** Which threads Linux runs first. */
import { getPriority } from "node:os";
import * as libc from "./libc.ts";
import { LINUX } from "./libc.ts";

/**
 * A thread, the calling one by default, runs only when no other wants to, and makes room at once when one wakes up: for
 * work that must not delay answers. A low priority alone would still let it finish its slice of some milliseconds.
 *
 * @returns Whether the kernel allowed it.
 */
export function yieldToOthers(thread = 0): boolean {
	return libc.schedSetscheduler(thread, LINUX.SCHED_IDLE, Int32Array.of(0)) === 0;
}

/** The calling thread, as `yieldNoLonger` takes it. */
export function thisThread(): number {
	return libc.gettid();
}

/** A thread that yields to others gets its turns like them again. */
export function yieldNoLonger(thread: number): void {
	libc.schedSetscheduler(thread, LINUX.SCHED_OTHER, Int32Array.of(0));
}

/** Numbers of sched_setattr(2), for which glibc has no function before 2.41. */
const SCHED_SETATTR: Readonly<Partial<Record<NodeJS.Architecture, number>>> = {
	x64: 314,
	arm64: 274,
	riscv64: 274,
	loong64: 274,
};
/** The kernel's smallest. */
const SLICE_NS = 100_000n;
/** `struct sched_attr`: size, policy, flags, nice, priority, runtime, deadline, period. */
const ATTRIBUTES_BYTES = 48;

/** Real-time priorities begin here; one is enough to come before everything that has none. */
const LEAST_REALTIME = Int32Array.of(1);

/**
 * The calling thread asks for short turns on its core, so that it gets them soon: a thread of the same priority that is
 * in the middle of some milliseconds of work makes room as soon as this one wakes up. Needs no privilege; kernels
 * before 6.12 take no notice.
 */
export function takeShortTurns(): void {
	const call = SCHED_SETATTR[process.arch];
	if (call === undefined) return;
	const attributes = new DataView(new ArrayBuffer(ATTRIBUTES_BYTES));
	attributes.setUint32(0, ATTRIBUTES_BYTES, true);
	attributes.setInt32(16, getPriority(), true);
	attributes.setBigUint64(24, SLICE_NS, true);
	libc.systemCall(call, 0, attributes, 0);
}

/**
 * The calling thread runs before all that has no real-time priority, for as long as it wants to; threads that it starts
 * do not inherit this.
 *
 * @returns Whether the kernel allowed it.
 */
export function takePrecedence(): boolean {
	return libc.schedSetscheduler(0, LINUX.SCHED_RR | LINUX.SCHED_RESET_ON_FORK, LEAST_REALTIME) === 0;
}
