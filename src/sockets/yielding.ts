/** A thread that yields to all others does so for a while only: on cores that are always full it would never come to an end. */
import { parentPort } from "node:worker_threads";
import { thisThread, yieldNoLonger, yieldToOthers } from "./scheduling.ts";

/** What such a thread says first, to whoever started it. */
export interface Yields {
	readonly kind: "yields";
	/** Its number in the system. */
	readonly thread: number;
}

/** For the thread. */
export function beginYielding(): void {
	// Afterwards it may be long until anything can be said.
	parentPort?.postMessage({ kind: "yields", thread: thisThread() } satisfies Yields);
	yieldToOthers();
}

/**
 * For whoever started it.
 *
 * @returns what is to be called when the thread has ended, for its number may then be another's.
 */
export function endYielding({ thread }: Yields, afterMs: number): () => void {
	const timer = setTimeout(() => yieldNoLonger(thread), afterMs);
	return () => clearTimeout(timer);
}
