/** A place among the workers: its thread may crash and be another one, its counts stay. */
import type { Worker } from "node:worker_threads";
import { Counters } from "../observe/counters.ts";

/** Before one that crashed is started again; longer with each time that it does not last. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;
/** A worker that served so long did not crash because of how it was started. */
const STEADY_MS = 60_000;

export interface Member {
	readonly number: number;
	readonly counters: SharedArrayBuffer;
	readonly view: Counters;
	thread: Worker | undefined;
	serving: boolean;
	restarts: number;
	pauseMs: number;
	startedAt: number;
	leaving: boolean;
}

export function createMember(number: number): Member {
	const counters = Counters.create();
	return {
		number,
		counters,
		view: new Counters(counters),
		thread: undefined,
		serving: false,
		restarts: 0,
		pauseMs: FIRST_PAUSE_MS,
		startedAt: 0,
		leaving: false,
	};
}

export function forgive(member: Member): void {
	if (performance.now() - member.startedAt > STEADY_MS) member.pauseMs = FIRST_PAUSE_MS;
}

export function lengthenPause(member: Member): void {
	member.pauseMs = Math.min(member.pauseMs * 2, LONGEST_PAUSE_MS);
}
