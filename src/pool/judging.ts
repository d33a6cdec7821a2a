/** What the guard and the trust of a node are to the rest of the pool. */
import type { Contribution } from "./contribution.ts";
import type { DomainOpinion } from "./desk.ts";
import type { PoolRecord } from "./record.ts";
import type { Verdict } from "./verdict.ts";

/** What the guard says to a domain that somebody wants blocked. */
export type GuardWord =
	| { readonly kind: "fine" }
	/** It never enters, and never counts. */
	| { readonly kind: "refused"; readonly reason: string }
	/** It counts when so many people have approved. */
	| { readonly kind: "protected"; readonly reason: string; readonly approvalsNeeded: number };

export interface Guard {
	/** `domain` is normalised. */
	check(domain: string): GuardWord;
}

export interface Judge {
	/** What follows from the records of one domain at `now`. Called a million times in a row: no more work than needed. */
	verdict(domain: string, records: readonly PoolRecord[], now: number): Verdict;
	/** The same with everything that led to it, for people. */
	opinion(domain: string, records: readonly PoolRecord[], now: number): DomainOpinion;
	/** What somebody wrote, checked field by field: a contribution, or every fault it has, in sentences. */
	read(value: unknown, member: string, now: number): Contribution | readonly string[];
}
