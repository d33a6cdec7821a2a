/** What the desk is put together from. */
import type { PoolSettings } from "../../config/pool-settings.ts";
import type { Log } from "../../observe/log.ts";
import type { HeldEntry, PoolStatus } from "../desk.ts";
import type { Guard, Judge } from "../judging.ts";
import type { Position } from "../record.ts";
import type { Replica } from "../replica.ts";
import type { PoolStore } from "../store.ts";

/** What only those who keep the replica level with the store can know. */
export type SyncState = Pick<
	PoolStatus,
	"up" | "problem" | "lagMs" | "verdicts" | "resyncs" | "clockAheadMs"
>;

/** The pool's shared state is gone or shrank, and waits for a person. */
export interface HeldPool {
	/** `id` and `kind` are `pool`. Undefined when all is well. */
	entry(): HeldEntry | undefined;
	/** The state is taken for what it is now. */
	accept(): Promise<void>;
}

export interface DeskParts {
	readonly store: PoolStore;
	readonly replica: Replica;
	/** Asked for each time: a reload may put another in its place. */
	readonly judge: () => Judge;
	readonly guard: () => Guard;
	/** Asked for each time, as well. */
	readonly settings: () => Pick<PoolSettings, "limits" | "node" | "trust">;
	/** Names of the configured lists: each is a member, and nobody else can have its name. */
	readonly lists: () => ReadonlySet<string>;
	/** SHA-256 of this node's own token, in hexadecimal; empty when it has none. */
	readonly operatorTokenHash: string;
	/**
	 * Resolves when the replica has reached the position, or when it takes too long (a few seconds): whoever wrote
	 * sees what they wrote.
	 */
	readonly caughtUp: (position: Position) => Promise<void>;
	/** Somebody counts no longer, or counts again: verdicts have to be made anew. */
	readonly onTrustChanged: () => void;
	readonly heldPool: HeldPool;
	readonly sync: () => SyncState;
	/** Milliseconds since the epoch by this node's clock; what is written into the pool bears the store's. */
	readonly now: () => number;
	/** As many random bytes as it is asked for. */
	readonly random: (bytes: number) => Uint8Array;
	readonly log: Log;
}
