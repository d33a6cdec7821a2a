/**
 * One round of work: packets that came together are handled together, at one moment in time, and what they cause is
 * sent together at its end.
 */
export class Round {
	/** Milliseconds, monotonic; read once per round. */
	now = performance.now();
	#isOpen = false;
	readonly #enders: (() => void)[] = [];

	/** `ender` runs at the end of every round, in the order in which they were added. */
	onEnd(ender: () => void): void {
		this.#enders.push(ender);
	}

	offEnd(ender: () => void): void {
		const at = this.#enders.indexOf(ender);
		if (at >= 0) this.#enders.splice(at, 1);
	}

	begin(): void {
		this.#isOpen = true;
		this.now = performance.now();
	}

	end(): void {
		// Closed first: what an ender causes beyond its own turn makes a round of its own.
		this.#isOpen = false;
		for (const ender of this.#enders) ender();
	}

	/** For what happens on its own, such as a timer or a stream: a round that ends with the present task. */
	join(): void {
		if (this.#isOpen) return;
		this.begin();
		queueMicrotask(() => {
			if (this.#isOpen) this.end();
		});
	}
}
