/**
 * Preloaded into the program (`node --import`), in the main thread and in every worker: SIGWINCH makes the next worker
 * throw, as a bug would, or with CRASHING_SCRIBE the thread that writes logs. The program itself has no such door.
 */
import { writeSync } from "node:fs";
import { BroadcastChannel, isMainThread, workerData } from "node:worker_threads";

const channel = new BroadcastChannel("crash");
channel.unref();

if (isMainThread) {
	let next = 0;
	process.on("SIGWINCH", () => channel.postMessage(next++ % workers()));
} else {
	channel.onmessage = (event: unknown) => {
		const { data } = event as { readonly data: number };
		const { number, counters, lexicon } = workerData as {
			readonly number?: number;
			readonly counters?: unknown;
			readonly lexicon?: unknown;
		};
		const isMeant =
			process.env.CRASHING_SCRIBE === undefined
				? counters !== undefined && number === data
				: lexicon !== undefined;
		if (!isMeant) return;
		writeSync(2, `crashing worker ${number}\n`);
		throw new Error("a bug in a worker");
	};
}

function workers(): number {
	return Number(process.env.CRASHING_WORKERS ?? 1);
}
