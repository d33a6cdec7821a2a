/** Keeping the audit from growing for ever, and saying of it what is there no longer. */

/** What a node would have kept of the audit. */
export interface AuditWish {
	/** Entries no older than this many milliseconds. */
	readonly keepMs: number;
	/** No more entries than this. */
	readonly most: number;
}

/** What has been taken out, all in all. */
export interface AuditTrim {
	/** How many entries. */
	readonly entries: number;
	/** When the youngest of them was written, in milliseconds since the epoch. */
	readonly until: number;
	/** Its id. */
	readonly last: string;
	/** When it was taken out. */
	readonly at: number;
	/** The node that did it. */
	readonly node: string;
}

export interface Retained {
	/** How many entries were taken out; 0 when there is nothing to do at present, or another node is at it. */
	readonly removed: number;
	/** How many the audit has now. */
	readonly entries: number;
}

export interface AuditRetention {
	/**
	 * Tells the store what this node wishes, and takes out some of the oldest entries when no node wishes them kept any
	 * longer, with an entry `trim` that says so. The store's clock decides, and of all wishes of the last seven days the
	 * longest time and the largest number. To be called again and again, and at once as long as something was taken out.
	 *
	 * Rejects with PoolUnavailable when the store cannot be reached.
	 *
	 * @param node this node's name, for the audit.
	 */
	apply(node: string, wish: AuditWish): Promise<Retained>;

	/**
	 * What is gone when entries after `after` are no longer all there; from the beginning without one. Undefined when they
	 * are.
	 */
	trimmed(after: string | undefined): Promise<AuditTrim | undefined>;
}
