// All nodes side by side, from recorded series, so that long ranges of many nodes stay quick.
import { dashboard, NODES } from "./dashboard.mjs";
import { health, load, memory } from "./fleet-panels.mjs";
import { GREEN, RED, stat, table, YELLOW } from "./panel.mjs";

const N = `{${NODES}}`;
const answers = `sum(instance:cordon_responses:rate5m${N})`;
const blocked = `sum(instance_via:cordon_responses:rate5m{${NODES}, via="blocked"})`;
const failed = `sum(instance:cordon_servfail:ratio_rate5m${N} * instance:cordon_responses:rate5m${N})`;
const errors = [
	[null, GREEN],
	[0.01, YELLOW],
	[0.05, RED],
];
const NEEDS_A_LOOK = `cordon_list_state{${NODES}, state=~"held|stale|failed"}`;
const yes = { 0: ["no", RED], 1: ["yes", GREEN] };

const glance = [
	stat({
		title: "Nodes that do not answer Prometheus",
		description: "Targets whose metrics cannot be read: down, or cut off.",
		unit: "none",
		steps: [
			[null, GREEN],
			[1, RED],
		],
		queries: [[`count(up${N}) - sum(up${N})`]],
	}),
	stat({
		title: "Nodes ready",
		description: "Nodes that have their lists and answer.",
		unit: "none",
		steps: [
			[null, RED],
			[1, GREEN],
		],
		queries: [[`sum(cordon_ready${N})`]],
	}),
	stat({
		title: "Queries",
		description: "Questions a second over all nodes.",
		unit: "reqps",
		queries: [[`sum(instance:cordon_queries:rate5m${N})`]],
	}),
	stat({
		title: "Blocked",
		description: "Share of all answers that were blocked.",
		unit: "percentunit",
		decimals: 1,
		queries: [[`${blocked} / (${answers} > 0)`]],
	}),
	stat({
		title: "Failed",
		description: "Share of all answers that were SERVFAIL.",
		unit: "percentunit",
		decimals: 2,
		steps: errors,
		queries: [[`${failed} / (${answers} > 0)`]],
	}),
	stat({
		title: "Slowest of a hundred",
		description:
			"Time within which 99 of 100 questions were answered (p99), over all nodes of a job; the worst job.",
		unit: "s",
		steps: [
			[null, GREEN],
			[0.5, YELLOW],
			[2, RED],
		],
		queries: [['max(job:cordon_response_duration_seconds:p99_rate5m{job=~"$job"})']],
	}),
];

const nodes = [
	table({
		title: "Nodes",
		description: "A line for each node; the worst are found by a click on a column's head.",
		unit: "none",
		by: ["instance"],
		columns: [
			["Ready", `max by (instance) (cordon_ready${N})`, "none", { words: yes }],
			["Queries", `sum by (instance) (instance:cordon_queries:rate5m${N})`, "reqps"],
			["Blocked", `max by (instance) (instance:cordon_blocked:ratio_rate5m${N})`, "percentunit"],
			[
				"Failed",
				`max by (instance) (instance:cordon_servfail:ratio_rate5m${N})`,
				"percentunit",
				{ steps: errors },
			],
			["p99", `max by (instance) (instance:cordon_response_duration_seconds:p99_rate5m${N})`, "s"],
			["Cache hits", `max by (instance) (instance:cordon_cache_hits:ratio_rate5m${N})`, "percentunit"],
			[
				"Upstreams down",
				`count by (instance) (cordon_upstream_up${N}) - sum by (instance) (cordon_upstream_up${N})`,
				"none",
				{
					steps: [
						[null, GREEN],
						[1, YELLOW],
					],
				},
			],
			[
				"Lists to look at",
				`sum by (instance) (${NEEDS_A_LOOK})`,
				"none",
				{
					steps: [
						[null, GREEN],
						[1, YELLOW],
					],
				},
			],
			["Names blocked", `sum by (instance) (cordon_index_domains{${NODES}, kind="block"})`, "short"],
			[
				"Configuration taken",
				`max by (instance) (cordon_config_last_reload_successful${N})`,
				"none",
				{ words: yes },
			],
			[
				"Memory",
				`max by (instance) (${memory})`,
				"percentunit",
				{
					steps: [
						[null, GREEN],
						[0.85, YELLOW],
						[0.95, RED],
					],
				},
			],
			["Up for", `time() - max by (instance) (process_start_time_seconds${N})`, "s"],
		],
	}),
	table({
		title: "Alerts",
		description:
			"Alerts on Cordon that fire, or will when they last; docs/runbook.md has a section for each.",
		unit: "none",
		size: [16, 8],
		by: ["alertname", "instance", "severity", "alertstate"],
		columns: [
			[
				"Count",
				'count by (alertname, instance, severity, alertstate) (ALERTS{alertname=~"Cordon.*"})',
				"none",
			],
		],
	}),
	table({
		title: "Versions",
		description:
			"How many nodes run which version; more than one for longer than an upgrade takes is to be ended.",
		unit: "none",
		size: [8, 8],
		by: ["version"],
		columns: [["Nodes", `count by (version) (cordon_build_info${N})`, "none"]],
	}),
];

export function fleet() {
	return dashboard({
		uid: "cordon-fleet",
		title: "Cordon: the fleet",
		description: "All nodes side by side. Needs the recording rules of deploy/prometheus.",
		manyNodes: true,
		from: "now-6h",
		rows: [
			{ title: "At a glance", panels: glance },
			{ title: "Nodes", panels: nodes },
			{ title: "Traffic", panels: load },
			{ title: "Health", panels: health },
		],
	});
}
