// One node: is it well, and if not, since when and what?
import { dashboard, NODES } from "./dashboard.mjs";
import { blocking, cache, latency, traffic } from "./node-answers.mjs";
import { clients, isUp, machine, upstreams } from "./node-machine.mjs";
import { DURATION, quantile, RESPONSES, rate, share } from "./node-queries.mjs";
import { GREEN, RED, stat, YELLOW } from "./panel.mjs";

const mayNot = [
	[null, GREEN],
	[1, RED],
];
const errors = [
	[null, GREEN],
	[0.01, YELLOW],
	[0.05, RED],
];
const fill = [
	[null, GREEN],
	[0.85, YELLOW],
	[0.95, RED],
];

const glance = [
	stat({
		title: "Ready",
		description: "Whether lists are loaded and workers answer, as /readyz says.",
		unit: "none",
		steps: isUp,
		words: { 0: ["not ready", RED], 1: ["ready", GREEN] },
		queries: [[`min(cordon_ready{${NODES}})`]],
	}),
	stat({
		title: "Queries",
		description: "Questions understood, a second.",
		unit: "reqps",
		queries: [[`sum(${rate("cordon_queries_total")})`]],
	}),
	stat({
		title: "Blocked",
		description: "Share of all answers that were blocked.",
		unit: "percentunit",
		decimals: 1,
		queries: [[share(rate(RESPONSES, ', via="blocked"'), rate(RESPONSES))]],
	}),
	stat({
		title: "Failed",
		description: "Share of all answers that were SERVFAIL; usual is far below one in a hundred.",
		unit: "percentunit",
		decimals: 2,
		steps: errors,
		queries: [
			[`(sum(${rate(RESPONSES, ', rcode="SERVFAIL"')}) or vector(0)) / (sum(${rate(RESPONSES)}) > 0)`],
		],
	}),
	stat({
		title: "Cache hits",
		description: "Share of the questions put to the cache that it could answer.",
		unit: "percentunit",
		decimals: 1,
		queries: [
			[
				`sum(${rate("cordon_cache_hits_total")}) / (sum(${rate("cordon_cache_hits_total")} + ${rate("cordon_cache_misses_total")}) > 0)`,
			],
		],
	}),
	stat({
		title: "Slowest of a hundred",
		description: "Time within which 99 of 100 questions were answered (p99), from any source.",
		unit: "s",
		steps: [
			[null, GREEN],
			[0.5, YELLOW],
			[2, RED],
		],
		queries: [[quantile(0.99, DURATION)]],
	}),
	stat({
		title: "Workers down",
		description: "Workers that do not answer just now.",
		unit: "none",
		steps: mayNot,
		queries: [[`count(cordon_worker_up{${NODES}}) - sum(cordon_worker_up{${NODES}})`]],
	}),
	stat({
		title: "Upstreams down",
		description: "Upstreams that no worker takes for healthy.",
		unit: "none",
		steps: [
			[null, GREEN],
			[1, YELLOW],
		],
		queries: [[`count(cordon_upstream_up{${NODES}}) - sum(cordon_upstream_up{${NODES}})`]],
	}),
	stat({
		title: "Lists that need a look",
		description: "Lists that are held, stale or failed; the dashboard Pool and lists says which.",
		unit: "none",
		steps: [
			[null, GREEN],
			[1, YELLOW],
		],
		queries: [[`sum(cordon_list_state{${NODES}, state=~"held|stale|failed"})`]],
	}),
	stat({
		title: "Memory used",
		description: "Resident memory, as a share of the limit of the container or service, else of the machine.",
		unit: "percentunit",
		decimals: 1,
		steps: fill,
		queries: [[`max(process_resident_memory_bytes{${NODES}} / cordon_memory_limit_bytes{${NODES}})`]],
	}),
	stat({
		title: "Up for",
		description: "Time since the process started.",
		unit: "s",
		queries: [[`time() - max(process_start_time_seconds{${NODES}})`]],
	}),
	stat({
		title: "Version",
		description: "The version that runs.",
		unit: "none",
		name: true,
		queries: [[`cordon_build_info{${NODES}}`, "{{version}}"]],
	}),
];

export function node() {
	return dashboard({
		uid: "cordon-node",
		title: "Cordon: one node",
		description: "One node at a glance: queries, blocking, latency, cache, upstreams, limits, process.",
		manyNodes: false,
		from: "now-3h",
		rows: [
			{ title: "At a glance", panels: glance },
			{ title: "Queries and answers", panels: traffic },
			{ title: "Blocking", panels: blocking },
			{ title: "Latency", panels: latency },
			{ title: "Cache", panels: cache },
			{ title: "Upstreams", panels: upstreams },
			{ title: "Clients and limits", panels: clients },
			{ title: "Process", panels: machine },
		],
	});
}
