/** Secrets that prove who somebody is. Only their hashes are kept: what is drawn here is shown once. */
import { createHash, timingSafeEqual } from "node:crypto";

/** 256 bits cannot be guessed, so a plain hash, without salt or stretching, keeps them safe. */
const TOKEN_BYTES = 32;
const PREFIX = "cordon_";
/** Whatever else is sent is no token; it is not worth hashing. */
const LONGEST_TOKEN = 512;

/** @param random as many random bytes as it is asked for. */
export function drawToken(random: (bytes: number) => Uint8Array): string {
	return PREFIX + Buffer.from(random(TOKEN_BYTES)).toString("base64url");
}

/** SHA-256 in hexadecimal; undefined for what is too long or too short to be a token. */
export function tokenHash(token: string): string | undefined {
	if (token === "" || token.length > LONGEST_TOKEN) return undefined;
	return createHash("sha256").update(token, "utf8").digest("hex");
}

/** Whether two hashes in hexadecimal are equal, in a time that does not tell where they differ. */
export function sameHash(a: string, b: string): boolean {
	const [left, right] = [Buffer.from(a, "latin1"), Buffer.from(b, "latin1")];
	return left.length === right.length && left.length > 0 && timingSafeEqual(left, right);
}
