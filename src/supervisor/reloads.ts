import type { ReloadStatus } from "../observe/status.ts";

/** One reload at a time: whoever asks for one during another gets one behind it. */
export class Reloads {
	readonly #reload: () => Promise<boolean>;
	readonly #failed: (error: unknown) => void;
	#running: Promise<void> | undefined;
	#again = false;
	/** How the last one ended. The start counts as the first: without a configuration there is none. */
	last: ReloadStatus = { succeeded: true, succeededAt: Date.now() };

	/** `reload` tells whether everything was taken over; `failed` hears of one that rejects. */
	constructor(reload: () => Promise<boolean>, failed: (error: unknown) => void) {
		this.#reload = reload;
		this.#failed = failed;
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
		this.#running = this.#run().then(() => this.#ended());
		return this.#running;
	}

	async #run(): Promise<void> {
		const succeeded = await this.#reload().catch((error: unknown) => {
			this.#failed(error);
			return false;
		});
		this.last = { succeeded, succeededAt: succeeded ? Date.now() : this.last.succeededAt };
	}

	#ended(): void {
		this.#running = undefined;
		if (!this.#again) return;
		this.#again = false;
		void this.ask();
	}
}
