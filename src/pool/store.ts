/** What keeps a pool: an embedded database, or Redis. Both pass the same tests (test/pool/store-contract.ts). */
import type { AuditEntry, Change, Edit, NewAuditEntry, PoolRecord, Position } from "./record.ts";
import type { AuditRetention } from "./retention.ts";

/** A batch too large for one step, or held: kept by the store until it is applied whole or dropped. */
export interface StagedBatch {
	/** Chosen by whoever staged it: letters, digits and dashes. */
	readonly id: string;
	readonly member: string;
	/** `held` waits for a person; `applying` is carried on by any node whose turn it is. */
	readonly state: "held" | "applying";
	readonly created: number;
	/** Why it is held, in one sentence; empty otherwise. */
	readonly reason: string;
	/** How many edits it has, and of them puts and deletes. */
	readonly edits: number;
	readonly puts: number;
	readonly deletes: number;
	/** How many have been applied already. */
	readonly applied: number;
	/** When it was last carried on, by the store's clock. */
	readonly touched: number;
}

export interface Committed {
	/** After the last edit. */
	readonly position: Position;
}

/** One sum of blocked queries. */
export interface SightingSum {
	readonly domain: string;
	/** Start of the hour, milliseconds since the epoch. */
	readonly hour: number;
	/** Where: an organisation, never a client. */
	readonly network: string;
	readonly count: number;
}

/** The pool cannot be reached or written to at present; `message` is for the operator. */
export class PoolUnavailable extends Error {
	override readonly name = "PoolUnavailable";
}

/** The store has lost or changed its history: what was followed so far leads nowhere. */
export type Gap =
	/** The log no longer reaches back to the position. */
	| "trimmed"
	/** Another epoch, or a history that differs from the one followed. */
	| "replaced"
	/** The pool's state is gone. */
	| "lost";

export interface PoolStore {
	readonly kind: "embedded" | "redis";

	/** Milliseconds since the epoch by the store's own clock, which all nodes share. */
	now(): Promise<number>;

	/**
	 * Where the log ends. Undefined when there is no pool yet, or none any more.
	 * Rejects with PoolUnavailable, as every method does, when the store cannot be reached.
	 */
	head(): Promise<Position | undefined>;

	/** Makes an empty pool where there is none; does nothing where there is one. */
	create(): Promise<Position>;

	/**
	 * Applies all edits and the audit entries, or none. At most `MAX_EDITS`. An edit that changes nothing (the same value,
	 * or the removal of what is not there) makes no change in the log.
	 *
	 * @param expected the commit is refused with `PoolUnavailable` when the pool has another epoch.
	 */
	commit(edits: readonly Edit[], audit: readonly NewAuditEntry[], expected?: string): Promise<Committed>;

	/** The records of one domain at present, from the store itself. */
	read(domain: string): Promise<readonly PoolRecord[]>;

	/** All records, in pages of any order; what changes meanwhile may or may not be among them. */
	scan(): AsyncIterable<readonly PoolRecord[]>;

	/** Changes after `position`, at most `limit`, or why there are none to be had. */
	changesSince(
		position: Position,
		limit: number,
	): Promise<{ readonly changes: readonly Change[]; readonly position: Position } | Gap>;

	/** Resolves when there may be changes after `position`, when `timeoutMs` is over, or when `signal` aborts. */
	wait(position: Position, timeoutMs: number, signal: AbortSignal): Promise<void>;

	/**
	 * Takes out contributions whose time is over by the store's clock, each with a change in the log and an audit entry.
	 * Only one node at a time does it: others get 0.
	 *
	 * @returns how many.
	 */
	sweep(node: string, limit: number): Promise<number>;

	/** Keeps a batch. Rejects when its id is taken by another. Nothing of it is in the pool yet. */
	stage(
		batch: Omit<StagedBatch, "edits" | "puts" | "deletes" | "applied" | "touched">,
		edits: AsyncIterable<readonly Edit[]>,
	): Promise<StagedBatch>;
	batches(): Promise<readonly StagedBatch[]>;
	/** A staged batch's edits, from the `from`th on, in order. */
	batchEdits(id: string, from: number, limit: number): Promise<readonly Edit[]>;
	/** A held batch may be applied from now on. False when there is none held by that id. */
	release(id: string, audit: NewAuditEntry): Promise<boolean>;
	/** Applies the next part of a batch; two nodes at once never apply the same part twice. Gone when all is applied. */
	advance(id: string): Promise<{ readonly done: boolean; readonly position: Position }>;
	/** Drops a held batch. False when there is none by that id. */
	drop(id: string, audit: NewAuditEntry): Promise<boolean>;

	/**
	 * Remembers the outcome of a request under its key for a day, so that its repetition gets the same answer.
	 *
	 * @returns what is remembered already, when something is; then nothing is changed.
	 */
	remember(key: string, outcome: string): Promise<string | undefined>;
	recall(key: string): Promise<string | undefined>;

	/** Entries after the one with this id, oldest first; from the beginning without one. */
	audit(after: string | undefined, limit: number): Promise<readonly AuditEntry[]>;
	/** How long they are kept. */
	readonly retention: AuditRetention;

	/** Adds to the sums. Adding the same `report` again, an id of the caller's, adds nothing. */
	addSightings(report: string, sums: readonly SightingSum[]): Promise<void>;
	/** Sums of the named domains since `since`. */
	sightings(domains: readonly string[], since: number): Promise<readonly SightingSum[]>;

	/** Throws everything away and puts these records in, as a new epoch. For the restoration of a pool that was lost. */
	restore(records: AsyncIterable<readonly PoolRecord[]>, audit: NewAuditEntry): Promise<Position>;

	close(): Promise<void>;
}

/** Edits of one commit: so many that a pool of a million is filled fast, so few that the store never halts for long. */
export const MAX_EDITS = 1000;
