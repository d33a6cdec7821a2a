import type { Log } from "../../observe/log.ts";

export interface TroubleWords {
	/** `debug`: somebody else tells it. */
	readonly level: "debug" | "warn" | "error";
	/** What is wrong, what goes on all the same, and what to do. */
	readonly begins: string;
	readonly ends: string;
}

/** Something that is wrong for a while: one line in the log when it begins, one when it is over. */
export class Trouble {
	readonly #words: TroubleWords;
	readonly #log: Log;
	#since = 0;
	/** What is wrong at present, undefined when nothing is. */
	problem: string | undefined;

	constructor(words: TroubleWords, log: Log) {
		this.#words = words;
		this.#log = log;
	}

	/** Further problems while it lasts are kept, and told only to who looks for them. */
	begin(problem: string, fields: Readonly<Record<string, unknown>> = {}): void {
		const fresh = this.problem === undefined;
		if (fresh) {
			this.#since = performance.now();
			this.#log[this.#words.level](this.#words.begins, { problem, ...fields });
		} else if (problem !== this.problem) {
			this.#log.debug(this.#words.begins, { problem, ...fields });
		}
		this.problem = problem;
	}

	end(): void {
		if (this.problem === undefined) return;
		this.problem = undefined;
		this.#log[this.#words.level === "debug" ? "debug" : "info"](this.#words.ends, {
			lastedSeconds: Math.round((performance.now() - this.#since) / 1000),
		});
	}
}
