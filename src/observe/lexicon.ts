/**
 * Names that records speak of by number, such as those of lists and upstreams: shared memory that the main thread adds to.
 * A name is there before anyone is told its number, and none is ever taken out, so that a record means the same whatever
 * has been configured since it was written.
 *
 *     bytes used   Int32
 *     names        one behind the other: length Uint8, UTF-8
 */
import { NO_NAME } from "./record.ts";

const HEADER_BYTES = 8;
/** A thousand lists with the longest names take 64 KiB; whoever renames them for ever is not served for ever. */
const ALL_BYTES = 512 * 1024;
const MOST_NAME_BYTES = 255;

export class Lexicon {
	readonly memory = new SharedArrayBuffer(HEADER_BYTES + ALL_BYTES);
	readonly #used = new Int32Array(this.memory, 0, 1);
	readonly #bytes = new Uint8Array(this.memory, HEADER_BYTES);
	readonly #numbers = new Map<string, number>();

	/** The name's number; NO_NAME when there is no room for it any more. */
	numberOf(name: string): number {
		const known = this.#numbers.get(name);
		if (known !== undefined) return known;
		const text = new TextEncoder().encode(name).subarray(0, MOST_NAME_BYTES);
		const used = Atomics.load(this.#used, 0);
		const number = this.#numbers.size;
		if (number >= NO_NAME || used + 1 + text.length > ALL_BYTES) return NO_NAME;
		this.#bytes[used] = text.length;
		this.#bytes.set(text, used + 1);
		Atomics.store(this.#used, 0, used + 1 + text.length);
		this.#numbers.set(name, number);
		return number;
	}
}

export class LexiconReader {
	readonly #used: Int32Array;
	readonly #bytes: Uint8Array;
	readonly #names: Uint8Array[] = [];
	#read = 0;

	/** `memory`: a lexicon's. */
	constructor(memory: SharedArrayBuffer) {
		this.#used = new Int32Array(memory, 0, 1);
		this.#bytes = new Uint8Array(memory, HEADER_BYTES);
	}

	/** In UTF-8; undefined for NO_NAME. */
	nameOf(number: number): Uint8Array | undefined {
		if (number >= this.#names.length && number !== NO_NAME) this.#readOn();
		return this.#names[number];
	}

	#readOn(): void {
		const used = Atomics.load(this.#used, 0);
		while (this.#read < used) {
			const from = this.#read + 1;
			const to = from + this.#bytes[this.#read];
			this.#names.push(Uint8Array.from(this.#bytes.subarray(from, to)));
			this.#read = to;
		}
	}
}
