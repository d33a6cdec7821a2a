/** Telling the log why a configuration was not taken over, or what is dangerous about one that was. */
import type { Config } from "../config/schema.ts";
import { warningsOf } from "../config/warnings.ts";
import type { Log } from "../observe/log.ts";

/** The first faults go to the log; `cordon check` tells all. */
const TOLD = 5;

/** `error`: its message has a line for each fault. */
export function logFaults(log: Log, path: string, error: unknown): undefined {
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
