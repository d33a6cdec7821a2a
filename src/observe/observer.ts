/** Counts what went through the walk, from the query and the finished answer. */
import { type Counters, VIAS } from "./counters.ts";

/** What of an answer is counted; `rcode` -1: nothing was sent. */
interface Finished {
	readonly via: number;
	readonly rcode: number;
	readonly category: number;
	readonly action: number;
	readonly reason: number;
}

export class Observer {
	readonly #counters: Counters;
	/** Answers of this round that came at once, by `via`: they all took as long as the round did. */
	readonly #atOnce = new Uint32Array(VIAS.length);
	#any = false;
	#began = 0;

	constructor(counters: Counters) {
		this.#counters = counters;
	}

	query(transport: number, type: number): void {
		this.#counters.query(transport, type);
	}

	/** What would have been blocked, were its category or its member not set to log-only. */
	logged(category: number): void {
		this.#counters.logged(category);
	}

	/** Indices into LIMITS and LIMIT_ACTIONS. */
	limited(limit: number, action: number): void {
		this.#counters.limited(limit, action);
	}

	/** `receivedAt` and `now` in milliseconds; equal when the answer came in the round of the query. */
	finished(answer: Finished, receivedAt: number, now: number): void {
		const { via } = answer;
		this.#counters.response(via, answer.rcode);
		if (answer.category >= 0) this.#counters.blocked(answer.category, answer.action, answer.reason);
		if (receivedAt === now) {
			this.#atOnce[via]++;
			this.#any = true;
			this.#began = now;
		} else {
			this.#counters.duration(via, (now - receivedAt) / 1000, 1);
		}
	}

	/** At the end of a round, when its answers have been sent. */
	roundEnded(): void {
		if (!this.#any) return;
		this.#any = false;
		const seconds = (performance.now() - this.#began) / 1000;
		for (let via = 0; via < VIAS.length; via++) {
			const count = this.#atOnce[via];
			if (count === 0) continue;
			this.#counters.duration(via, seconds, count);
			this.#atOnce[via] = 0;
		}
	}
}
