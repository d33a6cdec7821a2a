interface Window {
	readonly endsAt: number;
	seen: number;
}

/** A message that was held back. */
export interface Repeated<T> {
	readonly what: T;
	/** How often it was held back. */
	readonly times: number;
}

/**
 * Lets the first few of the same message through in each window of time and counts the others, so that one fault
 * that happens a thousand times a second does not fill the disk.
 */
export class Repeats<T> {
	/** Kinds of messages remembered at once; beyond it they pass uncounted. */
	static readonly maxKinds = 500;
	readonly #limit: number;
	readonly #windowMs: number;
	readonly #windows = new Map<string, Window & { readonly what: T }>();

	constructor(limit: number, windowMs: number) {
		this.#limit = limit;
		this.#windowMs = windowMs;
	}

	/** Whether a message may be written now; if not, it is counted. */
	admit(key: string, what: T, now: number): boolean {
		const window = this.#windows.get(key);
		if (window === undefined) {
			if (this.#windows.size < Repeats.maxKinds) {
				this.#windows.set(key, { what, endsAt: now + this.#windowMs, seen: 1 });
			}
			return true;
		}
		window.seen++;
		return window.seen <= this.#limit;
	}

	/** Closes the windows that are over by now and hands out what was held back in them. */
	due(now: number): Repeated<T>[] {
		const due: Repeated<T>[] = [];
		for (const [key, window] of this.#windows) {
			if (window.endsAt > now) continue;
			this.#windows.delete(key);
			if (window.seen > this.#limit) due.push({ what: window.what, times: window.seen - this.#limit });
		}
		return due;
	}

	/** When the next window is over; undefined when none is open. */
	get nextAt(): number | undefined {
		let next: number | undefined;
		for (const { endsAt } of this.#windows.values()) next = Math.min(next ?? endsAt, endsAt);
		return next;
	}
}
