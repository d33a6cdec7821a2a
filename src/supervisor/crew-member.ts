/** A place among the workers: its thread may crash and be another one, its counts stay. */
import type { Worker } from "node:worker_threads";
import { Counters } from "../observe/counters.ts";

/** Before one that crashed is started again; longer with each time that it does not last. */
export const FIRST_PAUSE_MS = 100;

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
