import type { LimitSettings } from "../../config/pool-settings.ts";
import type { Log } from "../../observe/log.ts";
import { validUntilOf } from "../codec.ts";
import type { Change } from "../record.ts";
import { kindOf, memberOf } from "../record-key.ts";
import type { Replica } from "../replica.ts";

const MINUTE_MS = 60_000;
const WINDOW_MINUTES = 10;

interface Removals {
	/** By minute since the epoch. */
	readonly minutes: Map<number, number>;
	told: boolean;
}

/**
 * Tells when the log itself withdraws much of what a member said within ten minutes. It never stops the log: what is in
 * it has passed the limits on entry, or a person released it, and the log does not say which. A node that stopped here
 * would stop for every released batch, and with it stop hearing what must be un-blocked.
 */
export class RemovalWatch {
	readonly #replica: Pick<Replica, "get" | "counts">;
	readonly #log: Log;
	readonly #members = new Map<string, Removals>();

	constructor(replica: Pick<Replica, "get" | "counts">, log: Log) {
		this.#replica = replica;
		this.#log = log;
	}

	/** To be shown changes before they are applied. What has expired by `now`, the pool's time, does not count. */
	see(changes: readonly Change[], now: number, limits: LimitSettings): void {
		const minute = Math.floor(now / MINUTE_MS);
		const seen = new Set<string>();
		for (const { key, value } of changes) {
			if (value !== undefined || kindOf(key) !== "contribution") continue;
			const old = this.#replica.get(key);
			const member = memberOf(key);
			if (old === undefined || member === undefined || validUntilOf(old) <= now) continue;
			const { minutes } = this.#removals(member);
			minutes.set(minute, (minutes.get(minute) ?? 0) + 1);
			seen.add(member);
		}
		this.#forget(minute);
		for (const member of seen) this.#judge(member, limits);
	}

	#removals(member: string): Removals {
		let removals = this.#members.get(member);
		if (removals === undefined) {
			removals = { minutes: new Map(), told: false };
			this.#members.set(member, removals);
		}
		return removals;
	}

	#forget(minute: number): void {
		for (const [member, { minutes }] of this.#members) {
			for (const at of minutes.keys()) {
				if (at <= minute - WINDOW_MINUTES || at > minute) minutes.delete(at);
			}
			if (minutes.size === 0) this.#members.delete(member);
		}
	}

	#judge(member: string, { freeChanges, maxChange, maxChanges }: LimitSettings): void {
		const removals = this.#members.get(member);
		if (removals === undefined || removals.told) return;
		let removed = 0;
		for (const count of removals.minutes.values()) removed += count;
		// The page at hand is still in the replica, what came before it is not: at most a page too few.
		const had = Math.max(this.#replica.counts.byMember.get(member) ?? 0, removed);
		if (removed <= freeChanges || (removed <= maxChanges && removed <= had * maxChange)) return;
		removals.told = true;
		this.#log.warn(
			"much of what a member said was withdrawn within ten minutes; it is followed, since it passed the limits or a person released it; look at the audit if nobody expects it",
			{ member, removed, of: had },
		);
	}
}
