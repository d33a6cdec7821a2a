/** What NSEC and NSEC3 records prove about a name. */
import { TYPE } from "../wire/codes.ts";
import type { Name } from "./canonical-name.ts";
import { hasType } from "./type-bitmap.ts";

/**
 * `proven`: it is so. `insecure`: nothing is signed there, for an unsigned delegation may be covered (opt-out, RFC 5155,
 * section 6), or there is one. `iterations`: insecure because the zone asks for more hashing than is done (RFC 9276,
 * section 3.2). `unproven`: it may be otherwise.
 */
export type Proof = "proven" | "insecure" | "iterations" | "unproven";

/** Of a DS record: `none`: there is no delegation either. */
export type DelegationProof = "none" | "insecure" | "iterations" | "unproven";

/** The denials of one zone, all of them verified. */
export interface Denials {
	/** That the name does not exist, nor a wildcard that would stand for it. */
	absent(name: Name): Promise<Proof>;
	/** That the name, or the wildcard that stands for it, has no record of the type. */
	without(name: Name, type: number): Promise<Proof>;
	/** That nothing nearer to the name exists than the wildcard below its last so many labels. */
	expanded(name: Name, labels: number): Promise<Proof>;
	/** That the name is no signed delegation. */
	undelegated(name: Name): Promise<DelegationProof>;
}

/** A record of the parent's, at a delegation: what is below is not its business (RFC 6840, section 4.1). */
export function isDelegation(bitmap: Uint8Array): boolean {
	return hasType(bitmap, TYPE.NS) && !hasType(bitmap, TYPE.SOA);
}

/** Whether nothing that exists can be denied below its owner: a delegation, or what redirects elsewhere. */
export function leadsAway(bitmap: Uint8Array): boolean {
	return isDelegation(bitmap) || hasType(bitmap, TYPE.DNAME);
}

/**
 * Whether the record of a name says that there is none of the type. `isRoot`: of the root, which has no parent that a DS
 * record could stand in.
 */
export function lacksType(bitmap: Uint8Array, type: number, isRoot: boolean): boolean {
	if (hasType(bitmap, type) || hasType(bitmap, TYPE.CNAME)) return false;
	// The DS of a zone stands in its parent, all else in the zone itself.
	return type === TYPE.DS ? isRoot || !hasType(bitmap, TYPE.SOA) : !isDelegation(bitmap);
}

/** What a name's own record says of its delegation. */
export function delegationIn(bitmap: Uint8Array): DelegationProof {
	if (hasType(bitmap, TYPE.DS) || hasType(bitmap, TYPE.SOA)) return "unproven";
	return hasType(bitmap, TYPE.NS) ? "insecure" : "none";
}
