import { setImmediate as breathe } from "node:timers/promises";
import type { LimitSettings } from "../../config/pool-settings.ts";
import type { Position } from "../record.ts";
import type { Replica } from "../replica.ts";
import type { PoolStore } from "../store.ts";
import type { PoolClock } from "./clock.ts";
import type { Patience } from "./patience.ts";
import { onReplica } from "./replica-fault.ts";
import { countInForce, shrinkage } from "./shrinkage.ts";
import type { Sieve } from "./sieve.ts";

export interface ResyncParts {
	readonly store: PoolStore;
	readonly replica: Replica;
	readonly clock: PoolClock;
	readonly sieve: Sieve;
	readonly patience: Patience;
	readonly limits: LimitSettings;
	/** More domains than this are not named. */
	readonly most: number;
	/** Whether a state with so many contributions is taken although it has shrunk. */
	readonly accepts: (contributions: number) => boolean;
}

export type Resynced =
	/** The replica holds what was scanned. With the changes up to `end` it is the state of that moment. */
	| { readonly kind: "taken"; readonly domains: readonly string[] | "many"; readonly end: Position }
	/** The replica is as it was. */
	| {
			readonly kind: "shrunk";
			readonly reason: string;
			readonly ours: number;
			readonly theirs: number;
			readonly head: Position;
	  }
	/** The replica is as it was: there is no pool. */
	| { readonly kind: "lost" }
	/** The replica is as it was: the pool became another one, or its log was cut, during the scan. */
	| { readonly kind: "moved" };

/**
 * Reads the whole state of the store into the place of the replica's. Rejects as the store does; the replica is as it
 * was then.
 */
export async function resync(parts: ResyncParts): Promise<Resynced> {
	const { store, replica, sieve, patience } = parts;
	const head = await patience.unlessStopped(store.head());
	if (head === undefined) return { kind: "lost" };
	const replacement = await onReplica(() => replica.replace());
	let finished = false;
	try {
		const pages = store.scan()[Symbol.asyncIterator]();
		try {
			for (;;) {
				const page = await patience.unlessStopped(pages.next());
				if (page.done === true) break;
				await onReplica(() => replacement.put(sieve.records(page.value)));
				await breathe();
			}
		} finally {
			// Not waited for: the scan may hang with the store.
			pages.return?.().catch(() => {});
		}
		const end = await patience.unlessStopped(store.head());
		if (end === undefined) return { kind: "lost" };
		// What changed during the scan may be missing from it: the log has to reach back to its beginning.
		const after = await patience.unlessStopped(store.changesSince(head, 1));
		if (typeof after === "string" || end.epoch !== head.epoch) return { kind: "moved" };

		const theirs = replacement.counts.contributions;
		const reason = parts.accepts(theirs) ? undefined : await fault(parts, replacement.counts);
		if (reason !== undefined) {
			return { kind: "shrunk", reason, ours: replica.counts.contributions, theirs, head: end };
		}
		const domains = await onReplica(() => replacement.finish(head, parts.most));
		finished = true;
		return { kind: "taken", domains, end };
	} finally {
		if (!finished) await onReplica(() => replacement.drop());
		replica.releasePages();
	}
}

async function fault(parts: ResyncParts, theirs: Replica["counts"]): Promise<string | undefined> {
	const { replica, clock, limits, patience } = parts;
	if (shrinkage(replica.counts, theirs, limits) === undefined) return undefined;
	// What expired while we were away is gone rightly; it is counted only now, since that means reading everything.
	const ours = await countInForce(replica, clock.now(), patience);
	return shrinkage(ours, theirs, limits);
}
