// One node: what is asked, and what is answered from where.

import { NODES } from "./dashboard.mjs";
import { DURATION, quantile, RESPONSES, rate, share } from "./node-queries.mjs";
import { heatmap, series } from "./panel.mjs";

export const traffic = [
	series({
		title: "Answers by source",
		description:
			"Where answers came from: blocked, cache, stale (kept beyond its time), upstream, local (special names), refused, limited, error.",
		unit: "reqps",
		stacked: true,
		size: [12, 9],
		queries: [[`sum by (via) (${rate(RESPONSES)})`, "{{via}}"]],
	}),
	series({
		title: "Queries by type",
		description: "Questions by the type of record they ask for.",
		unit: "reqps",
		stacked: true,
		size: [12, 9],
		queries: [[`sum by (qtype) (${rate("cordon_queries_total")})`, "{{qtype}}"]],
	}),
	series({
		title: "Queries by transport",
		description:
			"Questions over UDP and TCP; much TCP means that answers are truncated, or that clients are limited.",
		unit: "reqps",
		stacked: true,
		queries: [[`sum by (transport) (${rate("cordon_queries_total")})`, "{{transport}}"]],
	}),
	series({
		title: "Answers by response code",
		description: "NXDOMAIN in masses may be somebody who asks for random names. dropped: nothing was sent.",
		unit: "reqps",
		stacked: true,
		queries: [[`sum by (rcode) (${rate(RESPONSES)})`, "{{rcode}}"]],
	}),
	series({
		title: "Errors and refusals",
		description:
			"Answers that no client likes: errors (SERVFAIL and the like), refused by access, met a limit.",
		unit: "reqps",
		queries: [[`sum by (via) (${rate(RESPONSES, ', via=~"error|refused|limited"')})`, "{{via}}"]],
	}),
];

export const blocking = [
	series({
		title: "Blocks by category",
		description: "Blocked questions by the category of the list, or of the pool's word, that decided.",
		unit: "reqps",
		stacked: true,
		queries: [[`sum by (category) (${rate("cordon_blocked_total")})`, "{{category}}"]],
	}),
	series({
		title: "Blocks by cause",
		description:
			"What gave cause: the name itself, or in its answer an alias, a service, a hint, an address, a private address.",
		unit: "reqps",
		stacked: true,
		queries: [[`sum by (reason) (${rate("cordon_blocked_reason_total")})`, "{{reason}}"]],
	}),
	series({
		title: "Share of blocked questions",
		description: "A jump after a change of lists, configuration or pool (the marks) is to be looked at.",
		unit: "percentunit",
		queries: [[share(rate(RESPONSES, ', via="blocked"'), rate(RESPONSES)), "blocked"]],
	}),
];

export const latency = [
	series({
		title: "Time to answer",
		description: "Of all answers: half, nine of ten and 99 of 100 took at most so long.",
		unit: "s",
		queries: [
			[quantile(0.5, DURATION), "p50"],
			[quantile(0.9, DURATION), "p90"],
			[quantile(0.99, DURATION), "p99"],
		],
	}),
	series({
		title: "Slowest of a hundred, by source",
		description:
			"p99 by where the answer came from. Blocked and cached answers above a millisecond mean a machine without time.",
		unit: "s",
		queries: [[quantile(0.99, DURATION, "via, "), "{{via}}"]],
	}),
	heatmap({
		title: "How many took how long",
		description: "Answers a second by duration.",
		unit: "s",
		queries: [[`sum by (le) (${rate(`${DURATION}_bucket`)})`, "{{le}}"]],
	}),
];

export const cache = [
	series({
		title: "Cache hits and misses",
		description: "Questions that the cache could answer, and those that it could not.",
		unit: "reqps",
		stacked: true,
		queries: [
			[`sum(${rate("cordon_cache_hits_total")})`, "hits"],
			[`sum(${rate("cordon_cache_misses_total")})`, "misses"],
		],
	}),
	series({
		title: "Cache in and out",
		description:
			"Evictions near inserts mean that cache.size is small. Prefetches renew popular answers before they end.",
		unit: "ops",
		queries: [
			[`sum(${rate("cordon_cache_inserts_total")})`, "inserts"],
			[`sum(${rate("cordon_cache_evictions_total")})`, "evictions"],
			[`sum(${rate("cordon_cache_prefetches_total")})`, "prefetches"],
		],
	}),
	series({
		title: "Cache size",
		description: "Bytes that cached answers take, over all workers; cache.size bounds them.",
		unit: "bytes",
		queries: [[`sum(cordon_cache_bytes{${NODES}})`, "bytes"]],
	}),
];
