// The fleet: what each node does over time.
import { NODES } from "./dashboard.mjs";
import { GREEN, RED, series, timeline, YELLOW } from "./panel.mjs";

const N = `{${NODES}}`;
export const memory = `process_resident_memory_bytes${N} / cordon_memory_limit_bytes${N}`;
const descriptors = `process_open_fds${N} / process_max_fds${N}`;
const byNode = (expression) => [[expression, "{{instance}}"]];
export const load = [
	series({
		title: "Queries by node",
		description: "One that falls away while others rise has lost its clients to them.",
		unit: "reqps",
		stacked: true,
		size: [12, 9],
		queries: byNode(`instance:cordon_queries:rate5m${N}`),
	}),
	series({
		title: "Answers by source",
		description: "Over all nodes: blocked, cache, stale, upstream, local, refused, limited, error.",
		unit: "reqps",
		stacked: true,
		size: [12, 9],
		queries: [[`sum by (via) (instance_via:cordon_responses:rate5m${N})`, "{{via}}"]],
	}),
	series({
		title: "Failed by node",
		description: "Share of SERVFAIL among the answers of each node.",
		unit: "percentunit",
		queries: byNode(`instance:cordon_servfail:ratio_rate5m${N}`),
	}),
	series({
		title: "Slowest of a hundred by node",
		description: "p99 of each node, from any source.",
		unit: "s",
		queries: byNode(`instance:cordon_response_duration_seconds:p99_rate5m${N}`),
	}),
	series({
		title: "Own answers, slowest of a hundred",
		description:
			"p99 of blocked, cached and local answers: a node above the others has too little processor time.",
		unit: "s",
		queries: byNode(`instance:cordon_own_response_duration_seconds:p99_rate5m${N}`),
	}),
	series({
		title: "Blocked by node",
		description:
			"Nodes with the same lists and like clients block alike; one that differs is to be looked at.",
		unit: "percentunit",
		queries: byNode(`instance:cordon_blocked:ratio_rate5m${N}`),
	}),
	series({
		title: "Blocks by category",
		description: "Over all nodes, by the category of the list or of the pool's word that decided.",
		unit: "reqps",
		stacked: true,
		queries: [[`sum by (category) (instance_category:cordon_blocked:rate5m${N})`, "{{category}}"]],
	}),
	series({
		title: "Cache hits by node",
		description: "Share of the questions put to the cache that it could answer; low after a restart.",
		unit: "percentunit",
		queries: byNode(`instance:cordon_cache_hits:ratio_rate5m${N}`),
	}),
];

export const health = [
	timeline({
		title: "Ready",
		description: "Whether each node has its lists and answers.",
		unit: "none",
		steps: [
			[null, RED],
			[1, GREEN],
		],
		words: { 0: ["not ready", RED], 1: ["ready", GREEN] },
		queries: byNode(`cordon_ready${N}`),
	}),
	timeline({
		title: "Upstreams by node",
		description:
			"Upstreams that each node takes for dead; the same on all nodes means the upstream, on one the way.",
		unit: "none",
		steps: [
			[null, GREEN],
			[1, YELLOW],
		],
		queries: byNode(
			`count by (instance) (cordon_upstream_up${N}) - sum by (instance) (cordon_upstream_up${N})`,
		),
	}),
	series({
		title: "Stale answers by node",
		description: "Share of answers from beyond their time, because upstreams fail or are late.",
		unit: "percentunit",
		queries: byNode(`instance:cordon_stale:ratio_rate5m${N}`),
	}),
	series({
		title: "Upstream latency by node",
		description: "95 of 100 answers of each upstream came within this time.",
		unit: "s",
		queries: [
			[
				`instance_upstream:cordon_upstream_response_duration_seconds:p95_rate5m${N}`,
				"{{instance}} {{upstream}}",
			],
		],
	}),
	series({
		title: "Shed and limited by node",
		description: "Questions that got SERVFAIL at once because too many wait, and what met a limit of access.",
		unit: "cps",
		queries: [
			[`sum by (instance) (rate(cordon_flights_shed_total${N}[$__rate_interval]))`, "{{instance}} shed"],
			[`sum by (instance) (rate(cordon_limited_total${N}[$__rate_interval]))`, "{{instance}} limited"],
		],
	}),
	series({
		title: "Processor by node",
		description: "Cores that each node uses.",
		unit: "none",
		queries: byNode(`rate(process_cpu_seconds_total${N}[$__rate_interval])`),
	}),
	series({
		title: "Memory by node",
		description: "Resident memory as a share of the limit.",
		unit: "percentunit",
		max: 1,
		steps: [
			[null, GREEN],
			[0.85, YELLOW],
			[0.95, RED],
		],
		queries: byNode(memory),
	}),
	series({
		title: "File descriptors by node",
		description: "Open ones as a share of what each process may have.",
		unit: "percentunit",
		max: 1,
		steps: [
			[null, GREEN],
			[0.8, RED],
		],
		queries: byNode(descriptors),
	}),
	series({
		title: "Worker restarts by node",
		description: "Workers that crashed and were started again, within an hour.",
		unit: "none",
		queries: byNode(`sum by (instance) (increase(cordon_worker_restarts_total${N}[1h]))`),
	}),
	series({
		title: "Names blocked by node",
		description: "Names in the compiled index; nodes with the same lists have the same number.",
		unit: "short",
		size: [16, 8],
		queries: byNode(`cordon_index_domains{${NODES}, kind="block"}`),
	}),
];
