/** How an upstream has been doing. */

const FAILURES_UNTIL_DOWN = 3;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;
/** How much one measurement counts in the smoothed round-trip time. */
const SMOOTHING = 0.125;

export class Health {
	/** Smoothed round-trip time in milliseconds; 0 before the first answer, so that a new upstream is tried. */
	roundTripMs = 0;
	#failures = 0;
	#pauseMs = FIRST_PAUSE_MS;
	#downUntil = 0;
	/** A question is out that finds out whether one that was down is up again. */
	#isProbed = false;

	get isUp(): boolean {
		return this.#failures < FAILURES_UNTIL_DOWN;
	}

	/** When it may be tried again; in the past for one that is up. */
	get retryAt(): number {
		return this.#downUntil;
	}

	/** Whether to ask it now: it is up, or its pause is over and one question may find out. */
	mayBeAsked(now: number): boolean {
		return this.isUp || now >= this.#downUntil;
	}

	/** A question goes out; to one that is down it is the only one until the outcome is known or `timeoutMs` are over. */
	asked(now: number, timeoutMs: number): void {
		if (this.isUp || now < this.#downUntil) return;
		this.#isProbed = true;
		this.#downUntil = now + timeoutMs;
	}

	answered(roundTripMs: number): void {
		this.#failures = 0;
		this.#pauseMs = FIRST_PAUSE_MS;
		this.#downUntil = 0;
		this.#isProbed = false;
		this.roundTripMs =
			this.roundTripMs === 0 ? roundTripMs : this.roundTripMs + (roundTripMs - this.roundTripMs) * SMOOTHING;
	}

	/** No answer, or the network said no. */
	failed(now: number): void {
		const wasUp = this.isUp;
		this.#failures++;
		this.roundTripMs = Math.min(Math.max(this.roundTripMs * 2, 50), 5000);
		if (this.isUp) return;
		// What else was on its way when it went down says nothing new: the pause grows with each probe, not with the load.
		if (!wasUp && !this.#isProbed) return;
		this.#isProbed = false;
		this.#downUntil = now + this.#pauseMs;
		this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
	}
}
