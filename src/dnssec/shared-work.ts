/** Results that many wait for, and that are kept for a while: the least recently used are given up first. */
import { OverBudget } from "./budget.ts";

export class SharedWork<T extends { readonly expiresAt: number }> {
	readonly #most: number;
	readonly #clock: () => number;
	readonly #results = new Map<string, T>();
	readonly #running = new Map<string, Promise<T>>();

	/** `clock`: milliseconds, by which results expire. */
	constructor(most: number, clock: () => number) {
		this.#most = most;
		this.#clock = clock;
	}

	get size(): number {
		return this.#results.size;
	}

	/** The result that is kept, or that of the work for it, done once however many ask. */
	async get(key: string, work: () => Promise<T>): Promise<T> {
		for (;;) {
			const kept = this.#results.get(key);
			if (kept !== undefined && this.#clock() < kept.expiresAt) {
				this.#results.delete(key);
				this.#results.set(key, kept);
				return kept;
			}
			const running = this.#running.get(key);
			if (running === undefined) return await this.#begin(key, work);
			try {
				return await running;
			} catch (error) {
				// Somebody else's budget was used up: this one's has yet to be.
				if (!(error instanceof OverBudget && error.isOfSearch)) throw error;
			}
		}
	}

	async #begin(key: string, work: () => Promise<T>): Promise<T> {
		const running = work();
		this.#running.set(key, running);
		try {
			const result = await running;
			this.#results.delete(key);
			this.#results.set(key, result);
			if (this.#results.size > this.#most) {
				const [oldest] = this.#results.keys();
				if (oldest !== undefined) this.#results.delete(oldest);
			}
			return result;
		} finally {
			this.#running.delete(key);
		}
	}
}
