/** While one who needs the pool for itself is at work, all others wait. */
export class Gate {
	#shut: Promise<void> | undefined;

	/** Resolves when nobody has shut it. What follows in the same turn is done before it can be shut again. */
	async passed(): Promise<void> {
		while (this.#shut !== undefined) await this.#shut;
	}

	/** Shuts it for as long as `work` takes, one after the other. */
	async shutFor<T>(work: () => Promise<T>): Promise<T> {
		await this.passed();
		let open = () => {};
		this.#shut = new Promise((resolve) => {
			open = resolve;
		});
		try {
			return await work();
		} finally {
			this.#shut = undefined;
			open();
		}
	}
}
