/** The metrics of the node itself: its lists, its index, its workers. */
import type { Family, Labels, NumberFamily } from "./family.ts";
import { single } from "./family.ts";
import { REJECTION_REASONS } from "./rejection.ts";
import type { ListState, ListStatus } from "./status.ts";

const LIST_STATES: readonly ListState[] = ["loading", "fresh", "stale", "held", "failed"];

function rejections(list: ListStatus): (readonly [Labels, number])[] {
	const counts = new Map<string, number>(REJECTION_REASONS.map((reason) => [reason, 0]));
	for (const [reason, count] of Object.entries(list.rejected)) {
		const known = counts.has(reason) ? reason : "other";
		counts.set(known, (counts.get(known) ?? 0) + count);
	}
	return [...counts].map(([reason, count]) => [{ list: list.name, reason }, count] as const);
}

function perList(name: string, help: string, read: (list: ListStatus) => number | undefined): NumberFamily {
	return {
		type: "gauge",
		name,
		help,
		labels: ["list"],
		read: ({ status }) =>
			status.lists.flatMap((list) => {
				const value = read(list);
				return value === undefined ? [] : [[{ list: list.name }, value] as const];
			}),
	};
}

export const NODE_METRICS: readonly Family[] = [
	{
		type: "gauge",
		name: "cordon_build_info",
		help: "Always 1; the label says which version runs.",
		labels: ["version"],
		read: ({ status }) => [[{ version: status.version }, 1]],
	},
	single(
		"gauge",
		"cordon_ready",
		"1 when lists are loaded and workers answer, else 0; as /readyz says.",
		(r) => (r.status.ready ? 1 : 0),
	),
	single(
		"gauge",
		"cordon_config_last_reload_successful",
		"1 when the configuration was taken over whole the last time that it was read, else 0; starting counts as reading it.",
		(r) => (r.status.reload.succeeded ? 1 : 0),
	),
	single(
		"gauge",
		"cordon_config_last_reload_success_timestamp_seconds",
		"When the configuration was last taken over whole.",
		(r) => r.status.reload.succeededAt / 1000,
	),
	single(
		"gauge",
		"cordon_memory_limit_bytes",
		"Memory that the process may take: the limit of its container or service, else all of the machine.",
		(r) => r.status.memoryLimitBytes,
	),
	perList("cordon_blocklist_domains", "Rules of a block list that entered the index.", (list) =>
		list.kind === "block" ? list.domains : undefined,
	),
	perList("cordon_allowlist_domains", "Rules of an allow list that entered the index.", (list) =>
		list.kind === "allow" ? list.domains : undefined,
	),
	{
		type: "gauge",
		name: "cordon_index_domains",
		help: "Rules in the compiled index over all lists, each once, by whether they block or allow.",
		labels: ["kind"],
		read: ({ status }) => [
			[{ kind: "block" }, status.blockedDomains],
			[{ kind: "allow" }, status.allowedDomains],
		],
	},
	single(
		"gauge",
		"cordon_index_networks",
		"Networks in the compiled index that are blocked in answers, over all lists, each once.",
		(r) => r.status.blockedNetworks,
	),
	single(
		"gauge",
		"cordon_blocklist_bytes",
		"Bytes of the compiled index, shared by all workers.",
		(r) => r.status.indexBytes,
	),
	{
		type: "gauge",
		name: "cordon_blocklist_compiled_timestamp_seconds",
		help: "When the index in use was compiled; absent before the first.",
		labels: [],
		read: ({ status }) => (status.compiledAt === undefined ? [] : [[{}, status.compiledAt / 1000]]),
	},
	{
		type: "gauge",
		name: "cordon_list_state",
		help: "1 for the state that a list is in, 0 for the others. held: a newer version was refused; failed: it cannot be had.",
		labels: ["list", "state"],
		read: ({ status }) =>
			status.lists.flatMap((list) =>
				LIST_STATES.map((state) => [{ list: list.name, state }, list.state === state ? 1 : 0] as const),
			),
	},
	perList(
		"cordon_list_last_success_timestamp_seconds",
		"When a list was last fetched or read with success; absent before the first time.",
		(list) => (list.lastSuccess === undefined ? undefined : list.lastSuccess / 1000),
	),
	perList(
		"cordon_list_refresh_seconds",
		"How often a list is brought up to date, as lists.refresh says.",
		(list) => list.refreshSeconds,
	),
	perList("cordon_list_bad_lines", "Lines of a list that could not be understood.", (list) => list.badLines),
	perList(
		"cordon_list_skipped_lines",
		"Lines of a list that have no meaning in DNS, such as cosmetic rules.",
		(list) => list.skippedLines,
	),
	{
		type: "counter",
		name: "cordon_list_rejected_total",
		help: "Versions of a list that were refused, or could not be fetched, so that the last good one stayed.",
		labels: ["list", "reason"],
		read: ({ status }) => status.lists.flatMap(rejections),
	},
	{
		type: "gauge",
		name: "cordon_worker_up",
		help: "1 while a worker answers, else 0.",
		labels: ["worker"],
		read: ({ status }) =>
			status.workers.map((worker, i) => [{ worker: String(i) }, worker.serving ? 1 : 0] as const),
	},
	{
		type: "counter",
		name: "cordon_worker_restarts_total",
		help: "Times that a worker died and was started again.",
		labels: ["worker"],
		read: ({ status }) =>
			status.workers.map((worker, i) => [{ worker: String(i) }, worker.restarts] as const),
	},
];
