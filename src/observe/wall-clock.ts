/**
 * The time of day from a worker's own clock, which never jumps: microseconds, where the system's clock is read as whole
 * milliseconds. Set right by `adjust`, so that no packet has to ask the system.
 */

/** The two clocks are read one after the other, and one of them in whole milliseconds. */
const TOLERANCE_MS = 2;

export class WallClock {
	readonly #monotonic: () => number;
	readonly #system: () => number;
	#offset: number;

	constructor(monotonic = () => performance.now(), system = Date.now, origin = performance.timeOrigin) {
		this.#monotonic = monotonic;
		this.#system = system;
		this.#offset = origin;
		this.adjust();
	}

	/** To be called now and then: the system's clock may have been set since. */
	adjust(): void {
		const behind = this.#system() - (this.#offset + this.#monotonic());
		if (Math.abs(behind) > TOLERANCE_MS) this.#offset += behind;
	}

	/** Milliseconds since the epoch, with fractions, at the moment `now` of the worker's clock. */
	at(now: number): number {
		return this.#offset + now;
	}
}
