// What is blocked and how fresh it is: lists, the index, the shared pool and its store.
import { dashboard, NODES } from "./dashboard.mjs";
import { GREEN, RED, series, stat, table, timeline, YELLOW } from "./panel.mjs";

const N = `{${NODES}}`;
const byNode = (expression) => [[expression, "{{instance}}"]];
const inState = (state) => `cordon_list_state{${NODES}, state="${state}"}`;
const AGE = `time() - cordon_list_last_success_timestamp_seconds${N}`;
const ofDue = `(${AGE}) / (cordon_list_refresh_seconds${N} > 0)`;
const mayNot = (color) => [
	[null, GREEN],
	[1, color],
];
const up = { 0: ["down", RED], 1: ["up", GREEN] };
const STATES = {
	0: ["loading", "blue"],
	1: ["fresh", GREEN],
	2: ["stale", YELLOW],
	3: ["held", "orange"],
	4: ["failed", RED],
};
/** One number for the state of a list: the place of its word in STATES. */
const STATE = ["fresh", "stale", "held", "failed"]
	.map((state, i) => `${i + 1} * max by (instance, list) (${inState(state)})`)
	.join(" + ");

const glance = [
	stat({
		title: "Lists held",
		description: "A newer version looks worse and waits for a person: cordon lists accept.",
		unit: "none",
		steps: mayNot(YELLOW),
		queries: [[`sum(${inState("held")})`]],
	}),
	stat({
		title: "Lists stale or failed",
		description: "The last good copy is in use, or there is none.",
		unit: "none",
		steps: mayNot(YELLOW),
		queries: [[`sum(cordon_list_state{${NODES}, state=~"stale|failed"})`]],
	}),
	stat({
		title: "Oldest list",
		description: "Time since its last success, as a multiple of its refresh; usual is at most one.",
		unit: "none",
		decimals: 2,
		steps: [
			[null, GREEN],
			[2, YELLOW],
			[10, RED],
		],
		queries: [[`max(${ofDue})`]],
	}),
	stat({
		title: "Names blocked",
		description: "Names in the compiled index, each once; of the node with the fewest.",
		unit: "short",
		queries: [[`min(cordon_index_domains{${NODES}, kind="block"})`]],
	}),
	stat({
		title: "Change in an hour",
		description: "Names in the index against the fewest within the last hour; of the node that grew most.",
		unit: "percentunit",
		decimals: 1,
		steps: [
			[null, GREEN],
			[0.5, YELLOW],
		],
		queries: [
			[
				`max(cordon_index_domains{${NODES}, kind="block"} / (min_over_time(cordon_index_domains{${NODES}, kind="block"}[1h]) > 0) - 1)`,
			],
		],
	}),
	stat({
		title: "Compiled",
		description: "Time since the blocklist was compiled; of the node where it is longest.",
		unit: "s",
		queries: [[`max(time() - cordon_blocklist_compiled_timestamp_seconds${N})`]],
	}),
	stat({
		title: "Pool stores out of reach",
		description: "Nodes that do not reach the pool's store: embedded, or Redis.",
		unit: "none",
		steps: mayNot(RED),
		queries: [[`count(cordon_pool_up${N}) - sum(cordon_pool_up${N})`]],
	}),
	stat({
		title: "Furthest behind the pool",
		description: "Time since the copy was last level with the store; of the node that is furthest behind.",
		unit: "s",
		steps: [
			[null, GREEN],
			[30, YELLOW],
			[120, RED],
		],
		queries: [[`max(cordon_pool_lag_seconds${N})`]],
	}),
	stat({
		title: "Nodes that do not believe the store",
		description: "Its state shrank or vanished: a person decides, cordon pool held.",
		unit: "none",
		steps: mayNot(RED),
		queries: [[`sum(cordon_pool_held${N})`]],
	}),
	stat({
		title: "Batches waiting",
		description: "Batches that change too much at once and wait for a person.",
		unit: "none",
		steps: mayNot(YELLOW),
		queries: [[`max(cordon_pool_held_batches${N})`]],
	}),
	stat({
		title: "Blocked by the pool",
		description: "Domains of the pool that are blocked; of the node with the fewest.",
		unit: "short",
		queries: [[`min(cordon_pool_indicators{${NODES}, state="block"})`]],
	}),
	stat({
		title: "Members",
		description: "Members whose word may count.",
		unit: "none",
		queries: [[`max(cordon_pool_members${N})`]],
	}),
];

const lists = [
	table({
		title: "Lists",
		description: "A line for each list of each node.",
		unit: "none",
		by: ["list", "instance"],
		columns: [
			["State", `max by (list, instance) (${STATE})`, "none", { words: STATES }],
			[
				"Names",
				`max by (list, instance) (cordon_blocklist_domains${N} or cordon_allowlist_domains${N})`,
				"short",
			],
			["Last success", `max by (list, instance) (${AGE})`, "s"],
			["Refresh", `max by (list, instance) (cordon_list_refresh_seconds${N})`, "s"],
			["Refused versions", `sum by (list, instance) (cordon_list_rejected_total${N})`, "short"],
			["Bad lines", `max by (list, instance) (cordon_list_bad_lines${N})`, "short"],
			["Skipped lines", `max by (list, instance) (cordon_list_skipped_lines${N})`, "short"],
		],
	}),
	timeline({
		title: "State of lists",
		description:
			"fresh; stale: the last good copy is in use; held: a newer version waits for a person; failed: there is none.",
		unit: "none",
		words: STATES,
		steps: [[null, GREEN]],
		queries: [[STATE, "{{list}} {{instance}}"]],
	}),
	series({
		title: "Age of lists",
		description: "Time since the last success as a multiple of the list's refresh; above two it is late.",
		unit: "none",
		size: [12, 8],
		steps: [
			[null, GREEN],
			[2, RED],
		],
		queries: [[ofDue, "{{list}} {{instance}}"]],
	}),
	series({
		title: "Names by list",
		description: "Rules of each list that entered the index, allow lists too. A step is a new version.",
		unit: "short",
		queries: [[`cordon_blocklist_domains${N} or cordon_allowlist_domains${N}`, "{{list}} {{instance}}"]],
	}),
	series({
		title: "Refused versions",
		description: "Versions that were refused or could not be fetched, within an hour, by reason.",
		unit: "none",
		queries: [
			[`sum by (list, reason) (increase(cordon_list_rejected_total${N}[1h]))`, "{{list}}: {{reason}}"],
		],
	}),
	series({
		title: "Size of the index",
		description: "Bytes of the compiled blocklist, once for all workers of a node.",
		unit: "bytes",
		queries: byNode(`cordon_blocklist_bytes${N}`),
	}),
	series({
		title: "Names in the index",
		description: "Names that are blocked and allowed, and networks, each once.",
		unit: "short",
		size: [12, 8],
		queries: [
			[`cordon_index_domains${N}`, "{{kind}} {{instance}}"],
			[`cordon_index_networks${N}`, "networks {{instance}}"],
		],
	}),
	series({
		title: "Would have been blocked",
		description: "Questions that log-only let pass, by category.",
		unit: "reqps",
		size: [12, 8],
		queries: [[`sum by (category) (rate(cordon_log_only_total${N}[$__rate_interval]))`, "{{category}}"]],
	}),
];

const pool = [
	timeline({
		title: "Store of the pool",
		description: "Whether each node reaches the store of the pool.",
		unit: "none",
		steps: [
			[null, RED],
			[1, GREEN],
		],
		words: up,
		queries: [
			[
				`cordon_pool_up${N} * on (job, instance) group_left (store) cordon_pool_info${N}`,
				"{{store}} {{instance}}",
			],
		],
	}),
	series({
		title: "Pool lag",
		description:
			"Time since each node's copy was last known to be level with the store; it rises while the store is away.",
		unit: "s",
		size: [12, 8],
		steps: [
			[null, GREEN],
			[120, RED],
		],
		queries: byNode(`cordon_pool_lag_seconds${N}`),
	}),
	series({
		title: "Changes taken in",
		description: "Changes of the pool that each node took in, a second. Nodes of one Redis take in the same.",
		unit: "ops",
		queries: byNode(`clamp_min(deriv(cordon_pool_sequence${N}[5m]), 0)`),
	}),
	series({
		title: "Domains by what follows",
		description:
			"block; log-only; protected and disputed ones wait for a person. Each node judges by its own trust.",
		unit: "short",
		queries: [[`max by (state, instance) (cordon_pool_indicators${N})`, "{{state}} {{instance}}"]],
	}),
	series({
		title: "Contributions",
		description: "Statements of members about domains.",
		unit: "short",
		queries: byNode(`cordon_pool_contributions${N}`),
	}),
	series({
		title: "Beside the blocklist",
		description: "Domains that changed since the blocklist was compiled; above 20,000 it is compiled anew.",
		unit: "short",
		queries: byNode(`cordon_pool_changed_domains${N}`),
	}),
	series({
		title: "Clock",
		description: "How far each node's clock runs ahead of the store's; negative when behind.",
		unit: "s",
		min: false,
		queries: byNode(`cordon_pool_clock_ahead_seconds${N}`),
	}),
	series({
		title: "Whole copies and lost sightings",
		description:
			"Copies taken because following was not possible, and blocked queries that no sighting tells of, within an hour.",
		unit: "none",
		queries: [
			[`increase(cordon_pool_resyncs_total${N}[1h])`, "copies {{instance}}"],
			[`increase(cordon_pool_sightings_lost_total${N}[1h])`, "sightings lost {{instance}}"],
		],
	}),
	series({
		title: "Audit",
		description:
			"Entries that are kept (pool.auditKeep, pool.auditMost), and those that each node took out, within a day.",
		unit: "short",
		size: [24, 6],
		queries: [
			[`cordon_pool_audit_entries${N}`, "kept, seen by {{instance}}"],
			[`increase(cordon_pool_audit_trimmed_total${N}[1d])`, "taken out by {{instance}}"],
		],
	}),
];

export function poolAndLists() {
	return dashboard({
		uid: "cordon-pool-and-lists",
		title: "Cordon: pool and lists",
		description: "What is blocked, how fresh it is, and what waits for a person.",
		manyNodes: true,
		from: "now-24h",
		rows: [
			{ title: "At a glance", panels: glance },
			{ title: "Lists", panels: lists },
			{ title: "Shared pool", panels: pool },
		],
	});
}
