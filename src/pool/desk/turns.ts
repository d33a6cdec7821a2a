import { setImmediate as nextTurn } from "node:timers/promises";

/**
 * Long work in slices: the thread that does it serves others as well.
 *
 *     for (const item of many) {
 *         if (turns.over()) await turns.next();
 */
export class Turns {
	readonly #slice: number;
	#left: number;

	/** @param slice how many items are done in a row; a few milliseconds' worth. */
	constructor(slice: number) {
		this.#slice = slice;
		this.#left = slice;
	}

	/** Counts one item. Whether others are to have their turn before it. */
	over(): boolean {
		return --this.#left < 0;
	}

	async next(): Promise<void> {
		this.#left = this.#slice;
		await nextTurn();
	}
}
