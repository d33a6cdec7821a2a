/** Why questions were blocked, as it was counted. */
import { BLOCK_REASONS } from "../../src/observe/counters.ts";
import type { TestResolver } from "./resolving.ts";

/** Those that were counted at all. */
export function reasons({ counters }: TestResolver): Record<string, number> {
	const counted = BLOCK_REASONS.map((reason, i) => [reason, counters.readReason(i)] as const);
	return Object.fromEntries(counted.filter(([, count]) => count > 0));
}
