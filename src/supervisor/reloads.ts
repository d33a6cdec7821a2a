/** One reload at a time: whoever asks for one during another gets one behind it. */
export class Reloads {
	readonly #reload: () => Promise<void>;
	#running: Promise<void> | undefined;
	#again = false;

	/** `reload` never rejects. */
	constructor(reload: () => Promise<void>) {
		this.#reload = reload;
	}

	/** Runs something else while there is no reload; one that is asked for meanwhile comes behind it. */
	async alone(work: () => Promise<void>): Promise<void> {
		while (this.#running !== undefined) await this.#running;
		this.#running = work().finally(() => this.#ended());
		await this.#running;
	}

	/** Resolves when the one that runs has ended. */
	ask(): Promise<void> {
		if (this.#running !== undefined) {
			this.#again = true;
			return this.#running;
		}
		this.#running = this.#reload().then(() => this.#ended());
		return this.#running;
	}

	#ended(): void {
		this.#running = undefined;
		if (!this.#again) return;
		this.#again = false;
		void this.ask();
	}
}
