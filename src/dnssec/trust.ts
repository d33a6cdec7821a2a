/** What was concluded, of a zone, a delegation or a set of records. */
import type { Denials } from "./denial.ts";
import type { DelegationSigner, PublicKey } from "./public-key.ts";
import type { RecordSet } from "./record-set.ts";
import type { Verified } from "./verifier.ts";

/** Milliseconds on the worker's clock. */
interface Kept {
	readonly expiresAt: number;
}

/** Nothing is signed there, or nothing that is understood: then `ede` tells why. */
export interface Insecure extends Kept {
	readonly kind: "insecure";
	readonly ede: number;
}

/** It is signed, and the signatures do not hold; `ede` tells why. */
export interface Bogus extends Kept {
	readonly kind: "bogus";
	readonly ede: number;
}

/** It could not be found out, for upstreams do not answer. */
export interface Unknown extends Kept {
	readonly kind: "unknown";
	readonly ede: number;
}

/** It would take more work than is done. */
export interface Exhausted extends Kept {
	readonly kind: "exhausted";
	readonly ede: number;
}

export type Untrusted = Insecure | Bogus | Unknown | Exhausted;

/** A zone with the keys that it signs with. */
export interface SecureZone extends Kept {
	readonly kind: "secure";
	readonly keys: readonly PublicKey[];
}

/** A delegation to a zone that is signed. */
export interface SecureCut extends Kept {
	readonly kind: "cut";
	readonly signers: readonly DelegationSigner[];
}

/** A name where no zone begins. */
export interface NoCut extends Kept {
	readonly kind: "none";
}

export interface SecureSet {
	readonly kind: "secure";
	readonly verified: Verified;
}

/** Verified denials of one zone. */
export interface FoundDenials {
	readonly kind: "denials";
	readonly denials: Denials;
	readonly sets: readonly (readonly [RecordSet, Verified])[];
}
