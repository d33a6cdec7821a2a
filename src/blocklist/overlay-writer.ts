/** The one who adds to an overlay. */
import { DomainName, hashSuffixes, nameFromText } from "../wire/name.ts";
import { firstSlot } from "./layout.ts";
import { OVERLAY_FIELD, OVERLAY_HEADER_BYTES, Overlay } from "./overlay.ts";

/** Room per name; most are shorter. */
const NAME_BYTES = 32;
const LONGEST_NAME = 255;

/** The hash table is never more than half full: probes stay short. */
function sizes(capacity: number): {
	readonly slots: number;
	readonly namesAt: number;
	readonly names: number;
} {
	const slots = capacity * 2;
	const namesAt = OVERLAY_HEADER_BYTES + ((capacity + 1) * 5 + slots * 2) * 4;
	return { slots, namesAt, names: capacity * NAME_BYTES + LONGEST_NAME };
}

export class OverlayWriter extends Overlay {
	readonly memory: SharedArrayBuffer;
	readonly #seed: number;
	readonly #name = new DomainName();

	/** `revision`: of the overlay before, so that this one's are higher. */
	static create(capacity: number, seed: number, revision: number): OverlayWriter {
		const { slots, namesAt, names } = sizes(capacity);
		const memory = new SharedArrayBuffer(namesAt + names);
		const header = new Int32Array(memory, 0, OVERLAY_HEADER_BYTES / 4);
		header[OVERLAY_FIELD.CAPACITY] = capacity;
		header[OVERLAY_FIELD.SLOT_COUNT] = slots;
		header[OVERLAY_FIELD.NAMES_AT] = namesAt;
		header[OVERLAY_FIELD.NAMES_BYTES] = names;
		header[OVERLAY_FIELD.REVISION] = revision + 1;
		return new OverlayWriter(memory, seed);
	}

	private constructor(memory: SharedArrayBuffer, seed: number) {
		super(memory);
		this.memory = memory;
		this.#seed = seed;
	}

	/** Whether there is room for one more name, however long. */
	get isFull(): boolean {
		const namesUsed = this.header[OVERLAY_FIELD.NAMES_USED];
		return this.used >= this.capacity || namesUsed + LONGEST_NAME > this.names.length;
	}

	/**
	 * Says something else of a name from now on. To be called only when it is not full, or knows the name.
	 *
	 * @param own as `packWhat` makes it, or NO_RULING; of the name itself.
	 * @param below of what is below it.
	 * @returns false when the name does not fit the wire.
	 */
	set(domain: string, own: number, below: number): boolean {
		const name = this.#name;
		const wire = nameFromText(domain);
		if (wire === undefined || wire.length < 2) return false;
		name.assign(wire);
		hashSuffixes(name, this.#seed);
		const known = this.find(name, name.hashes[0], 0);
		if (known === 0) this.#add(name, own, below);
		else this.#write(known, own, below);
		Atomics.add(this.header, OVERLAY_FIELD.REVISION, 1);
		return true;
	}

	/** Whether something is said of it here already. */
	knows(domain: string): boolean {
		const wire = nameFromText(domain);
		if (wire === undefined) return false;
		this.#name.assign(wire);
		hashSuffixes(this.#name, this.#seed);
		return this.find(this.#name, this.#name.hashes[0], 0) !== 0;
	}

	/** Takes over all that another one says: this one is new and larger. */
	takeOver(other: OverlayWriter): void {
		for (let number = 1; number <= other.used; number++) {
			const at = other.nameAt(number);
			let end = at;
			while (other.names[end] !== 0) end += other.names[end] + 1;
			this.#name.assign(other.names.slice(at, end + 1));
			hashSuffixes(this.#name, this.#seed);
			this.#add(this.#name, other.ruling(number, false), other.ruling(number, true));
		}
		Atomics.add(this.header, OVERLAY_FIELD.REVISION, 1);
	}

	#write(number: number, own: number, below: number): void {
		Atomics.store(this.rulings, number * 2, own);
		Atomics.store(this.rulings, number * 2 + 1, below);
	}

	#add(name: DomainName, own: number, below: number): void {
		const number = this.used + 1;
		const at = this.header[OVERLAY_FIELD.NAMES_USED];
		for (let i = 0; i < name.length; i++) this.names[at + i] = name.bytes[i];
		this.header[OVERLAY_FIELD.NAMES_USED] = at + name.length;
		this.starts[number] = at;
		this.#write(number, own, below);
		let slot = firstSlot(name.hashes[0], this.slotCount);
		while (this.slots[slot * 2 + 1] !== 0) if (++slot === this.slotCount) slot = 0;
		this.slots[slot * 2] = name.hashes[0];
		Atomics.store(this.slots, slot * 2 + 1, number);
		Atomics.store(this.header, OVERLAY_FIELD.USED, number);
	}
}
