/** The thread that loads a configuration and goes. */
import { parentPort, workerData } from "node:worker_threads";
import type { AsideRequest, FromAside } from "./aside.ts";
import { ConfigError } from "./fault.ts";

const say = (message: FromAside) => parentPort?.postMessage(message);

const { path, mayYield } = workerData as AsideRequest;
// First of all: reading the schema takes longest.
if (mayYield) (await import("../sockets/yielding.ts")).beginYielding();
try {
	const { loadConfig } = await import("./load.ts");
	say({ kind: "loaded", loaded: await loadConfig({ path }) });
} catch (error) {
	if (!(error instanceof ConfigError)) throw error;
	say({ kind: "faults", path: error.path, faults: error.faults });
}
