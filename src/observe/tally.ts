import type { Counters, DurationCounts, UpstreamNumber, WorkerNumber } from "./counters.ts";
import { DURATION_BOUNDS } from "./counters.ts";

/** The counters of all workers as one: the same readers, each summed up at the moment it is asked. */
export class Tally {
	readonly #all: readonly Counters[];

	constructor(all: readonly Counters[]) {
		this.#all = all;
	}

	/** Both are indexes, into TRANSPORTS and QTYPES. */
	queries(transport: number, qtype: number): number {
		return this.#sum((one) => one.readQueries(transport, qtype));
	}

	/** Both are indexes, into VIAS and RCODES. */
	responses(via: number, rcode: number): number {
		return this.#sum((one) => one.readResponses(via, rcode));
	}

	/** Both are indexes, into CATEGORIES and BLOCK_ACTIONS. */
	blocked(category: number, action: number): number {
		return this.#sum((one) => one.readBlocked(category, action));
	}

	/** Blocked questions, by an index into BLOCK_REASONS. */
	reason(reason: number): number {
		return this.#sum((one) => one.readReason(reason));
	}

	logged(category: number): number {
		return this.#sum((worker) => worker.readLogged(category));
	}

	/** Both are indexes, into LIMITS and LIMIT_ACTIONS. */
	limited(limit: number, action: number): number {
		return this.#sum((one) => one.readLimited(limit, action));
	}

	durations(via: number): DurationCounts {
		return this.#histogram((one) => one.readDurations(via));
	}

	number(number: WorkerNumber): number {
		return this.#sum((one) => one.readNumber(number));
	}

	/** `upstream`: its slot in NodeStatus.upstreams. */
	upstream(upstream: number, number: UpstreamNumber): number {
		return this.#sum((one) => one.readUpstream(upstream, number));
	}

	upstreamDurations(upstream: number): DurationCounts {
		return this.#histogram((one) => one.readUpstreamDurations(upstream));
	}

	#sum(read: (one: Counters) => number): number {
		let sum = 0;
		for (const one of this.#all) sum += read(one);
		return sum;
	}

	#histogram(read: (one: Counters) => DurationCounts): DurationCounts {
		const buckets = new Array<number>(DURATION_BOUNDS.length + 1).fill(0);
		let sum = 0;
		for (const one of this.#all) {
			const counts = read(one);
			for (let i = 0; i < buckets.length; i++) buckets[i] += counts.buckets[i];
			sum += counts.sum;
		}
		return { buckets, sum };
	}
}
