/** DNSKEY records (RFC 4034, section 2), and DS records, which name them (section 5). */
import type { KeyObject } from "node:crypto";
import { wordAt } from "../wire/word.ts";
import { createKey, digestOf, isSupported, isSupportedDigest } from "./algorithms.ts";
import { copied, type Name, sameBytes } from "./canonical-name.ts";

const ZONE_KEY = 0x0100;
/** RFC 5011, section 2.1. */
const REVOKED = 0x0080;
const DNSSEC = 3;

export class PublicKey {
	readonly data: Uint8Array;
	readonly algorithm: number;
	readonly tag: number;
	/** Whether it is a zone's key at all (RFC 4034, section 2.1.1). */
	readonly isZoneKey: boolean;
	readonly isRevoked: boolean;
	#object: KeyObject | undefined | null = null;

	/** `data`: of the record; at least 4 bytes. Kept. */
	constructor(data: Uint8Array) {
		const flags = wordAt(data, 0);
		this.data = data;
		this.algorithm = data[3];
		this.tag = tagOf(data);
		this.isZoneKey = (flags & ZONE_KEY) !== 0 && data[2] === DNSSEC;
		this.isRevoked = (flags & REVOKED) !== 0;
	}

	/** Made when it is first needed; undefined when it is no key. */
	get object(): KeyObject | undefined {
		if (this.#object === null) this.#object = createKey(this.algorithm, this.data.subarray(4));
		return this.#object;
	}
}

/** RFC 4034, appendix B. */
export function tagOf(data: Uint8Array): number {
	let sum = 0;
	for (let i = 0; i < data.length; i++) sum += (i & 1) === 0 ? data[i] << 8 : data[i];
	return (sum + (sum >>> 16)) & 0xffff;
}

export interface DelegationSigner {
	readonly tag: number;
	readonly algorithm: number;
	readonly digestType: number;
	readonly digest: Uint8Array;
}

/** @returns undefined when it is malformed. */
export function readDelegationSigner(data: Uint8Array): DelegationSigner | undefined {
	if (data.length < 5) return undefined;
	return { tag: wordAt(data, 0), algorithm: data[2], digestType: data[3], digest: copied(data.subarray(4)) };
}

/** Whether its key could be found and used, were it there. */
export function isUsable({ algorithm, digestType }: DelegationSigner): boolean {
	return isSupported(algorithm) && isSupportedDigest(digestType);
}

/** Whether it names the key by tag and algorithm; the digest is yet to be compared. */
export function mayName(signer: DelegationSigner, key: PublicKey): boolean {
	return signer.tag === key.tag && signer.algorithm === key.algorithm;
}

export function names(signer: DelegationSigner, zone: Name, key: PublicKey): boolean {
	const digest = digestOf(signer.digestType, zone, key.data);
	return digest !== undefined && sameBytes(digest, signer.digest);
}
