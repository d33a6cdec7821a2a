/** Telling the log why a configuration was not taken over, or what is dangerous about one that was. */
import { loadAside } from "../config/aside.ts";
import type { LoadedConfig } from "../config/load.ts";
import type { Config } from "../config/schema.ts";
import { warningsOf } from "../config/warnings.ts";
import type { Log } from "../observe/log.ts";
import type { EngineName } from "../worker/messages.ts";

/** The first faults go to the log; `cordon check` tells all. */
const TOLD = 5;

/** The configuration as its file has it by now; undefined when it has faults, which the log tells. */
export async function nextConfig(
	{ path, config }: LoadedConfig,
	engine: EngineName,
	log: Log,
): Promise<LoadedConfig | undefined> {
	try {
		const next = await loadAside({ path, mayYield: engine === "batch" });
		if (next.config.listen.udpEngine !== config.listen.udpEngine)
			log.warn("listen.udpEngine changes with the next start only", { now: engine });
		return next;
	} catch (error) {
		logFaults(log, path, error);
		return undefined;
	}
}

/** `error`: its message has a line for each fault. */
function logFaults(log: Log, path: string, error: unknown): void {
	const faults = (error as Error).message.split("\n");
	for (const fault of faults.slice(0, TOLD)) log.error("the configuration has a fault", { fault });
	log.error("the configuration has faults and was not taken over; everything stays as it was", {
		config: path,
		faults: faults.length,
		seeAll: "cordon check",
	});
}

/** What is no fault, and yet hardly meant. */
export function logWarnings(log: Log, config: Config): void {
	for (const warning of warningsOf(config)) log.warn(warning);
}
