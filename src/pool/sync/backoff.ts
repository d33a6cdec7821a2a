/** Times between attempts: each twice the one before, up to a limit, the upper half drawn by lot. */
export class Backoff {
	readonly #min: number;
	readonly #max: number;
	readonly #random: () => number;
	#base: number;

	/** @param random from 0 to 1: many nodes that lost the same store must not come back in one instant. */
	constructor([min, max]: readonly [number, number], random: () => number) {
		this.#min = min;
		this.#max = max;
		this.#random = random;
		this.#base = min;
	}

	/** Milliseconds until the next attempt. */
	next(): number {
		const base = this.#base;
		this.#base = Math.min(base * 2, this.#max);
		return base / 2 + (this.#random() * base) / 2;
	}

	reset(): void {
		this.#base = this.#min;
	}
}
