/** What is looked at: a configuration, and the machine it is to run on. */
import type { LoadedConfig } from "../../config/load.ts";
import type { Settings } from "../../config/settings.ts";
import type { Said } from "./finding.ts";

export interface Patient {
	readonly loaded: LoadedConfig;
	readonly settings: Settings;
	/** Where the kernel tells of processes and of itself: `/proc`. */
	readonly proc: string;
	/** `/sys`. */
	readonly sys: string;
	/** `/etc`. */
	readonly etc: string;
	/** `/run`. */
	readonly run: string;
	readonly platform: NodeJS.Platform;
	/** Of this process; undefined where there is no such thing. */
	readonly uid: number | undefined;
	/** Milliseconds since the epoch. */
	readonly now: () => number;
	/** How long one thing may take. */
	readonly timeoutMs: number;
}

export interface Check {
	readonly name: string;
	/** It sends something, even if only to what the configuration names. */
	readonly network?: boolean;
	/** Only Linux tells. */
	readonly linux?: boolean;
	/** Aborted when the time is up. What it throws becomes a finding. */
	look(patient: Patient, signal: AbortSignal): Promise<readonly Said[]> | readonly Said[];
}
