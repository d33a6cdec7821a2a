/**
 * From networks, which lie within one another or apart, to ranges side by side: each range begins where another network's
 * word begins to hold, so that one search by halving finds what decides about an address.
 */

interface Open {
	/** The last address, as big-endian words. */
	readonly last: readonly number[];
	/** What decides within it, where nothing more is said. */
	readonly entry: number;
	readonly weight: number;
	readonly list: number;
}

export class RangeSweep {
	/** 32-bit words of an address. */
	readonly words: number;
	readonly #rows: number[] = [];
	readonly #open: Open[] = [];

	constructor(words: number) {
		this.words = words;
	}

	/** Networks come in the order of their addresses, a wider one before those within it. */
	take(address: readonly number[], length: number, entry: number, weight: number, list: number): void {
		this.#close(address);
		const outer = this.#open.at(-1);
		const last = address.map((word, i) => (word | hostBits(length - i * 32)) >>> 0);
		const wins =
			outer === undefined || weight > outer.weight || (weight === outer.weight && list < outer.list);
		this.#open.push(wins ? { last, entry, weight, list } : { ...outer, last });
		this.#begin(address);
	}

	/** Rows of an address and an entry: that of the addresses from there to the next row; 0 for none. */
	finish(): Uint32Array {
		this.#close(undefined);
		return Uint32Array.from(this.#rows);
	}

	/** Ends what does not reach `address`; all, when it is undefined. */
	#close(address: readonly number[] | undefined): void {
		for (;;) {
			const inner = this.#open.at(-1);
			if (inner === undefined || (address !== undefined && compare(inner.last, address) >= 0)) return;
			this.#open.pop();
			const next = following(inner.last);
			if (next !== undefined) this.#begin(next);
		}
	}

	/** From `address` on the innermost open network decides. */
	#begin(address: readonly number[]): void {
		const entry = this.#open.at(-1)?.entry ?? 0;
		const rows = this.#rows;
		const size = this.words + 1;
		// Nothing lies between: what began there does not begin after all.
		if (rows.length > 0 && compare(rows.slice(-size, -1), address) === 0) rows.length -= size;
		if ((rows.at(-1) ?? 0) !== entry) rows.push(...address, entry);
	}
}

function hostBits(fixed: number): number {
	return fixed >= 32 ? 0 : fixed <= 0 ? 0xffff_ffff : 0xffff_ffff >>> fixed;
}

function compare(a: readonly number[], b: readonly number[]): number {
	for (let i = 0; i < a.length; i++) {
		const difference = a[i] - b[i];
		if (difference !== 0) return difference;
	}
	return 0;
}

/** The next address; undefined behind the last of all. */
function following(address: readonly number[]): readonly number[] | undefined {
	const next = [...address];
	for (let i = next.length - 1; i >= 0; i--) {
		next[i] = (next[i] + 1) >>> 0;
		if (next[i] !== 0) return next;
	}
	return undefined;
}
