/** Inquiries in the order in which they run out of time: all tries last equally long, so a queue is enough. */
import type { Inquiry } from "./inquiry.ts";

export class Deadlines {
	#first: Inquiry | undefined;
	#last: Inquiry | undefined;
	#timer: NodeJS.Timeout | undefined;
	readonly #expired: (inquiry: Inquiry) => void;

	constructor(expired: (inquiry: Inquiry) => void) {
		this.#expired = expired;
	}

	/** `inquiry.deadline` is set, and no earlier than any that was added before. */
	add(inquiry: Inquiry): void {
		inquiry.earlier = this.#last;
		inquiry.later = undefined;
		if (this.#last === undefined) this.#first = inquiry;
		else this.#last.later = inquiry;
		this.#last = inquiry;
		if (this.#timer === undefined) this.#arm(inquiry);
	}

	remove(inquiry: Inquiry): void {
		const { earlier, later } = inquiry;
		if (earlier !== undefined) earlier.later = later;
		else if (this.#first === inquiry) this.#first = later;
		else return;
		if (later !== undefined) later.earlier = earlier;
		else this.#last = earlier;
		inquiry.earlier = undefined;
		inquiry.later = undefined;
	}

	/** Takes all out; nothing expires any more. */
	clear(taken: (inquiry: Inquiry) => void): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		while (this.#first !== undefined) {
			const inquiry = this.#first;
			this.remove(inquiry);
			taken(inquiry);
		}
	}

	#arm(next: Inquiry): void {
		this.#timer = setTimeout(() => this.#sweep(), Math.max(1, next.deadline - performance.now()));
	}

	#sweep(): void {
		this.#timer = undefined;
		const now = performance.now();
		while (this.#first !== undefined && this.#first.deadline <= now) {
			const inquiry = this.#first;
			this.remove(inquiry);
			this.#expired(inquiry);
		}
		if (this.#first !== undefined && this.#timer === undefined) this.#arm(this.#first);
	}
}
