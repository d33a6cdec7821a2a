/** Which upstream is asked next. */
import type { UpstreamSettings } from "../config/upstream-settings.ts";
import type { Inquiry } from "./inquiry.ts";
import type { RandomNumbers } from "./random.ts";
import type { Upstream } from "./upstream.ts";

/** `fastest` asks another than the fastest once in so many questions, to notice when that one became faster. */
const EXPLORE_ONCE_IN = 64;

export class Choice {
	readonly #strategy: UpstreamSettings["strategy"];
	readonly #upstreams: readonly Upstream[];
	readonly #random: RandomNumbers;

	constructor(strategy: UpstreamSettings["strategy"], upstreams: readonly Upstream[], random: RandomNumbers) {
		this.#strategy = strategy;
		this.#upstreams = upstreams;
		this.#random = random;
	}

	/** Healthy before ailing, not yet asked before asked, and among those as the strategy says. */
	for(inquiry: Inquiry, now: number): Upstream {
		let best = this.#upstreams[0];
		let bestScore = Number.POSITIVE_INFINITY;
		const explore = this.#strategy === "fastest" && this.#random.below(EXPLORE_ONCE_IN) === 0;
		for (const upstream of this.#upstreams) {
			const { health } = upstream;
			let score = health.mayBeAsked(now) ? 0 : 1e9 + Math.max(0, health.retryAt - now);
			if (hasAsked(inquiry, upstream)) score += 1e7;
			score += explore ? this.#random.below(1024) : this.#preference(upstream);
			if (score < bestScore) {
				best = upstream;
				bestScore = score;
			}
		}
		return best;
	}

	/** Whether there is one that has not been asked yet. */
	isLeft(inquiry: Inquiry): boolean {
		return this.#upstreams.some((upstream) => !hasAsked(inquiry, upstream));
	}

	#preference(upstream: Upstream): number {
		switch (this.#strategy) {
			case "fastest":
				return upstream.health.roundTripMs;
			case "random":
				return this.#random.below(1024);
			case "strict":
				return upstream.number;
		}
	}
}

function hasAsked(inquiry: Inquiry, upstream: Upstream): boolean {
	return (inquiry.tried & (1 << upstream.number)) !== 0;
}
