/** RRSIG records (RFC 4034, section 3). */
import { wordAt } from "../wire/word.ts";
import { copied, type Name, nameIn, toLowerCase } from "./canonical-name.ts";

const FIXED_BYTES = 18;

export interface Signature {
	/** The type of the records that it signs. */
	readonly covered: number;
	readonly algorithm: number;
	/** Labels of the owner as it was signed: fewer than it has where a wildcard was expanded. */
	readonly labels: number;
	readonly originalTtl: number;
	/** Seconds, modulo 2^32. */
	readonly expiration: number;
	readonly inception: number;
	readonly tag: number;
	/** In lower case. */
	readonly signer: Name;
	/** Its data up to the signature itself, the signer in lower case: the first that is signed. */
	readonly head: Uint8Array;
	readonly bytes: Uint8Array;
}

/** @returns undefined when it is malformed. Shares no memory with `data`. */
export function readSignature(data: Uint8Array): Signature | undefined {
	const signer = nameIn(data, FIXED_BYTES, data.length);
	if (signer === undefined) return undefined;
	const end = FIXED_BYTES + signer.length;
	const head = copied(data.subarray(0, end));
	return {
		covered: wordAt(data, 0),
		algorithm: data[2],
		labels: data[3],
		originalTtl: longAt(data, 4),
		expiration: longAt(data, 8),
		inception: longAt(data, 12),
		tag: wordAt(data, 16),
		signer: toLowerCase(head.subarray(FIXED_BYTES)),
		head,
		bytes: copied(data.subarray(end)),
	};
}

/** Whether `now` stands behind its expiration; in the arithmetic of RFC 1982 (RFC 4034, section 3.1.5). */
export function isExpired(signature: Signature, now: number): boolean {
	return ((now - signature.expiration) | 0) > 0;
}

/** Whether `now` stands before its inception. */
export function isTooEarly(signature: Signature, now: number): boolean {
	return ((signature.inception - now) | 0) > 0;
}

/** Seconds until it expires. */
export function secondsLeft(signature: Signature, now: number): number {
	return Math.max(0, (signature.expiration - now) | 0);
}

function longAt(bytes: Uint8Array, at: number): number {
	return wordAt(bytes, at) * 0x1_0000 + wordAt(bytes, at + 2);
}
