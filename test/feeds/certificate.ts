/** X.509 certificates made on the spot (RFC 5280), since nothing else lets a test say from when to when they hold. */
import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

const DAY_MS = 24 * 3600 * 1000;

export interface Certified {
	/** In PEM. */
	readonly cert: string;
	readonly key: string;
}

export interface Wanted {
	readonly host: string;
	/** Days from now; by default yesterday and tomorrow. */
	readonly from?: number;
	readonly to?: number;
}

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
	const content = Buffer.concat(parts);
	const { length } = content;
	if (length < 128) return Buffer.concat([Buffer.of(tag, length), content]);
	if (length < 256) return Buffer.concat([Buffer.of(tag, 0x81, length), content]);
	return Buffer.concat([Buffer.of(tag, 0x82, length >> 8, length & 255), content]);
}

const sequence = (...parts: readonly Uint8Array[]) => der(0x30, ...parts);
const oid = (hex: string) => der(0x06, Buffer.from(hex, "hex"));
const octets = (content: Uint8Array) => der(0x04, content);
const bits = (content: Uint8Array) => der(0x03, Buffer.of(0), content);

const ECDSA_WITH_SHA256 = sequence(oid("2a8648ce3d040302"));

function distinguishedName(commonName: string): Buffer {
	return sequence(der(0x31, sequence(oid("550403"), der(0x0c, Buffer.from(commonName)))));
}

/** GeneralizedTime (RFC 5280, section 4.1.2.5.2). */
function inDays(days: number): Buffer {
	const time = new Date(Date.now() + days * DAY_MS).toISOString();
	return der(0x18, Buffer.from(`${time.slice(0, 19).replace(/[-T:]/g, "")}Z`));
}

/** subjectAltName: dNSName. */
function forHost(host: string): Buffer {
	return sequence(oid("551d11"), octets(sequence(der(0x82, Buffer.from(host)))));
}

function pem(content: Uint8Array): string {
	const lines =
		Buffer.from(content)
			.toString("base64")
			.match(/.{1,64}/g) ?? [];
	return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

export class Authority {
	readonly #name: Buffer;
	readonly #key: KeyObject;
	/** Its own certificate, in PEM. */
	readonly cert: string;

	constructor(commonName: string) {
		const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
		this.#name = distinguishedName(commonName);
		this.#key = privateKey;
		// basicConstraints, critical: cA true.
		const isAuthority = sequence(
			oid("551d13"),
			der(0x01, Buffer.of(255)),
			octets(sequence(der(0x01, Buffer.of(255)))),
		);
		this.cert = this.#sign(this.#name, publicKey, -1, 1, isAuthority);
	}

	/** A certificate for a server, with a key of its own. */
	certify({ host, from = -1, to = 1 }: Wanted): Certified {
		const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
		return {
			cert: this.#sign(distinguishedName(host), publicKey, from, to, forHost(host)),
			key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
		};
	}

	/** The authority's own key with a server's certificate that it signed itself. */
	certifySelf({ host, from = -1, to = 1 }: Wanted): Certified {
		return {
			cert: this.#sign(this.#name, createPublicKey(this.#key), from, to, forHost(host)),
			key: this.#key.export({ type: "pkcs8", format: "pem" }).toString(),
		};
	}

	#sign(subject: Buffer, key: KeyObject, from: number, to: number, extension: Buffer): string {
		const content = sequence(
			der(0xa0, der(0x02, Buffer.of(2))),
			// A serial number is positive, and begins with no zero.
			der(0x02, Buffer.of(1), randomBytes(8)),
			ECDSA_WITH_SHA256,
			this.#name,
			sequence(inDays(from), inDays(to)),
			subject,
			key.export({ type: "spki", format: "der" }),
			der(0xa3, sequence(extension)),
		);
		return pem(sequence(content, ECDSA_WITH_SHA256, bits(sign("sha256", content, this.#key))));
	}
}
