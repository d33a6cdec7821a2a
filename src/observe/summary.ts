import { QTYPES, RCODES } from "./code-slots.ts";
import { DURATION_BOUNDS, TRANSPORTS, VIAS, type Via } from "./counters.ts";
import type { NodeView } from "./status.ts";
import { Tally } from "./tally.ts";

export interface UpstreamSummary {
	readonly name: string;
	readonly up: boolean;
	readonly queries: number;
	/** Tries that brought no usable answer. */
	readonly failures: number;
	/** Mean time to an answer; 0 before the first. */
	readonly meanSeconds: number;
}

/** The few numbers that people look at first, since the start. Shares are between 0 and 1. */
export interface Summary {
	readonly queries: number;
	/** Answers by where they came from. */
	readonly responses: Readonly<Record<Via, number>>;
	readonly blocked: number;
	/** Of all answers. */
	readonly shareBlocked: number;
	/** Of all questions that the cache was asked. */
	readonly shareCacheHits: number;
	/** Of all answers. */
	readonly shareFailed: number;
	readonly cacheEntries: number;
	readonly cacheBytes: number;
	/** Half of all answers took at most this long, to the resolution of the histogram; 0 before the first. */
	readonly medianSeconds: number;
	readonly upstreams: readonly UpstreamSummary[];
}

function share(part: number, whole: number): number {
	return whole > 0 ? part / whole : 0;
}

function sum(numbers: readonly number[]): number {
	return numbers.reduce((a, b) => a + b, 0);
}

function median(buckets: readonly number[]): number {
	const half = sum(buckets) / 2;
	if (half === 0) return 0;
	let seen = 0;
	const at = buckets.findIndex((count) => {
		seen += count;
		return seen >= half;
	});
	return DURATION_BOUNDS[Math.min(at, DURATION_BOUNDS.length - 1)];
}

export function summarise(view: NodeView): Summary {
	const tally = new Tally(view.counters());
	const responses = Object.fromEntries(
		VIAS.map((via, i) => [via, sum(RCODES.map((_, rcode) => tally.responses(i, rcode)))]),
	) as Record<Via, number>;
	const answered = sum(Object.values(responses));
	const hits = tally.number("cacheHits");
	const durations = VIAS.map((_, i) => tally.durations(i).buckets);
	return {
		queries: sum(TRANSPORTS.flatMap((_, transport) => QTYPES.map((_, q) => tally.queries(transport, q)))),
		responses,
		blocked: responses.blocked,
		shareBlocked: share(responses.blocked, answered),
		shareCacheHits: share(hits, hits + tally.number("cacheMisses")),
		shareFailed: share(responses.error, answered),
		cacheEntries: tally.number("cacheEntries"),
		cacheBytes: tally.number("cacheBytes"),
		medianSeconds: median(durations[0].map((_, bucket) => sum(durations.map((counts) => counts[bucket])))),
		upstreams: view.status().upstreams.map(({ name, up, slot }) => {
			const { buckets, sum: seconds } = tally.upstreamDurations(slot);
			return {
				name,
				up,
				queries: tally.upstream(slot, "queries"),
				failures:
					tally.upstream(slot, "timeouts") +
					tally.upstream(slot, "networkErrors") +
					tally.upstream(slot, "serverFailures"),
				meanSeconds: share(seconds, sum(buckets)),
			};
		}),
	};
}
