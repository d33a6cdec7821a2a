/** Sets of addresses, made from prefixes and searched by halving. */
import type { Prefix } from "../config/address.ts";

const WORDS_V6 = 4;

/** Ranges of one family, sorted and merged. Addresses are big-endian words: one or four of them. */
class Ranges {
	readonly #words: number;
	readonly #low: Uint32Array;
	readonly #high: Uint32Array;
	readonly #count: number;

	constructor(words: number, prefixes: readonly Prefix[]) {
		this.#words = words;
		const ranges = prefixes
			.map((prefix) => bounds(prefix.bytes, prefix.length))
			.sort((a, b) => compare(a.low, b.low) || compare(b.high, a.high));
		const merged: { low: number[]; high: number[] }[] = [];
		for (const range of ranges) {
			const last = merged.at(-1);
			// A prefix lies either wholly within an earlier one or wholly behind it.
			if (last !== undefined && compare(range.high, last.high) <= 0) continue;
			merged.push(range);
		}
		this.#count = merged.length;
		this.#low = Uint32Array.from(merged.flatMap((range) => range.low));
		this.#high = Uint32Array.from(merged.flatMap((range) => range.high));
	}

	has(bytes: Uint8Array, at: number): boolean {
		let from = 0;
		let to = this.#count - 1;
		while (from <= to) {
			const middle = (from + to) >>> 1;
			if (this.#against(this.#low, middle, bytes, at) < 0) to = middle - 1;
			else if (this.#against(this.#high, middle, bytes, at) > 0) from = middle + 1;
			else return true;
		}
		return false;
	}

	/** The address minus a bound: negative, zero or positive. */
	#against(bounds: Uint32Array, range: number, bytes: Uint8Array, at: number): number {
		for (let word = 0; word < this.#words; word++) {
			const bound = bounds[range * this.#words + word];
			const own = wordAt(bytes, at + word * 4);
			if (own !== bound) return own < bound ? -1 : 1;
		}
		return 0;
	}
}

function wordAt(bytes: Uint8Array, at: number): number {
	return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
}

function compare(a: readonly number[], b: readonly number[]): number {
	for (let i = 0; i < a.length; i++) {
		const difference = (a[i] ?? 0) - (b[i] ?? 0);
		if (difference !== 0) return difference;
	}
	return 0;
}

function bounds(bytes: Uint8Array, length: number): { low: number[]; high: number[] } {
	const low: number[] = [];
	const high: number[] = [];
	for (let at = 0; at < bytes.length; at += 4) {
		const fixed = Math.min(32, Math.max(0, length - at * 8));
		const free = fixed === 32 ? 0 : 0xffff_ffff >>> fixed;
		low.push((wordAt(bytes, at) & ~free) >>> 0);
		high.push((wordAt(bytes, at) | free) >>> 0);
	}
	return { low, high };
}

export class AddressRanges {
	readonly #v4: Ranges;
	readonly #v6: Ranges;

	constructor(prefixes: readonly Prefix[]) {
		this.#v4 = new Ranges(
			1,
			prefixes.filter((prefix) => prefix.family === 4),
		);
		this.#v6 = new Ranges(
			WORDS_V6,
			prefixes.filter((prefix) => prefix.family === 6),
		);
	}

	/** Whether the address of `length` bytes at `at` is in one of the prefixes. */
	has(bytes: Uint8Array, at: number, length: 4 | 16): boolean {
		return length === 4 ? this.#v4.has(bytes, at) : this.#v6.has(bytes, at);
	}
}
