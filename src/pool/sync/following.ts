/** What the follower of a store is given, and what it tells. */
import type { LimitSettings } from "../../config/pool-settings.ts";
import type { Log } from "../../observe/log.ts";
import type { Position } from "../record.ts";
import type { Replica } from "../replica.ts";
import type { Gap, PoolStore } from "../store.ts";
import type { PoolClock } from "./clock.ts";
import type { HeldPool } from "./hold.ts";
import type { Pace } from "./pace.ts";

/** `first`: there was no replica yet. `lost`: the state was gone, and its loss was accepted, or nothing to lose. */
export type ResyncReason = "first" | Gap;

export interface FollowerStatus {
	/** Whether the store can be reached. */
	readonly up: boolean;
	/** What is wrong, in one sentence; undefined when nothing is. */
	readonly problem: string | undefined;
	/** Milliseconds since the replica was last known to be level with the store, or since the start. */
	readonly lagMs: number;
	readonly position: Position | undefined;
	readonly resyncs: Readonly<Record<ResyncReason, number>>;
	readonly held: HeldPool | undefined;
	/** Records that were left out for their size. */
	readonly refusedRecords: number;
	/** Milliseconds by which this node's clock runs ahead of the store's. */
	readonly clockAheadMs: number;
}

/** What fails in them is logged, and does not stop the sync; the replica remembers what was touched. */
export interface FollowerCallbacks {
	/** The replica holds something new about these domains; the empty one stands for members. */
	touched(domains: readonly string[]): void | Promise<void>;
	/** The replica was replaced, and these domains differ, or too many to name. */
	replaced(domains: readonly string[] | "many"): void | Promise<void>;
}

export interface FollowerParts {
	readonly store: PoolStore;
	readonly replica: Replica;
	readonly clock: PoolClock;
	readonly log: Log;
	readonly limits: LimitSettings;
	readonly callbacks: FollowerCallbacks;
	/** From 0 to 1. */
	readonly random: () => number;
	/** The store says in the log itself when it cannot be reached, as Redis does; so it need not be said twice. */
	readonly storeTells?: boolean;
	readonly pace?: Partial<Pace>;
}
