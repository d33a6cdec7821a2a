/** One question that is being validated, and how far the search for its zones may go. */
import { OverBudget } from "./budget.ts";

/** Zones and names between them that are asked about for one question: with aliases into other domains some ten. */
const MOST_STEPS = 64;
/** By then no client waits any more. */
const MOST_MS = 10_000;

export class Errand {
	readonly #clock: () => number;
	readonly #until: number;
	#steps = 0;

	/** `clock`: milliseconds. */
	constructor(clock: () => number) {
		this.#clock = clock;
		this.#until = clock() + MOST_MS;
	}

	/** To be called before upstreams are asked about a zone. Throws OverBudget. */
	step(): void {
		if (++this.#steps > MOST_STEPS) throw new OverBudget("zones");
		if (this.#clock() > this.#until) throw new OverBudget("time");
	}
}
