/** What a node says of itself: to the page, to `cordon status`, to the metrics. Made by the supervisor on demand. */
import type { Counters } from "./counters.ts";
import type { LevelInForce } from "./log.ts";
import type { ScribeNumber } from "./scribe-counts.ts";

/** `loading`: never had a version yet. `held`: a newer version was refused and the last good one serves on. */
export type ListState = "loading" | "fresh" | "stale" | "held" | "failed";

export interface ListStatus {
	readonly name: string;
	readonly kind: "block" | "allow" | "protect";
	readonly category: string;
	/** Where it comes from: its URL or path. */
	readonly source: string;
	readonly state: ListState;
	/** Why it is held or failed, in one sentence. */
	readonly problem?: string;
	readonly format?: string;
	/** How often it is brought up to date. */
	readonly refreshSeconds: number;
	/** Rules that entered the index. */
	readonly domains: number;
	readonly skippedLines: number;
	readonly badLines: number;
	/** Milliseconds since the epoch of the last successful fetch or read. */
	readonly lastSuccess?: number;
	/** Refusals since the start, by reason: REJECTION_REASONS has them. */
	readonly rejected: Readonly<Record<string, number>>;
}

export interface UpstreamStatus {
	readonly name: string;
	/** Where the workers count it. */
	readonly slot: number;
	/** Whether at least one worker takes it for healthy. */
	readonly up: boolean;
}

/** How taking the configuration anew ended the last time. */
export interface ReloadStatus {
	/** Whether all of it was taken over. */
	readonly succeeded: boolean;
	/** Milliseconds since the epoch of the last time that it was, the start included. */
	readonly succeededAt: number;
}

/** The shared pool as this node sees it. */
export interface PoolState {
	readonly store: "embedded" | "redis";
	/** Whether the store can be reached. */
	readonly up: boolean;
	/** Why not, in one sentence. */
	readonly problem?: string;
	/** Milliseconds since this node's copy was last known to be level with the store. */
	readonly lagMs: number;
	/** Of the last change taken in. */
	readonly seq: number;
	readonly contributions: number;
	readonly members: number;
	/** Domains by what follows here. */
	readonly blockedDomains: number;
	readonly loggedDomains: number;
	/** What waits for a person, by kind. */
	readonly held: Readonly<Record<"batch" | "protected" | "disputed" | "pool", number>>;
	/** Whole copies taken since the start, because following was not possible. */
	readonly resyncs: number;
	/** Milliseconds by which this node's clock runs ahead of the store's. */
	readonly clockAheadMs: number;
	/** Domains that changed since the blocklist was compiled. */
	readonly changedDomains: number;
	/** Blocked queries that no sighting tells of. */
	readonly sightingsLost: number;
	/** How many entries the pool's audit had when this node last looked; undefined until then. */
	readonly auditEntries: number | undefined;
	/** Entries of the audit that this node took out, since its start. */
	readonly auditTrimmed: number;
}

export interface NodeStatus {
	readonly version: string;
	/** Milliseconds since the epoch. */
	readonly startedAt: number;
	readonly ready: boolean;
	/** Why not ready, in one sentence. */
	readonly waitingFor?: string;
	readonly udpEngine: "batch" | "dgram";
	/** What is written to the log of the process at present. */
	readonly log: LevelInForce;
	readonly dns: readonly string[];
	readonly blockedDomains: number;
	readonly allowedDomains: number;
	readonly blockedNetworks: number;
	readonly indexBytes: number;
	/** Milliseconds since the epoch; undefined before the first index. */
	readonly compiledAt?: number;
	/** Of the container or the service that the process runs in, else of the machine. */
	readonly memoryLimitBytes: number;
	readonly reload: ReloadStatus;
	readonly lists: readonly ListStatus[];
	/** Undefined when pool.store is off. */
	readonly pool?: PoolState;
	readonly upstreams: readonly UpstreamStatus[];
	readonly workers: readonly { readonly serving: boolean; readonly restarts: number }[];
	/** What has been written down of queries. */
	readonly scribe: Readonly<Record<ScribeNumber, number>>;
}

/** What the page and the metrics may see of the program. */
export interface NodeView {
	status(): NodeStatus;
	/** Of every worker that ever ran in this process, crashed ones included: their counts stay in the sums. */
	counters(): readonly Counters[];
	/** Why a name is blocked or not, as `cordon explain` says it. */
	explain(name: string): Explanation;
}

/** One rule that speaks of a name or an address. */
export interface ExplainedRule {
	readonly list: string;
	readonly line: number;
	readonly kind: "block" | "allow";
	/** The rule's own name or network, as text. */
	readonly entry: string;
	readonly scope: "exact" | "subtree" | "below" | "network";
	readonly action: string;
	readonly important: boolean;
	/** Whether this one decides. */
	readonly decides: boolean;
}

export interface Explanation {
	readonly name: string;
	readonly blocked: boolean;
	/** The configured answer, such as `zero-ip`, when blocked. */
	readonly answer?: string;
	readonly rules: readonly ExplainedRule[];
	/** What would un-block it, or block it, in one sentence. */
	readonly advice: string;
	/** Why it is answered here, above all rules. */
	readonly special?: SpecialExplanation;
	/** Whose servers are asked for it, when `upstreams.zones` names it. */
	readonly zone?: { readonly name: string; readonly servers: readonly string[] };
	/** What members of the pool say of it, or of the nearest name above it that they speak of. */
	readonly pool?: PoolExplanation;
}

/** A name that has a meaning of its own. */
export interface SpecialExplanation {
	/** The special name that it is, or is below of. */
	readonly name: string;
	readonly answer: string;
	/** Where that is written. */
	readonly reference: string;
	/** The key of the section `local` that changes it. */
	readonly switch: string;
}

/** What the pool says of a name, and what this node makes of it. */
export interface PoolExplanation {
	readonly domain: string;
	/** Of weight × confidence, over the statements that count. */
	readonly sum: number;
	readonly threshold: number;
	/** Why nothing follows although the sum would do. */
	readonly heldBecause?: string;
	readonly statements: readonly {
		readonly member: string;
		readonly category: string;
		readonly scope: string;
		readonly confidence: number;
		readonly weight: number;
		readonly score: number;
		/** Why it does not count. */
		readonly discounted?: string;
		readonly reason: string;
		/** Milliseconds since the epoch. */
		readonly validUntil: number;
	}[];
	readonly disputes: readonly { readonly member: string; readonly reason: string }[];
}
