/**
 * Who has asked how much lately: a table of fixed size, in memory that all workers share.
 *
 * An entry holds whom it is about, word by word, and one time: when its bucket will be full again (the generic cell
 * rate algorithm, ITU-T I.371). It is looked for in the four places that its hash names. When all are taken, the newcomer
 * gets the place of the one whose bucket is full soonest: of the idlest, which loses nothing by it. So the addresses of a
 * flood push out one another, not the few that ask too much; and nobody is ever taken for somebody else.
 *
 * Workers write without waiting for one another. Two who write the same entry at the same moment may lose a question of
 * the count, or leave an entry that is nobody's: both are in favour of whoever asks.
 */
const ENTRIES = 65_536;
const WAYS = 4;
/** Four words of address, what is counted, how often it was limited; then the time, as a float of 64 bits. */
const WORDS = 8;
const KIND = 4;
const LIMITED = 5;
const TIMES = WORDS / 2;
const TIME = 3;
const SETS = ENTRIES / WAYS;

/** How often an entry was limited stands below the minute in which it was. */
const COUNT_BITS = 20;
const MOST_COUNTED = (1 << COUNT_BITS) - 1;
const MINUTE_MS = 60_000;

/** The time that all threads of a process share, less that of one thread's `performance.now`, in milliseconds. */
const EPOCH = Number(process.hrtime.bigint() / 1000n) / 1000 - performance.now();

export class RateTable {
	readonly #words: Uint32Array;
	readonly #times: Float64Array;
	readonly #seed: number;
	/** Whom the next `take` is about, as an IPv6 address: IPv4 as ::ffff:0:0/96. */
	readonly network = new Uint32Array(4);
	/** The entry of the last `take`, and its time. */
	entry = 0;
	#time = 0;

	/** `seed`: secret, so that nobody knows which addresses share places. */
	constructor(memory: SharedArrayBuffer, seed: number) {
		this.#words = new Uint32Array(memory);
		this.#times = new Float64Array(memory);
		this.#seed = seed;
	}

	/** Nothing of it takes real memory before it is used. */
	static create(): SharedArrayBuffer {
		return new SharedArrayBuffer(ENTRIES * WORDS * Uint32Array.BYTES_PER_ELEMENT);
	}

	/** The network of `prefix` bits that the address is in. */
	aim(bytes: Uint8Array, at: number, length: 4 | 16, prefix: number): void {
		const { network } = this;
		if (length === 4) {
			network[0] = network[1] = 0;
			network[2] = 0xffff;
			network[3] = masked(bytes, at, prefix);
		} else {
			for (let word = 0; word < 4; word++) network[word] = masked(bytes, at + word * 4, prefix - word * 32);
		}
	}

	/**
	 * Takes one from the bucket of `network` for `kind` (not 0).
	 *
	 * @param now milliseconds on this thread's clock.
	 * @param interval milliseconds until the bucket has got one more.
	 * @param depth milliseconds until an empty bucket is full.
	 * @param debt milliseconds that it may owe: an empty bucket is only full after that and `depth`.
	 * @returns whether there was one to take.
	 */
	take(kind: number, now: number, interval: number, depth: number, debt: number): boolean {
		const time = now + EPOCH;
		const entry = this.#find(kind, time);
		this.entry = entry;
		this.#time = time;
		const at = entry * TIMES + TIME;
		const fullAt = Math.max(this.#times[at], time) + interval;
		const ahead = fullAt - time;
		// A thousandth of a millisecond for what got lost in rounding.
		if (ahead <= depth + debt + 0.001) this.#times[at] = fullAt;
		return ahead <= depth + 0.001;
	}

	/** The last `take` found nothing to take. @returns how often that happened to `entry` in this minute. */
	countLimited(): number {
		const at = this.entry * WORDS + LIMITED;
		const minute = (Math.floor(this.#time / MINUTE_MS) & 0xfff) << COUNT_BITS;
		const word = this.#words[at] | 0;
		const count = (word & ~MOST_COUNTED) === minute ? Math.min((word & MOST_COUNTED) + 1, MOST_COUNTED) : 1;
		this.#words[at] = minute | count;
		return count;
	}

	/** How often `entry` was limited in the last minute that it was; 0: never yet. */
	limited(entry: number): number {
		return this.#words[entry * WORDS + LIMITED] & MOST_COUNTED;
	}

	/** A word of the network that `entry` is about. */
	wordOf(entry: number, word: number): number {
		return this.#words[entry * WORDS + word];
	}

	#find(kind: number, time: number): number {
		const { network } = this;
		const words = this.#words;
		const first = (this.#hash(kind) % SETS) * WAYS;
		let idlest = first;
		let soonest = Number.POSITIVE_INFINITY;
		for (let entry = first; entry < first + WAYS; entry++) {
			const at = entry * WORDS;
			if (
				words[at + KIND] === kind &&
				words[at] === network[0] &&
				words[at + 1] === network[1] &&
				words[at + 2] === network[2] &&
				words[at + 3] === network[3]
			)
				return entry;
			const fullAt = this.#times[entry * TIMES + TIME];
			if (fullAt >= soonest) continue;
			soonest = fullAt;
			idlest = entry;
		}
		const at = idlest * WORDS;
		for (let word = 0; word < 4; word++) words[at + word] = network[word];
		words[at + KIND] = kind;
		words[at + LIMITED] = 0;
		this.#times[idlest * TIMES + TIME] = time;
		return idlest;
	}

	#hash(kind: number): number {
		const { network } = this;
		let hash = mix(this.#seed, kind);
		for (let word = 0; word < 4; word++) hash = mix(hash, network[word]);
		return hash >>> 0;
	}
}

function mix(hash: number, word: number): number {
	let mixed = Math.imul(hash ^ word, 0x9e37_79b1);
	mixed = Math.imul(mixed ^ (mixed >>> 15), 0x21f0_aaad);
	return mixed ^ (mixed >>> 15);
}

function masked(bytes: Uint8Array, at: number, bits: number): number {
	if (bits <= 0) return 0;
	const word = ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
	return bits >= 32 ? word : (word & ~(0xffff_ffff >>> bits)) >>> 0;
}
