/** Those who wait for something new to look at: a reply, a line of the log, an end. */
export class Watchers {
	readonly #wakers = new Set<() => void>();

	/** There is something new. */
	wake(): void {
		for (const waker of this.#wakers) waker();
	}

	/** Resolves at the next `wake`, or when `deadline` is over. */
	async next(deadline: AbortSignal): Promise<void> {
		if (deadline.aborted) return;
		await new Promise<void>((resolve) => {
			const go = () => {
				this.#wakers.delete(go);
				deadline.removeEventListener("abort", go);
				resolve();
			};
			this.#wakers.add(go);
			deadline.addEventListener("abort", go);
		});
	}
}
