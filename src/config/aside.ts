/**
 * Loading the configuration in a thread of its own. The schema and the YAML reader take some 25 MB, which a server
 * needs for a moment only: with the thread, its memory goes.
 */
import { Worker } from "node:worker_threads";
import type { Yields } from "../sockets/yielding.ts";
import { ConfigError, type Fault } from "./fault.ts";
import type { LoadedConfig } from "./load.ts";

/** For so long others come first. */
const YIELDS_MS = 500;

export interface AsideRequest {
	/** What `--config` says. */
	readonly path: string | undefined;
	/** Whether there are others to give way to, and a system that knows how. */
	readonly mayYield: boolean;
}

export type FromAside =
	| Yields
	| { readonly kind: "loaded"; readonly loaded: LoadedConfig }
	| { readonly kind: "faults"; readonly path: string; readonly faults: readonly Fault[] };

/** What `loadConfig` gives. Rejects with a ConfigError like it. */
export async function loadAside(request: AsideRequest): Promise<LoadedConfig> {
	const { endYielding } = request.mayYield ? await import("../sockets/yielding.ts") : {};
	return new Promise((resolve, reject) => {
		const thread = new Worker(new URL("./aside-thread.js", import.meta.url), { workerData: request });
		let outcome: FromAside | undefined;
		let ended: (() => void) | undefined;
		thread.on("message", (message: FromAside) => {
			if (message.kind === "yields") ended = endYielding?.(message, YIELDS_MS);
			else outcome = message;
		});
		thread.on("error", reject);
		// Only then has its memory gone back.
		thread.on("exit", () => {
			ended?.();
			if (outcome?.kind === "loaded") resolve(outcome.loaded);
			else if (outcome?.kind === "faults") reject(new ConfigError(outcome.path, outcome.faults));
			else reject(new Error("the configuration could not be loaded"));
		});
	});
}
