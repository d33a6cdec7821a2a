/** What the supervisor and a resolver worker say to one another. */
import type { SharedBlocklist } from "../blocklist/shared-blocklist.ts";
import type { HostPort } from "../config/address.ts";
import type { BlockingSettings } from "../config/blocking-settings.ts";
import type { Settings } from "../config/settings.ts";
import type { LogFields, LogLevel } from "../observe/log.ts";
import type { QueryRecording } from "../observe/recorder.ts";
import type { Tapping } from "../observe/tap.ts";
import type { Flush } from "../resolve/flush.ts";
import type { SharedLimits } from "../resolve/shared-limits.ts";

export type EngineName = "batch" | "dgram";

/**
 * One listen address of one worker. With descriptors the sockets are open already and UDP's stays the supervisor's,
 * so that a worker that dies loses no query that waits in it; TCP's becomes the worker's own. Without, the worker
 * opens them.
 */
export interface DoorSockets {
	readonly key: string;
	readonly endpoint: HostPort;
	readonly fds?: { readonly udp: number; readonly tcp: number };
}

/** What a worker writes down for the scribe. */
export interface Recording {
	/** The worker's own, which it alone writes to. */
	readonly ring: SharedArrayBuffer;
	/** Undefined: no query log. */
	readonly queries: QueryRecording | undefined;
	/** Undefined: no dnstap. */
	readonly dnstap: Tapping | undefined;
}

export interface WorkerStart {
	readonly number: number;
	readonly workers: number;
	readonly engine: EngineName;
	readonly settings: Settings;
	/** For each upstream of the settings, where it is counted. */
	readonly upstreamSlots: readonly number[];
	readonly doors: readonly DoorSockets[];
	readonly blocklist: SharedBlocklist | undefined;
	readonly counters: SharedArrayBuffer;
	readonly limits: SharedLimits;
	readonly seed: number;
	/** Undefined: nothing is written down. */
	readonly recording: Recording | undefined;
}

export type ToWorker =
	/** `blocking`: of the configuration that the index was compiled from; its list numbers mean nothing elsewhere. */
	| {
			readonly kind: "index";
			readonly blocklist: SharedBlocklist;
			readonly blocking: BlockingSettings;
			readonly ticket: number;
	  }
	/** Room for more; says all that the one before does. */
	| { readonly kind: "overlay"; readonly memory: SharedArrayBuffer }
	| {
			readonly kind: "settings";
			readonly settings: Settings;
			readonly upstreamSlots: readonly number[];
			readonly workers: number;
			readonly recording: Recording | undefined;
	  }
	| {
			readonly kind: "doors";
			readonly open: readonly DoorSockets[];
			readonly close: readonly string[];
			readonly ticket: number;
	  }
	| { readonly kind: "flush"; readonly flush: Flush; readonly ticket: number }
	| { readonly kind: "drain"; readonly graceMs: number };

export type FromWorker =
	/** `ports`: by door key, what a door that asked for any port got. */
	| { readonly kind: "serving"; readonly ports: Readonly<Record<string, number>> }
	| { readonly kind: "cannot-listen"; readonly message: string }
	| {
			readonly kind: "done";
			readonly ticket: number;
			readonly problem?: string;
			/** Cached answers that were forgotten. */
			readonly forgotten?: number;
			readonly ports?: Readonly<Record<string, number>>;
	  }
	| { readonly kind: "log"; readonly level: LogLevel; readonly message: string; readonly fields?: LogFields };
