/** The sync was stopped while something was under way. */
export class Stopped extends Error {
	override readonly name = "Stopped";
}

/** Waits of one loop, which end at once when it is woken or stopped. */
export class Patience {
	readonly #stop = new AbortController();
	#cut: (() => void) | undefined;
	#woken = false;

	get stopped(): boolean {
		return this.#stop.signal.aborted;
	}

	/** Ends the present wait; when there is none, the next one. */
	wake(): void {
		if (this.#cut === undefined) this.#woken = true;
		else this.#cut();
	}

	stop(): void {
		this.#stop.abort();
		this.wake();
	}

	async pause(ms: number): Promise<void> {
		await this.within(ms, () => new Promise<never>(() => {}));
	}

	/**
	 * Resolves when `work` does, or after `ms`, or when woken or stopped; the signal that `work` gets aborts then.
	 * Rejects as `work` does.
	 */
	async within(ms: number, work: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
		if (this.stopped || this.#woken) {
			this.#woken = false;
			return;
		}
		const over = new AbortController();
		let timer: NodeJS.Timeout | undefined;
		try {
			await new Promise<void>((resolve, reject) => {
				this.#cut = resolve;
				timer = setTimeout(resolve, ms).unref();
				work(over.signal).then(() => resolve(), reject);
			});
		} finally {
			clearTimeout(timer);
			this.#cut = undefined;
			over.abort();
		}
	}

	/** What `work` brings. Rejects with Stopped as soon as the loop is stopped, however long `work` goes on. */
	unlessStopped<T>(work: Promise<T>): Promise<T> {
		const { signal } = this.#stop;
		return new Promise<T>((resolve, reject) => {
			const stopped = () => reject(new Stopped("the sync was stopped"));
			if (signal.aborted) stopped();
			// A listener of its own, taken away again: a race against one promise for life would keep every loser.
			signal.addEventListener("abort", stopped, { once: true });
			work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stopped));
		});
	}
}
