/** How long ago the replica was last known to be level with the store. */
export class Level {
	/** performance.now */
	#since = performance.now();
	#waitingUntil = 0;

	/** The store just said that there is nothing further. */
	reached(): void {
		this.#since = performance.now();
		this.#waitingUntil = 0;
	}

	/** A wait for further changes is under way that ends, with an answer, within `ms`. */
	waiting(ms: number): void {
		this.#waitingUntil = performance.now() + ms;
	}

	/** The wait is over, one way or the other. */
	waited(): void {
		this.#waitingUntil = 0;
	}

	/** Milliseconds; 0 while a wait that began level is under way, since the store would end it with the next change. */
	get lagMs(): number {
		const now = performance.now();
		return now <= this.#waitingUntil ? 0 : Math.round(now - this.#since);
	}
}
