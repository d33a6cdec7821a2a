/**
 * How a pool is stored, whatever stores it: records, each with a key and a value of text. The store knows nothing of
 * what they mean beyond their key and, for contributions, the moments at which the clock changes their worth.
 *
 * Key: the domain, a letter for the kind, and names, with tabs between, which none of them can contain. So all that
 * concerns a domain lies together, and keys in order are domains in order.
 *
 *     example.test<TAB>c<TAB>cert                    contribution
 *     example.test<TAB>d<TAB>isp-b                   dispute
 *     example.test<TAB>a<TAB>cert<TAB>alice          approval of cert's contribution by alice
 *     example.test<TAB>r                             decision
 *     <TAB>m<TAB>cert                                member
 */

export type RecordKind = "contribution" | "dispute" | "approval" | "decision" | "member";

export interface PoolRecord {
	readonly key: string;
	readonly value: string;
}

/** What is done to one record. */
export interface Edit {
	readonly key: string;
	/** Undefined: the record is taken out. */
	readonly value: string | undefined;
	/** For contributions: validUntil, after which the store may sweep it out. */
	readonly expiresAt?: number;
}

/** An edit as the pool's log keeps it. */
export interface Change extends Edit {
	/** Its place in the log: the first is 1, each further one is one higher. */
	readonly seq: number;
}

/** A place in a pool's log; equal places in equal histories have equal tokens. */
export interface Position {
	/** Of the pool itself: drawn when it was created, another one after it was created anew. */
	readonly epoch: string;
	/** Of the last change taken in; 0 before the first. */
	readonly seq: number;
	/** Drawn with that change, so that a history that was lost and written anew differs; empty at seq 0. */
	readonly token: string;
}

/** Who did something, for the audit. */
export interface Origin {
	/** A member's name, `operator`, or `cordon` for what happens by itself. */
	readonly actor: string;
	/** The node that it was said to. */
	readonly node: string;
	/** The client's address, or how it came: `expiry`, `list`. */
	readonly from: string;
}

export interface AuditEntry extends Origin {
	/** In the order of time; to read on from. */
	readonly id: string;
	readonly at: number;
	/** Such as `add`, `withdraw`, `dispute`, `approve`, `member-add`, `hold`, `expire`. */
	readonly action: string;
	/** What it was done to, and what it became, in short; empty fields left out. */
	readonly details: Readonly<Record<string, string>>;
}

export type NewAuditEntry = Omit<AuditEntry, "id" | "at">;
