/** What must be undone when the program ends, however it ends: steps run in reverse order, once. */
export class Cleanup {
	readonly #steps: (() => void)[] = [];

	constructor() {
		// Steps are synchronous because nothing else still runs in an exit handler.
		process.once("exit", () => this.#run());
		process.once("SIGINT", () => process.exit(130));
		process.once("SIGTERM", () => process.exit(143));
		process.once("SIGHUP", () => process.exit(129));
	}

	add(step: () => void): void {
		this.#steps.push(step);
	}

	#run(): void {
		for (const step of this.#steps.reverse()) {
			try {
				step();
			} catch (error) {
				console.error(`while cleaning up: ${error instanceof Error ? error.message : String(error)}`);
			}
		}
		this.#steps.length = 0;
	}
}
