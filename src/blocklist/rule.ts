/** What one line of a list says, whatever the format it was written in. */
import type { Prefix } from "../config/address.ts";

/** `exact`: the name alone. `subtree`: the name and all below it. `below`: only what is below it. */
export type Scope = "exact" | "subtree" | "below";

/**
 * What a matching rule asks for. `block` leaves the form of the answer to `blocking.answer`; the others come
 * from RPZ, where the zone's author names the action (draft-vixie-dnsop-dns-rpz, section 3), and `log-only` from the pool.
 */
export type RuleAction =
	| "block"
	| "allow"
	| "nxdomain"
	| "nodata"
	| "drop"
	| "tcp-only"
	| "data"
	| "log-only";

/** One record of RPZ local data, its rdata already in wire form and uncompressed. */
export interface LocalRecord {
	readonly type: number;
	readonly ttl: number;
	readonly rdata: Uint8Array;
}

export interface Rule {
	/** Lower case, A-labels, no trailing dot: what `domainName` gives. */
	readonly name: string;
	readonly scope: Scope;
	readonly action: RuleAction;
	/** Adblock `$important`: a block that an ordinary allow does not lift, an allow that lifts even that. */
	readonly important?: true;
	/** Adblock `$badfilter`: takes the rule that is otherwise the same out of every adblock list. */
	readonly cancels?: true;
	/**
	 * RPZ triggers are ranked by how much of the name they match, passthru included; elsewhere an allow
	 * lifts every block.
	 */
	readonly ranked?: true;
	/** With the action `data`. */
	readonly records?: readonly LocalRecord[];
}

/** What a list says of addresses in answers. */
export interface NetworkRule extends Pick<Rule, "action" | "ranked" | "records"> {
	readonly network: Prefix;
}
