/** Tells those who wait that something was committed. */

/** `many`: too many domains to name them. */
export type CommitListener = (domains: readonly string[] | "many") => void;

const LONGEST_MS = 2 ** 31 - 1;

export class CommitBell {
	readonly #listeners = new Set<CommitListener>();
	readonly #waiting = new Set<() => void>();

	/** @returns what ends it. */
	listen(listener: CommitListener): () => void {
		// A function of our own, so that the same listener twice is two.
		const own: CommitListener = (domains) => listener(domains);
		this.#listeners.add(own);
		return () => this.#listeners.delete(own);
	}

	/** Resolves at the next ring, when the time is over, or when `signal` aborts. */
	wait(timeoutMs: number, signal: AbortSignal): Promise<void> {
		if (signal.aborted) return Promise.resolve();
		return new Promise((resolve) => {
			const over = () => {
				clearTimeout(timer);
				signal.removeEventListener("abort", over);
				this.#waiting.delete(over);
				resolve();
			};
			const timer = setTimeout(over, Math.min(Math.max(timeoutMs, 0), LONGEST_MS));
			signal.addEventListener("abort", over);
			this.#waiting.add(over);
		});
	}

	ring(domains: readonly string[] | "many"): void {
		this.wake();
		for (const listener of this.#listeners) {
			try {
				listener(domains);
			} catch (error) {
				// What was committed is committed: the fault is the listener's alone.
				queueMicrotask(() => {
					throw error;
				});
			}
		}
	}

	/** Ends all waiting. */
	wake(): void {
		for (const over of [...this.#waiting]) over();
	}
}
