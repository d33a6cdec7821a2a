/** What a pool is made of: one member's statement about one domain, and what others say about it. */

import type { Basis, PoolCategory } from "../config/vocabulary.ts";

/** TLP 2.0, the most open first. */
export const TLPS = ["clear", "green", "amber", "amber+strict", "red"] as const;
export type Tlp = (typeof TLPS)[number];

/** `subtree`: the domain and all below it. `exact`: the domain alone. */
export type PoolScope = "subtree" | "exact";

/** All times are milliseconds since the epoch. */
export interface Contribution {
	/** Lower case, A-labels, no trailing dot. */
	readonly domain: string;
	readonly scope: PoolScope;
	/** Who says so. */
	readonly member: string;
	readonly category: PoolCategory;
	/** 0 to 100. */
	readonly confidence: number;
	readonly tlp: Tlp;
	readonly basis: Basis;
	/** For people: why; empty when not said. */
	readonly reason: string;
	/** Where more is known: a URL or a case number; empty when there is none. */
	readonly reference: string;
	readonly validFrom: number;
	/** It counts no longer from this moment on. */
	readonly validUntil: number;
	readonly created: number;
	readonly modified: number;
	/** A UUID, kept when the member states it anew, another one after a withdrawal. */
	readonly id: string;
	/** It touches a protected name: how many people have to approve before any node blocks it. 0 for most. */
	readonly approvalsNeeded: number;
}

/** A member says that a domain must not be blocked, whoever says so. */
export interface Dispute {
	readonly domain: string;
	readonly member: string;
	readonly reason: string;
	readonly created: number;
}

/** A person let a contribution that touches a protected name pass. */
export interface Approval {
	readonly domain: string;
	/** Whose contribution. */
	readonly member: string;
	/** The id of the contribution that was approved: another one needs another approval. */
	readonly contribution: string;
	/** Who approved: a member's name, or `operator`. */
	readonly by: string;
	readonly at: number;
}

/** A person decided about disputes of a domain: those made until then count no longer. */
export interface Decision {
	readonly domain: string;
	/** `block`: the disputes are turned down. `release`: they are upheld, the domain is not blocked. */
	readonly verdict: "block" | "release";
	readonly by: string;
	readonly at: number;
	readonly reason: string;
}

export const ROLES = ["admin", "contributor", "reader"] as const;
export type Role = (typeof ROLES)[number];

/** An organisation, or a person, that takes part. */
export interface Member {
	/** 1 to 63 lower case letters, digits, dots, dashes or underscores, the first a letter or digit. */
	readonly name: string;
	readonly role: Role;
	/** SHA-256 of the token, in hexadecimal; empty for members without one, such as lists. */
	readonly tokenHash: string;
	readonly created: number;
	/** Set when its token is good no longer; its contributions count no longer either. */
	readonly revoked?: number;
}
