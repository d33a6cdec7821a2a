/** Preloaded into the program (`node --import`): SIGWINCH makes its first worker hang, as a bug would. */
import { BroadcastChannel, isMainThread, workerData } from "node:worker_threads";

const channel = new BroadcastChannel("hang");
channel.unref();

if (isMainThread) {
	process.on("SIGWINCH", () => channel.postMessage("hang"));
} else {
	const { number, counters } = workerData as { readonly number?: number; readonly counters?: unknown };
	channel.onmessage = () => {
		for (; counters !== undefined && number === 0; );
	};
}
