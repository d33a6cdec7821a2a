/** What runs out of time, in the order in which it does: all are given equally long, so a queue is enough. */

interface Timed<T> {
	/** Milliseconds on the worker's clock. */
	deadline: number;
	/** Neighbours in the queue. */
	earlier: T | undefined;
	later: T | undefined;
}

export class Deadlines<T extends Timed<T>> {
	#first: T | undefined;
	#last: T | undefined;
	#timer: NodeJS.Timeout | undefined;
	readonly #expired: (one: T) => void;

	constructor(expired: (one: T) => void) {
		this.#expired = expired;
	}

	/** `one.deadline` is set; what should run out before others that were added earlier runs out with them. */
	add(one: T): void {
		one.earlier = this.#last;
		one.later = undefined;
		if (this.#last === undefined) this.#first = one;
		else this.#last.later = one;
		this.#last = one;
		if (this.#timer === undefined) this.#arm(one);
	}

	remove(one: T): void {
		const { earlier, later } = one;
		if (earlier !== undefined) earlier.later = later;
		else if (this.#first === one) this.#first = later;
		else return;
		if (later !== undefined) later.earlier = earlier;
		else this.#last = earlier;
		one.earlier = undefined;
		one.later = undefined;
	}

	/** Takes all out; nothing expires any more. */
	clear(taken: (one: T) => void): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		while (this.#first !== undefined) {
			const one = this.#first;
			this.remove(one);
			taken(one);
		}
	}

	#arm(next: T): void {
		this.#timer = setTimeout(() => this.#sweep(), Math.max(1, next.deadline - performance.now()));
	}

	#sweep(): void {
		this.#timer = undefined;
		const now = performance.now();
		while (this.#first !== undefined && this.#first.deadline <= now) {
			const one = this.#first;
			this.remove(one);
			this.#expired(one);
		}
		if (this.#first !== undefined && this.#timer === undefined) this.#arm(this.#first);
	}
}
