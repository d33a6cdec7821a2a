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

	/** The same as one array for the compiled index, no fuller than a probe likes. */
	packed(): Uint32Array {
		const count = Math.max(16, Math.ceil(this.#count / MOST_FULL));
		return this.#filled(new Uint32Array(count * 2));
	}

	#grow(): void {
		this.#slots = this.#filled(new Uint32Array(this.#slots.length * 2));
	}

	#filled(into: Uint32Array): Uint32Array {
		const from = this.#slots;
		const count = into.length / 2;
		for (let i = 0; i < from.length; i += 2) {
			const entry = from[i + 1];
			if (entry === 0 || entry === EMPTIED) continue;
			let slot = firstSlot(from[i], count);
			while (into[slot * 2 + 1] !== 0) if (++slot === count) slot = 0;
			into[slot * 2] = from[i];
			into[slot * 2 + 1] = entry;
		}
		return into;
	}
}
