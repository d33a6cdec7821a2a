/** What a node exports on which everything has happened. */
import { CATEGORIES } from "../../src/config/vocabulary.ts";
import {
	BLOCK_ACTIONS,
	BLOCK_REASONS,
	LIMIT_ACTIONS,
	LIMITS,
	TRANSPORTS,
	VIAS,
} from "../../src/observe/counters.ts";
import { createMetrics } from "../../src/observe/metrics.ts";
import type { PoolState } from "../../src/observe/status.ts";
import { FakeNode, STATUS } from "./fake-node.ts";

const POOL: PoolState = {
	store: "redis",
	up: true,
	lagMs: 0,
	seq: 12,
	contributions: 9,
	members: 3,
	blockedDomains: 7,
	loggedDomains: 1,
	held: { batch: 1, protected: 1, disputed: 1, pool: 0 },
	resyncs: 0,
	clockAheadMs: 0,
	changedDomains: 2,
	sightingsLost: 0,
	auditEntries: 5,
	auditTrimmed: 0,
};

/** Response codes by their numbers, as RCODES has them, and -1 for what was dropped. */
const RCODES = [0, 1, 2, 3, 4, 5, 16, 23, -1];

/** A node on which everything has happened once, as /metrics shows it. */
export async function everything(): Promise<string> {
	const node = new FakeNode();
	node.current = { ...STATUS, pool: POOL };
	const [worker] = node.workers;
	TRANSPORTS.forEach((_, transport) => {
		worker.query(transport, 1);
	});
	VIAS.forEach((_, via) => {
		for (const rcode of RCODES) worker.response(via, rcode);
	});
	CATEGORIES.forEach((_, category) => {
		BLOCK_ACTIONS.forEach((_, action) => {
			worker.blocked(category, action, action % BLOCK_REASONS.length);
		});
	});
	LIMITS.forEach((_, limit) => {
		LIMIT_ACTIONS.forEach((_, action) => {
			worker.limited(limit, action);
		});
	});
	return (await createMetrics({ view: node, process: true }).scrape()).body;
}
