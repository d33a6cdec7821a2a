/** This node's own copy of the pool, on disk: what verdicts are made from, whatever becomes of the store. */
import type { Change, PoolRecord, Position } from "./record.ts";

/** A domain, and the place in the log of the last change that touched it. */
export interface TouchedDomain {
	readonly domain: string;
	readonly seq: number;
}

export interface ReplicaCounts {
	readonly contributions: number;
	/** Contributions by member. */
	readonly byMember: ReadonlyMap<string, number>;
	/** Members that are not revoked. */
	readonly members: number;
}

export interface Replica {
	/** Undefined before anything was taken in. */
	readonly position: Position | undefined;
	readonly counts: ReplicaCounts;

	get(key: string): string | undefined;
	/** All records of one domain, in the order of their keys. */
	read(domain: string): readonly PoolRecord[];
	/** All records of members. */
	members(): readonly PoolRecord[];
	/** Domain by domain in order, from `after` (exclusive) on. A snapshot: changes meanwhile are not seen. */
	domains(after?: string): Iterable<{ readonly domain: string; readonly records: readonly PoolRecord[] }>;

	/** Takes changes in, all or none, and remembers the domains they touch. @returns those domains, each once. */
	apply(changes: readonly Change[], position: Position): Promise<readonly string[]>;

	/** Domains touched after `seq` that `settled` has not been told of. */
	touched(): readonly TouchedDomain[];
	/** The compiled blocklist holds all that was touched up to and including `seq`. */
	settled(seq: number): Promise<void>;

	/** Domains with a contribution that begins or ends to count in (after, until]. */
	moments(after: number, until: number, limit: number): readonly string[];
	/** The next moment after `after` at which a contribution begins or ends to count; undefined when there is none. */
	nextMoment(after: number): number | undefined;

	/**
	 * A whole state that takes the place of this one when it is complete. Survives nothing: what was begun and not
	 * finished when the process ended is thrown away at the next start.
	 */
	replace(): ReplicaReplacement;

	/** Gives the memory of pages that were read back to the system; cheap, to be called now and then while scanning. */
	releasePages(): void;
	close(): Promise<void>;
}

export interface ReplicaReplacement {
	put(records: readonly PoolRecord[]): Promise<void>;
	/** What it holds so far. */
	readonly counts: ReplicaCounts;
	/**
	 * Takes the place of the old state in one step.
	 *
	 * @returns the domains whose records differ from before, or `many` when there are more than `most`; those domains are remembered as touched.
	 */
	finish(position: Position, most: number): Promise<readonly string[] | "many">;
	drop(): Promise<void>;
}
