import { parseArgs } from "node:util";
import { WORKER_PRIORITIES, type WorkerPriority } from "../../src/config/workers-schema.ts";
import { positive } from "./options.ts";

export interface PoolOptions {
	/** How many changes are made one by one. */
	readonly changes: number;
	/** How many come in one import. */
	readonly burst: number;
	/** How many contributions a fresh node has to load. */
	readonly million: number;
	/** Queries a second while the burst comes in. */
	readonly rate: number;
	/** Length of the idle phase before the burst. */
	readonly seconds: number;
	/** Of the nodes' workers. */
	readonly priority: WorkerPriority;
	readonly smoke: boolean;
	/** Whether to put the table into RESULTS.md. */
	readonly write: boolean;
}

export const POOL_USAGE = `npm run bench:pool -- [options]
  --changes N    changes made one by one (default 1000)
  --burst N      changes in one import (default 100000)
  --million N    contributions that a fresh node loads (default 1000000)
  --rate N       queries a second during the burst (default 5000)
  --seconds N    length of the idle phase before it (default 10)
  --priority P   of the nodes' workers: realtime, as root only, or normal (default normal)
  --smoke        a few of each: whether it works, not how fast
  --write        put the table into test/bench/RESULTS.md`;

export function readPoolOptions(words: readonly string[]): PoolOptions {
	const { values } = parseArgs({
		args: [...words],
		options: {
			changes: { type: "string" },
			burst: { type: "string" },
			million: { type: "string" },
			rate: { type: "string" },
			seconds: { type: "string" },
			priority: { type: "string", default: "normal" },
			smoke: { type: "boolean", default: false },
			write: { type: "boolean", default: false },
		},
	});
	const { smoke, write } = values;
	const priority = WORKER_PRIORITIES.find((one) => one === values.priority);
	if (priority === undefined)
		throw new Error(`--priority ${values.priority} must be ${WORKER_PRIORITIES.join(" or ")}`);
	const of = (option: "changes" | "burst" | "million" | "rate" | "seconds", usual: number, few: number) =>
		positive(option, values[option] ?? String(smoke ? few : usual));
	return {
		changes: of("changes", 1000, 20),
		burst: of("burst", 100_000, 2000),
		million: of("million", 1_000_000, 5000),
		rate: of("rate", 5000, 2000),
		seconds: of("seconds", 10, 1),
		priority,
		smoke,
		write,
	};
}
