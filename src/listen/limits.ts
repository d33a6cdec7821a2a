/**
 * How many TCP connections are open, in all and by client, over all workers: each worker has a row of its own in
 * shared memory and reads those of the others, so that nobody waits and a worker that dies leaves nothing behind.
 */

/** Clients share a counter when their addresses fall together; with as many it happens to few. */
const CLIENTS = 4096;
const ROW = CLIENTS + 1;
const TOTAL = CLIENTS;

export class ConnectionLimits {
	readonly #counts: Int32Array;
	readonly #rows: number;
	readonly #own: number;
	readonly #seed: number;
	maxConnections: number;
	maxPerClient: number;

	constructor(
		memory: SharedArrayBuffer,
		worker: number,
		seed: number,
		most: { maxConnections: number; maxConnectionsPerClient: number },
	) {
		this.#counts = new Int32Array(memory);
		this.#rows = this.#counts.length / ROW;
		this.#own = worker * ROW;
		this.#seed = seed;
		this.maxConnections = most.maxConnections;
		this.maxPerClient = most.maxConnectionsPerClient;
	}

	static create(workers: number): SharedArrayBuffer {
		return new SharedArrayBuffer(workers * ROW * Int32Array.BYTES_PER_ELEMENT);
	}

	/** For the supervisor, when a worker has gone: its connections went with it. */
	static forget(memory: SharedArrayBuffer, worker: number): void {
		new Int32Array(memory).fill(0, worker * ROW, (worker + 1) * ROW);
	}

	/** @returns the client's place, to be given back with `leave`; -1 when there is no room. */
	enter(address: Uint8Array): number {
		const client = this.#client(address);
		if (this.#sum(TOTAL) >= this.maxConnections || this.#sum(client) >= this.maxPerClient) return -1;
		this.#counts[this.#own + TOTAL]++;
		this.#counts[this.#own + client]++;
		return client;
	}

	leave(client: number): void {
		this.#counts[this.#own + TOTAL]--;
		this.#counts[this.#own + client]--;
	}

	#sum(column: number): number {
		let sum = 0;
		for (let row = 0; row < this.#rows; row++) sum += this.#counts[row * ROW + column];
		return sum;
	}

	#client(address: Uint8Array): number {
		let hash = this.#seed | 0;
		for (const byte of address) hash = Math.imul(hash ^ byte, 0x01000193);
		hash ^= hash >>> 15;
		return (Math.imul(hash, 0x2c1b3c6d) >>> 0) % CLIENTS;
	}
}
