/** What the supervisor and the librarian say to one another. */
import type { SnapshotAbout, SnapshotList } from "../blocklist/snapshot.ts";
import type { PoolSettings } from "../config/pool-settings.ts";
import type { Config, ListConfig } from "../config/schema.ts";
import type { ReadReport } from "../feeds/read.ts";
import type { RefreshOutcome } from "../feeds/refresh.ts";
import type { LogFields, LogLevel } from "../observe/log.ts";
import type { Yields } from "../sockets/yielding.ts";

/** One run: bring lists up to date, then compile what there is. */
export interface Job {
	readonly lists: readonly ListConfig[];
	readonly blocking: Config["blocking"];
	readonly dataDir: string;
	/** Names of the lists to fetch or read again; the others are taken as they lie on disk. */
	readonly refresh: readonly string[];
	/** What is in use was compiled from these; compile when a list has another copy now. Undefined: compile anyway. */
	readonly compiledFrom: readonly SnapshotList[] | undefined;
	readonly seed: number;
	readonly generation: number;
	readonly recipe: string;
	readonly version: string;
	/** Undefined: there is no pool. */
	readonly pool: PoolJob | undefined;
	/** Whether this is Linux with koffi: the thread then gives way to those that answer. */
	readonly mayYield: boolean;
}

/** What judges the pool; the pool itself is read from this node's replica. */
export interface PoolJob {
	readonly settings: PoolSettings;
	/** Milliseconds by which the pool's clock is ahead of this node's. */
	readonly clockOffsetMs: number;
}

/** How a list lies on disk. */
export interface StoredList {
	readonly name: string;
	readonly hasCopy: boolean;
	/** Milliseconds since the epoch. */
	readonly checkedAt?: number;
	/** A newer copy waits to be accepted, and why. */
	readonly held?: string;
	readonly problem?: string;
}

/** What the librarian may write the compiled blocklist to. */
export interface Region {
	readonly memory: SharedArrayBuffer;
}

export type FromLibrarian =
	| Yields
	| { readonly kind: "stored"; readonly lists: readonly StoredList[] }
	| { readonly kind: "settled"; readonly outcome: RefreshOutcome }
	| { readonly kind: "read"; readonly name: string; readonly report: ReadReport }
	/** Names that contributions must not touch just like that: `ProtectedNames` reads it. */
	| { readonly kind: "protected"; readonly memory: SharedArrayBuffer }
	/** Lines for the desk, in whose name, and whether that is all; those of a comparison that broke off mean nothing. */
	| {
			readonly kind: "feed";
			readonly list: string;
			readonly lines: readonly unknown[];
			readonly state: "more" | "whole" | "broken";
	  }
	/** Wants shared memory for a compiled blocklist: a `Region` comes back. */
	| { readonly kind: "wanted"; readonly bytes: number }
	| { readonly kind: "compiled"; readonly about: SnapshotAbout; readonly memory: SharedArrayBuffer }
	| { readonly kind: "failed"; readonly message: string }
	| { readonly kind: "log"; readonly level: LogLevel; readonly message: string; readonly fields?: LogFields };
