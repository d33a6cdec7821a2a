/** The engines there are. */
import type { Engine, EngineParts } from "./engine.ts";
import type { EngineName } from "./messages.ts";

/** Loads what the engine needs, and only that. */
export async function createEngine(name: EngineName, parts: EngineParts): Promise<Engine> {
	if (name === "batch") return (await import("./batch-engine.ts")).createBatchEngine(parts);
	return (await import("./dgram-engine.ts")).createDgramEngine(parts);
}
