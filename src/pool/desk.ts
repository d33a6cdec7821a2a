/** What people and programs can ask of the pool, whichever way they come: the API, the commands, lists. */
import type { Contribution, Decision, Dispute, Role } from "./contribution.ts";
import type { AuditEntry, Position } from "./record.ts";
import type { AuditTrim } from "./retention.ts";
import type { StagedBatch } from "./store.ts";
import type { Verdict } from "./verdict.ts";

/** Somebody who proved who they are. */
export interface Actor {
	/** A member's name, or `operator`: whoever can read the node's own token. */
	readonly name: string;
	readonly role: Role;
	/** The client's address. */
	readonly from: string;
}

/** One line of a batch, or the one object of a single request. */
export interface DraftLine {
	/** From 1. */
	readonly line: number;
	/** What it says, read as JSON; an Error when it cannot be read. Anything at all: it comes from outside. */
	readonly value: unknown;
}

/** `pending`: taken in, but it touches a protected name, so that people have to approve first. */
export type LineStatus = "added" | "replaced" | "unchanged" | "withdrawn" | "absent" | "pending" | "refused";

export interface LineVerdict {
	readonly line: number;
	readonly status: LineStatus;
	/** As it was understood; missing when it was not. */
	readonly domain?: string;
	/** Why it was refused or waits: the thing, the value, and what to do. */
	readonly reason?: string;
}

export interface BatchOutcome {
	/** `held`: nothing of it is in the pool; a person has to look at it first. */
	readonly status: "applied" | "held" | "unchanged";
	/** Of a held batch: what to approve or reject. */
	readonly held?: string;
	/** Why it is held. */
	readonly reason?: string;
	/** For each line, in order. When the batch is held: what would have come of it. */
	readonly lines: readonly LineVerdict[];
}

export interface SubmitOptions {
	/** In whose name; only an admin may name another than themself. */
	readonly member?: string;
	/** The same key again gets the first outcome, and changes nothing. */
	readonly idempotencyKey?: string;
}

/**
 * Something that waits for a person. `batch`: all at once or not at all. `protected`: one contribution. `disputed`: a
 * domain. `pool`: the shared state shrank or vanished, and this node goes on with what it had.
 */
export interface HeldEntry {
	/** What approve and reject take: `batch:ID`, `protected:DOMAIN:MEMBER`, `disputed:DOMAIN`, `pool`. */
	readonly id: string;
	readonly kind: "batch" | "protected" | "disputed" | "pool";
	/** In one sentence. */
	readonly reason: string;
	readonly since: number;
	readonly approvalsNeeded: number;
	/** Who approved so far. */
	readonly approvals: readonly string[];
	readonly batch?: StagedBatch;
	readonly contribution?: Contribution;
	readonly disputes?: readonly Dispute[];
}

/** One member's statement, and what this node makes of it. */
export interface WeighedStatement {
	readonly contribution: Contribution;
	readonly weight: number;
	readonly mode: "block" | "log-only" | "ignore";
	/** weight × confidence, 0 when it does not count. */
	readonly score: number;
	/** Why it does not count, in a few words: `expired`, `not yet valid`, `category ignored`, `waits for approval`, … */
	readonly discounted?: string;
}

/** All that is said about one domain, and what follows from it here. */
export interface DomainOpinion {
	readonly domain: string;
	readonly statements: readonly WeighedStatement[];
	readonly disputes: readonly Dispute[];
	readonly decision?: Decision;
	/** Of all statements that count with mode block, for the domain itself. */
	readonly sum: number;
	/** Of those among them that speak of the subtree. */
	readonly subtreeSum: number;
	readonly threshold: number;
	/** Why nothing follows although the sum would do: disputed, released, protected, refused by the guard. */
	readonly heldBecause?: string;
	readonly verdict: Verdict;
}

export interface ContributionQuery {
	readonly domain?: string;
	readonly member?: string;
	readonly category?: string;
	/** Page: the contribution after this one, `DOMAIN<TAB>MEMBER`. */
	readonly after?: string;
	readonly limit: number;
}

export interface ContributionPage {
	readonly contributions: readonly Contribution[];
	/** For the next page; missing on the last. */
	readonly next?: string;
}

export interface AuditPage {
	/** The oldest first. */
	readonly entries: readonly AuditEntry[];
	/** What of it is gone: present when entries that would stand before these, and after the asked for place, were taken out. */
	readonly trimmed?: AuditTrim;
}

export interface MemberView {
	readonly name: string;
	readonly role: Role;
	readonly hasToken: boolean;
	readonly created: number;
	readonly revoked?: number;
	/** On this node. */
	readonly weight: number;
	readonly contributions: number;
}

export interface MemberSighting {
	readonly domain: string;
	readonly count: number;
	readonly networks: number;
	/** Start of the last hour in which it was seen. */
	readonly lastHour: number;
}

export interface PoolStatus {
	readonly store: "embedded" | "redis";
	/** Whether the store can be reached. */
	readonly up: boolean;
	/** Why not, in one sentence. */
	readonly problem?: string;
	/** Milliseconds since the replica was last known to be level with the store; 0 when embedded. */
	readonly lagMs: number;
	readonly position: Position | undefined;
	readonly contributions: number;
	readonly members: number;
	/** Domains by what follows here. */
	readonly verdicts: { readonly block: number; readonly logOnly: number };
	readonly held: {
		readonly batch: number;
		readonly protected: number;
		readonly disputed: number;
		readonly pool: number;
	};
	readonly resyncs: number;
	/** Milliseconds by which this node's clock runs ahead of the store's. */
	readonly clockAheadMs: number;
}

/** The replica compared with the store, record by record. */
export interface Comparison {
	readonly equal: boolean;
	readonly replicaRecords: number;
	readonly storeRecords: number;
	readonly missing: number;
	readonly surplus: number;
	readonly different: number;
	/** Independent of order; of all keys and values. */
	readonly checksum: string;
}

/** Not allowed, not there, or not understood: `status` is the HTTP status that says which, the message is for people. */
export class DeskError extends Error {
	override readonly name = "DeskError";
	readonly status: 400 | 403 | 404 | 409;

	constructor(status: 400 | 403 | 404 | 409, message: string) {
		super(message);
		this.status = status;
	}
}

/** Methods reject with DeskError, or with PoolUnavailable when the store cannot be reached: nothing was changed then. */
export interface PoolDesk {
	/** Who has this token; undefined when nobody has. */
	authenticate(token: string, from: string): Actor | undefined;

	/** Adds and withdraws. A line is a contribution (`op` absent or `add`) or `{"op": "withdraw", "domain": …}`. */
	submit(
		lines: AsyncIterable<DraftLine> | Iterable<DraftLine>,
		actor: Actor,
		options: SubmitOptions,
	): Promise<BatchOutcome>;
	dispute(domain: string, reason: string, actor: Actor): Promise<Dispute>;
	/** Takes one's own dispute back. */
	undispute(domain: string, actor: Actor): Promise<void>;

	held(): Promise<readonly HeldEntry[]>;
	/** Resolves with what still waits, undefined when nothing does. Nobody approves twice, nor what they brought in themself. */
	approve(id: string, actor: Actor): Promise<HeldEntry | undefined>;
	reject(id: string, reason: string, actor: Actor): Promise<void>;

	/** What the actor may see: TLP:RED only by its member and admins. */
	contributions(query: ContributionQuery, actor: Actor): Promise<ContributionPage>;
	/** All of them that may be given on under the marking `tlp`, in the order of domains. */
	export(tlp: Contribution["tlp"], actor: Actor): AsyncIterable<Contribution>;
	opinion(name: string): Promise<DomainOpinion>;

	members(actor: Actor): Promise<readonly MemberView[]>;
	/** @returns the token, which is told this once. */
	addMember(name: string, role: Role, actor: Actor): Promise<string>;
	revokeMember(name: string, actor: Actor): Promise<void>;

	disputes(): Promise<readonly Dispute[]>;
	audit(after: string | undefined, limit: number, actor: Actor): Promise<AuditPage>;
	sightings(member: string, sinceMs: number, actor: Actor): Promise<readonly MemberSighting[]>;

	status(): PoolStatus;
	verify(actor: Actor): Promise<Comparison>;
	/** After the store's state was lost: puts this node's replica back into it, as a new epoch. */
	restore(actor: Actor): Promise<Position>;
}
