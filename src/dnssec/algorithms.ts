/** The algorithms that are validated (RFC 8624, section 3.1, with RFC 9905). */
import { createHash, createPublicKey, type JsonWebKey, type KeyObject } from "node:crypto";

interface Algorithm {
	/** As node:crypto calls it; null: the key says it. */
	readonly hash: "sha256" | "sha384" | "sha512" | null;
	/** Bytes of a signature; 0: as many as the key has. */
	readonly signatureBytes: number;
	/** The key's parts from the data of a DNSKEY record; undefined when it is none. */
	readonly keyOf: (key: Uint8Array) => JsonWebKey | undefined;
}

/** Larger ones would only be there to make work (RFC 3110, section 2; RFC 5702, section 2). */
const MOST_MODULUS_BITS = 4096;
/** Ordinary exponents have 2 or 3 bytes, the time that they take grows with them. */
const MOST_EXPONENT_BYTES = 5;

/** RSASHA1 and RSASHA1-NSEC3-SHA1 are not among them: they count as unsupported (RFC 9905, section 2). */
const ALGORITHMS: ReadonlyMap<number, Algorithm> = new Map<number, Algorithm>([
	[8, { hash: "sha256", signatureBytes: 0, keyOf: (key) => rsaKey(key, 512) }],
	[10, { hash: "sha512", signatureBytes: 0, keyOf: (key) => rsaKey(key, 1024) }],
	[13, { hash: "sha256", signatureBytes: 64, keyOf: (key) => ecKey(key, "P-256", 32) }],
	[14, { hash: "sha384", signatureBytes: 96, keyOf: (key) => ecKey(key, "P-384", 48) }],
	[15, { hash: null, signatureBytes: 64, keyOf: (key) => edKey(key, "Ed25519", 32) }],
	[16, { hash: null, signatureBytes: 114, keyOf: (key) => edKey(key, "Ed448", 57) }],
]);

/** SHA-256 and SHA-384; a DS record with SHA-1 alone secures nothing (RFC 8624, section 3.3). */
const DIGESTS: ReadonlyMap<number, { readonly hash: string; readonly bytes: number }> = new Map([
	[2, { hash: "sha256", bytes: 32 }],
	[4, { hash: "sha384", bytes: 48 }],
]);

export function isSupported(algorithm: number): boolean {
	return ALGORITHMS.has(algorithm);
}

export function isSupportedDigest(type: number): boolean {
	return DIGESTS.has(type);
}

/** The digest of a DS record (RFC 4034, section 5.1.4); undefined when its type is not supported. */
export function digestOf(type: number, owner: Uint8Array, keyData: Uint8Array): Uint8Array | undefined {
	const digest = DIGESTS.get(type);
	return digest === undefined ? undefined : createHash(digest.hash).update(owner).update(keyData).digest();
}

/** The public key in the data of a DNSKEY record; undefined when it cannot be used. */
export function createKey(algorithm: number, key: Uint8Array): KeyObject | undefined {
	const parts = ALGORITHMS.get(algorithm)?.keyOf(key);
	if (parts === undefined) return undefined;
	try {
		return createPublicKey({ key: parts, format: "jwk" });
	} catch {
		// Such as a point that is not on its curve.
		return undefined;
	}
}

/** What `verify` of node:crypto has to be told; undefined when no such signature can be right. */
export function hashFor(algorithm: number, signature: Uint8Array): string | null | undefined {
	const known = ALGORITHMS.get(algorithm);
	if (known === undefined) return undefined;
	return known.signatureBytes === 0 || known.signatureBytes === signature.length ? known.hash : undefined;
}

function base64(bytes: Uint8Array): string {
	return Buffer.from(bytes).toString("base64url");
}

/** RFC 3110, section 2. */
function rsaKey(key: Uint8Array, leastBits: number): JsonWebKey | undefined {
	const isLong = key[0] === 0;
	const from = isLong ? 3 : 1;
	const length = isLong ? (key[1] << 8) | key[2] : key[0];
	const exponent = withoutZeros(key.subarray(from, from + length));
	const modulus = withoutZeros(key.subarray(from + length));
	const bits = modulus.length * 8 - Math.clz32(modulus[0] ?? 0) + 24;
	if (key.length <= from + length || exponent.length === 0 || exponent.length > MOST_EXPONENT_BYTES)
		return undefined;
	if (bits < leastBits || bits > MOST_MODULUS_BITS) return undefined;
	return { kty: "RSA", n: base64(modulus), e: base64(exponent) };
}

function withoutZeros(bytes: Uint8Array): Uint8Array {
	let from = 0;
	while (from < bytes.length && bytes[from] === 0) from++;
	return bytes.subarray(from);
}

/** RFC 6605, section 4: the coordinates of a point. */
function ecKey(key: Uint8Array, crv: string, bytes: number): JsonWebKey | undefined {
	if (key.length !== bytes * 2) return undefined;
	return { kty: "EC", crv, x: base64(key.subarray(0, bytes)), y: base64(key.subarray(bytes)) };
}

/** RFC 8080, section 3. */
function edKey(key: Uint8Array, crv: string, bytes: number): JsonWebKey | undefined {
	return key.length === bytes ? { kty: "OKP", crv, x: base64(key) } : undefined;
}
