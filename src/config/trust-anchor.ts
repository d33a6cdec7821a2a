/** Trust anchors as text: DS and DNSKEY records, as zone files write them. */
import { canonicalName } from "./canonical-name.ts";

export interface TrustAnchor {
	/** In lower case and A-labels, without trailing dot; `.` for the root. */
	readonly zone: string;
	readonly type: "DS" | "DNSKEY";
	/** The record's data. */
	readonly data: Uint8Array;
}

/** IANA's keys of the root zone, 20326 and 38696. */
export const ROOT_ANCHORS = [
	". DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D",
	". DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16",
] as const;

const RECORD = /^(\S+)\s+(?:\d+\s+)?(?:IN\s+)?(DS|DNSKEY)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\S.*)$/i;
const HEX = /^(?:[0-9a-f]{2})+$/i;
const BASE64 = /^[0-9a-z+/]+={0,2}$/i;
const DIGEST_BYTES: Readonly<Record<number, number>> = { 1: 20, 2: 32, 4: 48 };

/** `NAME [TTL] [IN] DS TAG ALGORITHM DIGEST-TYPE HEX`, or `… DNSKEY FLAGS 3 ALGORITHM BASE64`; undefined when it is neither. */
export function parseTrustAnchor(text: string): TrustAnchor | undefined {
	const found = RECORD.exec(text.trim());
	if (found === null) return undefined;
	const [, owner = "", kind = "", first = "", second = "", third = "", rest = ""] = found;
	const zone = owner === "." ? owner : canonicalName(owner);
	const type = kind.toUpperCase() === "DS" ? "DS" : "DNSKEY";
	const numbers = [first, second, third].map(Number);
	const value = rest.replaceAll(/\s/g, "");
	if (zone === undefined || numbers[0] > 65_535 || numbers[1] > 255 || numbers[2] > 255) return undefined;
	const head = [numbers[0] >> 8, numbers[0] & 255, numbers[1], numbers[2]];
	if (!(type === "DS" ? HEX : BASE64).test(value)) return undefined;
	const body = Buffer.from(value, type === "DS" ? "hex" : "base64");
	if (type === "DS" && body.length !== (DIGEST_BYTES[numbers[2]] ?? body.length)) return undefined;
	return { zone, type, data: Uint8Array.from([...head, ...body]) };
}

/** The records of a file, a line each; comments begin with a semicolon. */
export function trustAnchorLines(text: string): readonly string[] {
	return text
		.split(/\r?\n/)
		.map((line) => line.replace(/;.*$/, "").trim())
		.filter((line) => line !== "");
}
