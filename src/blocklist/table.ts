/** The hash table while it grows: name hashes and the first entry of each name's chain. */
import { firstSlot } from "./layout.ts";

const FIRST_SLOTS = 1024;
const MOST_FULL = 0.7;
/** A chain whose entries were all taken out again: the slot must not read as free. */
const EMPTIED = 0xffff_ffff;

export class ChainTable {
	#slots: Uint32Array = new Uint32Array(FIRST_SLOTS * 2);
	#count = 0;

	/** The slot of the name with this hash for which `isIt(entry)` holds, or the free slot where it belongs. */
	find(hash: number, isIt: (entry: number) => boolean): number {
		const slots = this.#slots;
		const count = slots.length / 2;
		let slot = firstSlot(hash, count);
		for (;;) {
			const entry = slots[slot * 2 + 1];
			if (entry === 0) return slot;
			if (slots[slot * 2] === hash >>> 0 && entry !== EMPTIED && isIt(entry)) return slot;
			if (++slot === count) slot = 0;
		}
	}

	/** The first entry of the chain in a slot; 0 when it is free. */
	head(slot: number): number {
		return this.#slots[slot * 2 + 1];
	}

	/** Slots found before are no longer valid afterwards. */
	insert(slot: number, hash: number, entry: number): void {
		this.#slots[slot * 2] = hash >>> 0;
		this.#slots[slot * 2 + 1] = entry;
		if (++this.#count > (this.#slots.length / 2) * MOST_FULL) this.#grow();
	}

	/** Another first entry for the chain in `slot`; 0 empties it. */
	replace(slot: number, entry: number): void {
		this.#slots[slot * 2 + 1] = entry === 0 ? EMPTIED : entry;
	}

	*heads(): Generator<{ readonly hash: number; readonly entry: number }> {
		const slots = this.#slots;
		for (let i = 0; i < slots.length; i += 2) {
			const entry = slots[i + 1];
			if (entry !== 0 && entry !== EMPTIED) yield { hash: slots[i], entry };
		}
	}

	/**
	 * The same as one array for the compiled index, no fuller than a probe likes; in the memory of this table, which is
	 * of no use afterwards: at this moment a compilation takes the most, and a second array would come on top.
	 */
	packed(): Uint32Array {
		const slots = this.#slots;
		const before = slots.length / 2;
		const count = Math.max(16, Math.ceil(this.#count / MOST_FULL));
		const into = slots.subarray(0, count * 2);
		const wrapped: number[] = [];
		// A lower hash never begins behind a higher one, so no name moves up, and what is overwritten has been read.
		for (let slot = 0; slot < before; slot++) {
			const [hash, entry] = [slots[slot * 2], slots[slot * 2 + 1]];
			if (entry === 0) continue;
			slots[slot * 2] = 0;
			slots[slot * 2 + 1] = 0;
			if (entry === EMPTIED) continue;
			// Those that began at the end of the table and found room at its beginning.
			if (firstSlot(hash, before) > slot) wrapped.push(hash, entry);
			else put(into, hash, entry);
		}
		for (let i = 0; i < wrapped.length; i += 2) put(into, wrapped[i], wrapped[i + 1]);
		this.#slots = new Uint32Array(0);
		return into;
	}

	#grow(): void {
		const from = this.#slots;
		const into = new Uint32Array(from.length * 2);
		for (let i = 0; i < from.length; i += 2) {
			const entry = from[i + 1];
			if (entry !== 0 && entry !== EMPTIED) put(into, from[i], entry);
		}
		this.#slots = into;
	}
}

/** Where it belongs, or in the first free slot behind. */
function put(into: Uint32Array, hash: number, entry: number): void {
	const count = into.length / 2;
	let slot = firstSlot(hash, count);
	while (into[slot * 2 + 1] !== 0) if (++slot === count) slot = 0;
	into[slot * 2] = hash;
	into[slot * 2 + 1] = entry;
}
