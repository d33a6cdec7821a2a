/** How many answers took how many microseconds; the last slot holds all that took a second or more. */
export class Latencies {
	readonly #counts = new Uint32Array(1_000_001);
	#total = 0;

	add(microseconds: number, count = 1): void {
		this.#counts[Math.min(Math.max(0, Math.round(microseconds)), this.#counts.length - 1)] += count;
		this.#total += count;
	}

	get total(): number {
		return this.#total;
	}

	/** The microseconds that a share of the answers, between 0 and 1, did not exceed; 1 is the slowest answer. */
	quantile(share: number): number {
		const wanted = Math.ceil(this.#total * share);
		let seen = 0;
		for (let at = 0; at < this.#counts.length; at++) {
			seen += this.#counts[at];
			if (seen >= wanted && seen > 0) return at;
		}
		return 0;
	}

	/** Only what is not zero, as pairs, so that it can be sent to another process. */
	pairs(): [number, number][] {
		const pairs: [number, number][] = [];
		for (const [at, count] of this.#counts.entries()) if (count > 0) pairs.push([at, count]);
		return pairs;
	}

	addAll(pairs: readonly (readonly [number, number])[]): void {
		for (const [at, count] of pairs) this.add(at, count);
	}
}
