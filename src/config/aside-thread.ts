/** The thread that loads a configuration and goes. */
import { parentPort, workerData } from "node:worker_threads";
import type { FromAside } from "./aside.ts";
import { ConfigError } from "./fault.ts";
import { loadConfig } from "./load.ts";

const say = (message: FromAside) => parentPort?.postMessage(message);

try {
	const loaded = await loadConfig({ path: workerData as string | undefined });
	say({ kind: "loaded", loaded });
} catch (error) {
	if (!(error instanceof ConfigError)) throw error;
	say({ kind: "faults", path: error.path, faults: error.faults });
}
