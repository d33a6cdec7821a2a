/** Names that should not be blocked just like that, from lists of any length, in memory that threads share. */
import { randomInt } from "node:crypto";
import { listedName } from "../../wire/domain.ts";
import { isPublicSuffix } from "./public-suffix.ts";

const LOW_BITS = 0x1_0000_0000;
const HIGH_MASK = 0x1f_ffff;

/** 53 bits, which a double holds exactly. Two lanes of 32, mixed as in MurmurHash3's end. */
function hash(name: string, seed: number): number {
	let low = seed ^ 0x9e3779b9;
	let high = Math.imul(seed, 0x85ebca6b) ^ 0x41c6ce57;
	for (let i = 0; i < name.length; i++) {
		const code = name.charCodeAt(i);
		low = Math.imul(low ^ code, 0x9e3779b1);
		high = Math.imul(high ^ code, 0x5f356495);
		low ^= high >>> 15;
		high ^= low >>> 13;
	}
	low = Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ Math.imul(high ^ (high >>> 13), 0xc2b2ae35);
	high = Math.imul(high ^ (high >>> 16), 0x85ebca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2ae35);
	return (high & HIGH_MASK) * LOW_BITS + (low >>> 0);
}

/** Numbers without end, eight bytes each. */
class Column {
	#values = new Float64Array(1024);
	#length = 0;

	push(value: number): void {
		if (this.#length === this.#values.length) {
			const larger = new Float64Array(this.#values.length * 2);
			larger.set(this.#values);
			this.#values = larger;
		}
		this.#values[this.#length++] = value;
	}

	/** In order, each once. */
	sorted(): Float64Array {
		const values = this.#values.subarray(0, this.#length).sort();
		let kept = 0;
		for (const value of values) if (kept === 0 || values[kept - 1] !== value) values[kept++] = value;
		return values.subarray(0, kept);
	}
}

/**
 * A set of names that never changes, eight bytes each: a hash stands for a name. Among a hundred thousand names and a
 * million questions, the odds that one is taken for another are one to a hundred thousand, and all it costs is that
 * two people have to look. The seed keeps outsiders from looking for names that would be.
 */
export class ProtectedNames {
	/** The seed, then hashes in ascending order. It can be sent to other threads, which then see the same set. */
	readonly memory: SharedArrayBuffer;
	readonly #seed: number;
	readonly #hashes: Float64Array;

	/** @param memory of another ProtectedNames. */
	constructor(memory: SharedArrayBuffer) {
		const [seed] = new Float64Array(memory, 0, 1);
		this.memory = memory;
		this.#seed = seed;
		this.#hashes = new Float64Array(memory, 8);
	}

	/**
	 * Each name and what is above it, for blocking that would block the name too. Without single labels and public
	 * suffixes, which are refused anyway, and without what is no name.
	 */
	static from(names: Iterable<string>, seed: number = randomInt(0x1_0000_0000)): ProtectedNames {
		const column = new Column();
		for (const text of names) {
			const name = listedName(text);
			if (name === undefined) continue;
			for (let at = 0, dot = name.indexOf("."); dot !== -1; at = dot + 1, dot = name.indexOf(".", at)) {
				const suffix = at === 0 ? name : name.slice(at);
				if (!isPublicSuffix(suffix)) column.push(hash(suffix, seed));
			}
		}
		const hashes = column.sorted();
		const memory = new SharedArrayBuffer(8 + hashes.byteLength);
		new Float64Array(memory, 0, 1)[0] = seed;
		new Float64Array(memory, 8).set(hashes);
		return new ProtectedNames(memory);
	}

	/** How many names, those above others included. */
	get size(): number {
		return this.#hashes.length;
	}

	/** Whether `domain`, in its final form, is one of the names, or above one. */
	has(domain: string): boolean {
		const wanted = hash(domain, this.#seed);
		const hashes = this.#hashes;
		let low = 0;
		let high = hashes.length - 1;
		while (low <= high) {
			const middle = (low + high) >>> 1;
			const found = hashes[middle];
			if (found === wanted) return true;
			if (found < wanted) low = middle + 1;
			else high = middle - 1;
		}
		return false;
	}
}
