/**
 * What the pool has said since the blocklist was compiled: shared memory that one thread adds to while all others read
 * from it. A name has two words, one for itself and one for its subtree, and both replace whatever the compiled
 * blocklist says of it in the pool's name.
 *
 *     header   OVERLAY_HEADER_BYTES; Int32 fields below
 *     rulings  two Int32 a name: RULING.NONE or what `packWhat` makes
 *     hits     two Int32 a name: blocked queries since they were last taken
 *     starts   one Int32 a name: where it begins in `names`
 *     slots    the hash table: pairs of Int32, hash and number of the name; 0 marks a free slot
 *     names    wire names, lower case, root included
 *
 * A name is written before the slot that leads to it, and its words change one by one: a reader sees it as it was or as it
 * is. Names are never taken out; the next compiled blocklist begins with an empty overlay.
 */
import type { DomainName } from "../wire/name.ts";
import { firstSlot } from "./layout.ts";

export const OVERLAY_HEADER_BYTES = 64;
export const OVERLAY_FIELD = {
	/** Names that there is room for; numbers of names begin with 1. */
	CAPACITY: 0,
	SLOT_COUNT: 1,
	/** Names in it. */
	USED: 2,
	NAMES_AT: 3,
	NAMES_BYTES: 4,
	/** Goes up with each change, never down, not even from one overlay to the next. */
	REVISION: 5,
	NAMES_USED: 6,
} as const;

/** No word: what the compiled blocklist said in the pool's name holds no longer. */
export const NO_RULING = -1;

export class Overlay {
	readonly capacity: number;
	protected readonly header: Int32Array;
	protected readonly rulings: Int32Array;
	protected readonly hits: Int32Array;
	protected readonly starts: Int32Array;
	protected readonly slots: Int32Array;
	protected readonly names: Uint8Array;
	protected readonly slotCount: number;

	/** `memory` as `OverlayWriter` makes it. */
	constructor(memory: SharedArrayBuffer) {
		const header = new Int32Array(memory, 0, OVERLAY_HEADER_BYTES / 4);
		const capacity = header[OVERLAY_FIELD.CAPACITY];
		const words = (capacity + 1) * 2;
		this.header = header;
		this.capacity = capacity;
		this.slotCount = header[OVERLAY_FIELD.SLOT_COUNT];
		let at = OVERLAY_HEADER_BYTES;
		const take = (count: number): Int32Array => {
			const part = new Int32Array(memory, at, count);
			at += count * 4;
			return part;
		};
		this.rulings = take(words);
		this.hits = take(words);
		this.starts = take(capacity + 1);
		this.slots = take(this.slotCount * 2);
		this.names = new Uint8Array(memory, header[OVERLAY_FIELD.NAMES_AT], header[OVERLAY_FIELD.NAMES_BYTES]);
	}

	get used(): number {
		return this.header[OVERLAY_FIELD.USED];
	}

	/** Nothing that is read after it is older than it, on any processor: the writer raises it last. */
	get revision(): number {
		return Atomics.load(this.header, OVERLAY_FIELD.REVISION);
	}

	/** The number of the suffix of `name` that begins at `from`; 0 when nothing is said of it here. */
	find(name: DomainName, hash: number, from: number): number {
		const { slots, slotCount } = this;
		let slot = firstSlot(hash, slotCount);
		for (;;) {
			const number = slots[slot * 2 + 1];
			if (number === 0) return 0;
			if (slots[slot * 2] === (hash | 0) && this.#isNamed(number, name, from)) return number;
			if (++slot === slotCount) slot = 0;
		}
	}

	/** The word on the name itself, or on what is below it: as `packWhat` makes it, NO_RULING when there is none. */
	ruling(number: number, isBelow: boolean): number {
		return this.rulings[number * 2 + (isBelow ? 1 : 0)];
	}

	/** Where the wire name begins in `bytes`. */
	nameAt(number: number): number {
		return this.starts[number];
	}

	get bytes(): Uint8Array {
		return this.names;
	}

	hit(number: number, isBelow: boolean): void {
		Atomics.add(this.hits, number * 2 + (isBelow ? 1 : 0), 1);
	}

	/** Calls back for each name that was hit since the last call. */
	takeHits(each: (nameAt: number, count: number) => void): void {
		for (let number = 1; number <= this.used; number++) {
			let count = 0;
			for (let word = number * 2; word < number * 2 + 2; word++)
				if (this.hits[word] !== 0) count += Atomics.exchange(this.hits, word, 0);
			if (count > 0) each(this.starts[number], count);
		}
	}

	#isNamed(number: number, name: DomainName, from: number): boolean {
		const { names } = this;
		const at = this.starts[number];
		const { bytes, length } = name;
		for (let i = from; i < length; i++) if (bytes[i] !== names[at + i - from]) return false;
		return true;
	}
}
