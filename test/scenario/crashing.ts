/**
 * Preloaded into the program (`node --import`), in the main thread and in every worker: SIGWINCH makes the next worker
 * throw, as a bug would. The program itself has no such door.
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
		const { number, counters } = workerData as { readonly number?: number; readonly counters?: unknown };
		if (counters === undefined || number !== data) return;
		writeSync(2, `crashing worker ${number}\n`);
		throw new Error("a bug in a worker");
	};
}

function workers(): number {
	return Number(process.env.CRASHING_WORKERS ?? 1);
}
