// One node: upstreams, limits, and the process itself.

import { NODES } from "./dashboard.mjs";
import { quantile, rate } from "./node-queries.mjs";
import { GREEN, RED, series, timeline } from "./panel.mjs";

export const isUp = [
	[null, RED],
	[1, GREEN],
];
const UPSTREAM = "cordon_upstream_response_duration_seconds";
export const upstreams = [
	timeline({
		title: "Upstreams",
		description: "Whether at least one worker takes the upstream for healthy.",
		unit: "none",
		steps: isUp,
		words: { 0: ["down", RED], 1: ["up", GREEN] },
		queries: [[`max by (upstream) (cordon_upstream_up{${NODES}})`, "{{upstream}}"]],
	}),
	series({
		title: "Questions to upstreams",
		description: "Questions sent, every try counted.",
		unit: "reqps",
		stacked: true,
		size: [12, 8],
		queries: [[`sum by (upstream) (${rate("cordon_upstream_queries_total")})`, "{{upstream}}"]],
	}),
	series({
		title: "Upstream latency",
		description: "Half of the answers of each upstream, and 95 of 100, took at most so long.",
		unit: "s",
		queries: [
			[quantile(0.5, UPSTREAM, "upstream, "), "p50 {{upstream}}"],
			[quantile(0.95, UPSTREAM, "upstream, "), "p95 {{upstream}}"],
		],
	}),
	series({
		title: "Upstream failures",
		description: "Tries without a usable answer: timeout, network (refused, unreachable), server-failure.",
		unit: "reqps",
		queries: [
			[`sum by (upstream, reason) (${rate("cordon_upstream_failures_total")})`, "{{reason}} {{upstream}}"],
		],
	}),
	series({
		title: "Waiting for upstreams",
		description: "Questions under way, and clients' queries that wait for them.",
		unit: "short",
		queries: [
			[`sum(cordon_flights{${NODES}})`, "questions"],
			[`sum(cordon_askers_waiting{${NODES}})`, "waiting queries"],
		],
	}),
	series({
		title: "Shed",
		description: "Questions answered SERVFAIL at once, because too many wait: in all, or of one client.",
		unit: "reqps",
		queries: [
			[`sum(${rate("cordon_flights_shed_total")})`, "too many in all"],
			[`sum(${rate("cordon_limited_total", ', limit="waiting"')})`, "too many of one client"],
		],
	}),
	series({
		title: "Signs of forgery",
		description:
			"Replies that match no question, and those that look like guesses at one. Late answers make a few.",
		unit: "cps",
		queries: [
			[`sum(${rate("cordon_upstream_strangers_total")})`, "match no question"],
			[`sum by (reason) (${rate("cordon_upstream_suspicions_total")})`, "wrong {{reason}}"],
		],
	}),
	series({
		title: "DNSSEC",
		description: "Answers validated, by result; all zero while dnssec.validate is off.",
		unit: "cps",
		queries: [[`sum by (result) (${rate("cordon_dnssec_validations_total")})`, "{{result}}"]],
	}),
];

export const clients = [
	series({
		title: "Limits met",
		description: "Questions and answers that a limit of access met, and what became of them.",
		unit: "cps",
		queries: [[`sum by (limit, action) (${rate("cordon_limited_total")})`, "{{limit}}: {{action}}"]],
	}),
	series({
		title: "TCP connections",
		description: "Connections of clients that are open.",
		unit: "short",
		queries: [[`sum(cordon_tcp_connections{${NODES}})`, "open"]],
	}),
	series({
		title: "Lost on the way",
		description:
			"Packets that are no query, answers that the kernel did not take, TCP connections turned away.",
		unit: "cps",
		queries: [
			[`sum(${rate("cordon_packets_malformed_total")})`, "malformed packets"],
			[`sum(${rate("cordon_replies_unsent_total")})`, "unsent answers"],
			[`sum(${rate("cordon_tcp_connections_refused_total")})`, "refused connections"],
			[`sum(${rate("cordon_tcp_connections_overfull_total")})`, "overfull connections"],
		],
	}),
];

export const machine = [
	series({
		title: "Processor",
		description: "Cores that the process uses.",
		unit: "none",
		queries: [[`sum(${rate("process_cpu_seconds_total")})`, "cores"]],
	}),
	series({
		title: "Memory",
		description: "Resident memory of the process, parts of it, and the limit.",
		unit: "bytes",
		queries: [
			[`max(process_resident_memory_bytes{${NODES}})`, "resident"],
			[`max(cordon_blocklist_bytes{${NODES}})`, "blocklist"],
			[`sum(cordon_cache_bytes{${NODES}})`, "cached answers"],
			[`max(cordon_memory_limit_bytes{${NODES}})`, "limit"],
		],
	}),
	series({
		title: "File descriptors",
		description: "Open ones, as a share of what the process may have.",
		unit: "percentunit",
		max: 1,
		steps: [
			[null, GREEN],
			[0.8, RED],
		],
		queries: [[`max(process_open_fds{${NODES}} / process_max_fds{${NODES}})`, "open"]],
	}),
	timeline({
		title: "Workers",
		description: "Whether each worker answers.",
		unit: "none",
		steps: isUp,
		words: { 0: ["down", RED], 1: ["up", GREEN] },
		queries: [[`max by (worker) (cordon_worker_up{${NODES}})`, "worker {{worker}}"]],
	}),
	series({
		title: "Restarts",
		description: "Times that a worker crashed and was started again, within an hour.",
		unit: "none",
		size: [6, 8],
		queries: [
			[`sum by (worker) (increase(cordon_worker_restarts_total{${NODES}}[1h]))`, "worker {{worker}}"],
		],
	}),
	series({
		title: "Control thread",
		description:
			"How late the control thread runs what is due (p99). No query waits for it; /metrics and the API do.",
		unit: "s",
		size: [6, 8],
		queries: [[`max(nodejs_eventloop_lag_p99_seconds{${NODES}})`, "p99"]],
	}),
];
