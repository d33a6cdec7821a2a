/** The metrics of the shared pool; absent when there is none. */
import type { Labels, NumberFamily } from "./family.ts";
import type { PoolState } from "./status.ts";

type Sample = readonly [Labels, number];

function family(
	type: "gauge" | "counter",
	name: string,
	help: string,
	labels: readonly string[],
	read: (pool: PoolState) => readonly Sample[],
): NumberFamily {
	return {
		type,
		name,
		help,
		labels,
		read: ({ status }) => (status.pool === undefined ? [] : read(status.pool)),
	};
}

function gauge(name: string, help: string, read: (pool: PoolState) => number): NumberFamily {
	return family("gauge", name, help, [], (pool) => [[{}, read(pool)]]);
}

export const POOL_METRICS: readonly NumberFamily[] = [
	family(
		"gauge",
		"cordon_pool_info",
		"Always 1 where there is a pool; the label says where it is kept, embedded or redis.",
		["store"],
		(pool) => [[{ store: pool.store }, 1]],
	),
	gauge("cordon_pool_up", "1 while the pool's store can be reached, else 0.", (pool) => (pool.up ? 1 : 0)),
	gauge(
		"cordon_pool_lag_seconds",
		"Time since this node's copy of the pool was last known to be level with the store; 0 when it is.",
		(pool) => pool.lagMs / 1000,
	),
	gauge(
		"cordon_pool_sequence",
		"Number of the last change of the pool that this node has taken in.",
		(pool) => pool.seq,
	),
	family(
		"gauge",
		"cordon_pool_indicators",
		"Domains of the pool, by what follows on this node: block, log-only; protected and disputed ones wait for a person.",
		["state"],
		(pool) => [
			[{ state: "block" }, pool.blockedDomains],
			[{ state: "log-only" }, pool.loggedDomains],
			[{ state: "protected" }, pool.held.protected],
			[{ state: "disputed" }, pool.held.disputed],
		],
	),
	gauge("cordon_pool_contributions", "Statements of members about domains.", (pool) => pool.contributions),
	gauge("cordon_pool_members", "Members whose word may count.", (pool) => pool.members),
	gauge(
		"cordon_pool_held_batches",
		"Batches that changed too much at once and wait for a person.",
		(pool) => pool.held.batch,
	),
	gauge(
		"cordon_pool_held",
		"1 while this node does not believe the store, because its state shrank or vanished, and keeps its own copy.",
		(pool) => pool.held.pool,
	),
	gauge(
		"cordon_pool_clock_ahead_seconds",
		"How far this node's clock runs ahead of the store's; negative when behind.",
		(pool) => pool.clockAheadMs / 1000,
	),
	gauge(
		"cordon_pool_changed_domains",
		"Domains that changed since the blocklist was compiled, and are looked up beside it.",
		(pool) => pool.changedDomains,
	),
	family(
		"counter",
		"cordon_pool_resyncs_total",
		"Whole copies of the pool that this node had to take because it could not follow the changes.",
		[],
		(pool) => [[{}, pool.resyncs]],
	),
	family(
		"counter",
		"cordon_pool_sightings_lost_total",
		"Blocked queries that no sighting tells of, because there were too many domains or the store was away too long.",
		[],
		(pool) => [[{}, pool.sightingsLost]],
	),
	family(
		"gauge",
		"cordon_pool_audit_entries",
		"Entries in the pool's audit, as this node last saw it; absent until it has looked.",
		[],
		(pool) => (pool.auditEntries === undefined ? [] : [[{}, pool.auditEntries]]),
	),
	family(
		"counter",
		"cordon_pool_audit_trimmed_total",
		"Entries of the pool's audit that this node took out by pool.auditKeep and pool.auditMost.",
		[],
		(pool) => [[{}, pool.auditTrimmed]],
	),
];
