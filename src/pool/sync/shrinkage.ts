import { setImmediate as breathe } from "node:timers/promises";
import type { LimitSettings } from "../../config/pool-settings.ts";
import { validUntilOf } from "../codec.ts";
import { kindOf, memberOf } from "../record-key.ts";
import type { Replica, ReplicaCounts } from "../replica.ts";

/** Domains read in one go. */
const SLICE = 2000;

/**
 * Why a state is not believed to take the place of ours, in one clause; undefined when it may. Growth is not looked at:
 * what comes is judged domain by domain.
 */
export function shrinkage(
	ours: ReplicaCounts,
	theirs: ReplicaCounts,
	limits: Pick<LimitSettings, "maxChange" | "freeChanges">,
): string | undefined {
	const { maxChange, freeChanges } = limits;
	const limit = `more than ${Math.round(maxChange * 100)} % are gone (pool.limits.maxChange)`;
	if (ours.contributions > 0 && theirs.contributions === 0) {
		return `the shared pool has no contributions any more, this node has ${ours.contributions}`;
	}
	if (ours.members > 0 && theirs.members === 0) {
		return `the shared pool has no members any more, this node has ${ours.members}`;
	}
	if (isShrunk(ours.contributions, theirs.contributions, maxChange)) {
		return `the shared pool has ${theirs.contributions} contributions, this node has ${ours.contributions}: ${limit}`;
	}
	for (const [member, had] of ours.byMember) {
		if (had <= freeChanges) continue;
		const has = theirs.byMember.get(member) ?? 0;
		if (!isShrunk(had, has, maxChange)) continue;
		return `the shared pool has ${has} contributions of ${member}, this node has ${had}: ${limit}`;
	}
	return undefined;
}

function isShrunk(had: number, has: number, maxChange: number): boolean {
	return had - has > had * maxChange;
}

/**
 * What of the replica has not expired: the rest is gone from the shared pool rightly. Reads all of it, in slices.
 *
 * @param now by the pool's clock.
 */
export async function countInForce(
	replica: Replica,
	now: number,
	signal: { readonly stopped: boolean },
): Promise<ReplicaCounts> {
	const byMember = new Map<string, number>();
	let contributions = 0;
	let after: string | undefined;
	for (let more = true; more && !signal.stopped; ) {
		let read = 0;
		// Asked anew for each slice: one iteration over all would hold an old snapshot while changes come in.
		for (const { domain, records } of replica.domains(after)) {
			after = domain;
			for (const { key, value } of records) {
				if (kindOf(key) !== "contribution" || validUntilOf(value) <= now) continue;
				const member = memberOf(key);
				if (member === undefined) continue;
				contributions++;
				byMember.set(member, (byMember.get(member) ?? 0) + 1);
			}
			if (++read === SLICE) break;
		}
		more = read === SLICE;
		replica.releasePages();
		await breathe();
	}
	return { contributions, byMember, members: replica.counts.members };
}
