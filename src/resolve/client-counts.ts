/**
 * How many there are now of something, in all and by client, over all workers: each worker has a row of its own in
 * shared memory and reads those of the others, so that nobody waits and a worker that dies leaves nothing behind.
 *
 * A client counts in two columns, and its number is the lesser of the two: it takes somebody else's for its own only
 * when it shares both columns. A client is an IPv4 address, or an IPv6 network of 64 bits, of which everybody at home
 * has a whole one.
 */
const COLUMNS = 4096;
const ROW = COLUMNS + 1;
const TOTAL = COLUMNS;
const IPV6_BYTES = 8;

export class ClientCounts {
	readonly #counts: Int32Array;
	readonly #own: number;
	readonly #seed: number;
	/** Rows that are in use: there is room for more workers than there are. */
	workers: number;

	/** `seed`: secret, so that nobody knows who shares columns. */
	constructor(memory: SharedArrayBuffer, worker: number, workers: number, seed: number) {
		this.#counts = new Int32Array(memory);
		this.workers = workers;
		this.#own = worker * ROW;
		this.#seed = seed;
	}

	static create(workers: number): SharedArrayBuffer {
		return new SharedArrayBuffer(workers * ROW * Int32Array.BYTES_PER_ELEMENT);
	}

	/** For the supervisor, when a worker has gone: what it counted went with it. */
	static forget(memory: SharedArrayBuffer, worker: number): void {
		new Int32Array(memory).fill(0, worker * ROW, (worker + 1) * ROW);
	}

	get total(): number {
		return this.#sum(TOTAL);
	}

	/** The columns of a client, as one number that is not negative. */
	placeOf(bytes: Uint8Array, at: number, length: number): number {
		let hash = this.#seed | 0;
		const end = at + (length === 4 ? 4 : IPV6_BYTES);
		for (let i = at; i < end; i++) hash = Math.imul(hash ^ bytes[i], 0x0100_0193);
		hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b_3c6d);
		hash ^= hash >>> 13;
		const first = hash & (COLUMNS - 1);
		const step = 1 + (((hash >>> 12) & (COLUMNS - 1)) % (COLUMNS - 1));
		return first * COLUMNS + ((first + step) & (COLUMNS - 1));
	}

	countOf(place: number): number {
		return Math.min(this.#sum(Math.floor(place / COLUMNS)), this.#sum(place & (COLUMNS - 1)));
	}

	enter(place: number): void {
		this.#add(place, 1);
	}

	leave(place: number): void {
		this.#add(place, -1);
	}

	#add(place: number, amount: number): void {
		this.#counts[this.#own + Math.floor(place / COLUMNS)] += amount;
		this.#counts[this.#own + (place & (COLUMNS - 1))] += amount;
		this.#counts[this.#own + TOTAL] += amount;
	}

	#sum(column: number): number {
		let sum = 0;
		for (let row = 0; row < this.workers; row++) sum += this.#counts[row * ROW + column];
		return sum;
	}
}
