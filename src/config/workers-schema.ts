/** How many resolver threads there are, and how the system treats them. */
import { z } from "zod";

export const WORKER_PRIORITIES = ["normal", "realtime"] as const;
export type WorkerPriority = (typeof WORKER_PRIORITIES)[number];

export const workers = z
	.union([z.literal("auto"), z.int().min(1).max(256)])
	.default("auto")
	.describe(
		"resolver threads; auto: one per core, and not more than a container's limits of processor time and memory (128 MiB each) have room for",
	);

export const workerPriority = z
	.enum(WORKER_PRIORITIES)
	.default("normal")
	.describe(
		"realtime: resolver threads run before everything else on their cores (SCHED_RR), so that no other work delays an answer; needs root, CAP_SYS_NICE or LimitRTPRIO=1, and Linux. A flood of queries then leaves other programs on these cores little time",
	);
