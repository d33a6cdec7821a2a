/** What all workers count together of their clients, in memory that they share; the supervisor makes it. */
import { ClientCounts } from "./client-counts.ts";
import { RateTable } from "./rate-table.ts";

export interface SharedLimits {
	/** TCP connections. */
	readonly connections: SharedArrayBuffer;
	/** Questions that wait for upstreams. */
	readonly waiting: SharedArrayBuffer;
	readonly clientRates: SharedArrayBuffer;
	readonly responseRates: SharedArrayBuffer;
}

/** Nothing of it takes real memory before it is used. */
export function createSharedLimits(workers: number): SharedLimits {
	return {
		connections: ClientCounts.create(workers),
		waiting: ClientCounts.create(workers),
		clientRates: RateTable.create(),
		responseRates: RateTable.create(),
	};
}

/** For the supervisor, when a worker has gone: what it counted went with it. */
export function forgetWorker(limits: SharedLimits, worker: number): void {
	ClientCounts.forget(limits.connections, worker);
	ClientCounts.forget(limits.waiting, worker);
}
