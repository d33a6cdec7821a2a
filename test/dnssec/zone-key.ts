/** Keys that sign test zones, made with node:crypto, and what DNS says of them. Depends on nothing of the program's. */
import {
	createHash,
	createPrivateKey,
	createPublicKey,
	generateKeyPairSync,
	type KeyObject,
	sign,
} from "node:crypto";
import { word } from "../wire/message.ts";

const RSA_BITS = 1024;
export const DIGESTS: Readonly<Record<number, string>> = { 1: "sha1", 2: "sha256", 4: "sha384" };
const HASHES: Readonly<Record<number, string>> = {
	5: "sha1",
	7: "sha1",
	8: "sha256",
	10: "sha512",
	13: "sha256",
	14: "sha384",
};

function base64(text: string | undefined): Buffer {
	return Buffer.from(text ?? "", "base64url");
}

/** The key of a DNSKEY record: RFC 3110, 6605 and 8080. */
function publicBytes(algorithm: number, key: KeyObject): Buffer {
	const { n, e, x, y } = key.export({ format: "jwk" });
	if (algorithm >= 15) return base64(x);
	if (algorithm >= 13) return Buffer.concat([base64(x), base64(y)]);
	const exponent = base64(e);
	return Buffer.concat([Buffer.of(exponent.length), exponent, base64(n)]);
}

/** An Ed25519 key made of a text, the same each time: its 32 bytes behind what PKCS #8 says in front of them. */
function derived(text: string) {
	const head = Buffer.from("302e020100300506032b657004220420", "hex");
	const key = Buffer.concat([head, createHash("sha256").update(text).digest()]);
	const privateKey = createPrivateKey({ key, format: "der", type: "pkcs8" });
	return { privateKey, publicKey: createPublicKey(privateKey) };
}

function generate(algorithm: number) {
	switch (algorithm) {
		case 13:
			return generateKeyPairSync("ec", { namedCurve: "P-256" });
		case 14:
			return generateKeyPairSync("ec", { namedCurve: "P-384" });
		case 15:
			return generateKeyPairSync("ed25519");
		case 16:
			return generateKeyPairSync("ed448");
		default:
			return generateKeyPairSync("rsa", { modulusLength: RSA_BITS });
	}
}

/** RFC 4034, appendix B, as it stands there. */
function keyTag(data: Buffer): number {
	let sum = 0;
	for (const [i, byte] of data.entries()) sum += (i & 1) !== 0 ? byte : byte << 8;
	return (sum + ((sum >> 16) & 0xffff)) & 0xffff;
}

export class ZoneKey {
	readonly algorithm: number;
	/** Of the DNSKEY record. */
	readonly data: Buffer;
	readonly tag: number;
	readonly #privateKey: KeyObject;

	/** `flags`: 257 for a key that others name, 256 for another one. `text`: makes the same Ed25519 key each time. */
	constructor(algorithm: number, flags: number, text?: string) {
		const { publicKey, privateKey } = text === undefined ? generate(algorithm) : derived(text);
		this.algorithm = algorithm;
		this.#privateKey = privateKey;
		this.data = Buffer.concat([word(flags), Buffer.of(3, algorithm), publicBytes(algorithm, publicKey)]);
		this.tag = keyTag(this.data);
	}

	sign(data: Buffer): Buffer {
		return sign(HASHES[this.algorithm] ?? null, data, {
			key: this.#privateKey,
			dsaEncoding: "ieee-p1363",
		});
	}

	/** Of the DS record; `owner` in wire form, in lower case. */
	ds(owner: Buffer, digestType = 2, algorithm = this.algorithm): Buffer {
		const digest = createHash(DIGESTS[digestType] ?? "sha256")
			.update(owner)
			.update(this.data)
			.digest();
		return Buffer.concat([word(this.tag), Buffer.of(algorithm, digestType), digest]);
	}
}
