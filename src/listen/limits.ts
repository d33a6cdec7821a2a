/** How many TCP connections may be open, in all and by client, over all workers. */
import { ClientCounts } from "../resolve/client-counts.ts";

/** From this share of all connections on, idle ones are closed to make room (RFC 7766, section 6.2.3). */
const CROWDED = 0.8;

export interface ConnectionLimitsStart {
	readonly memory: SharedArrayBuffer;
	readonly worker: number;
	readonly workers: number;
	readonly seed: number;
}

export class ConnectionLimits {
	readonly #counts: ClientCounts;
	maxConnections: number;
	maxPerClient: number;

	constructor(
		{ memory, worker, workers, seed }: ConnectionLimitsStart,
		most: { maxConnections: number; maxConnectionsPerClient: number },
	) {
		this.#counts = new ClientCounts(memory, worker, workers, seed);
		this.maxConnections = most.maxConnections;
		this.maxPerClient = most.maxConnectionsPerClient;
	}

	/** Other limits, and how many workers there are to be. */
	use(most: { maxConnections: number; maxConnectionsPerClient: number }, workers: number): void {
		this.#counts.workers = workers;
		this.maxConnections = most.maxConnections;
		this.maxPerClient = most.maxConnectionsPerClient;
	}

	/** Whether room begins to be short. */
	get isCrowded(): boolean {
		return this.#counts.total >= this.maxConnections * CROWDED;
	}

	get isFull(): boolean {
		return this.#counts.total >= this.maxConnections;
	}

	/** Of a client, by its address; -1 when it has as many connections as one may have. */
	placeOf(address: Uint8Array): number {
		const place = this.#counts.placeOf(address, 0, address.length);
		return this.#counts.countOf(place) >= this.maxPerClient ? -1 : place;
	}

	/** A connection more, to be taken back with `leave`. */
	enter(place: number): void {
		this.#counts.enter(place);
	}

	leave(place: number): void {
		this.#counts.leave(place);
	}
}
