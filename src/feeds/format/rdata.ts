/** Record data from the words of a zone file to the wire, uncompressed. */
import { isIPv4, isIPv6 } from "node:net";
import ipaddr from "ipaddr.js";
import { excerpt } from "../../wire/excerpt.ts";

/** The types that local data may have; any other is understood as TYPEn with generic data (RFC 3597). */
const TYPES: Readonly<Record<string, number>> = {
	A: 1,
	CNAME: 5,
	PTR: 12,
	MX: 15,
	TXT: 16,
	AAAA: 28,
	SRV: 33,
	SVCB: 64,
	HTTPS: 65,
};

/** The number of a type we can make data for; `type` in upper case. */
export function typeNumber(type: string): number | undefined {
	if (Object.hasOwn(TYPES, type)) return TYPES[type];
	const number = /^TYPE(\d{1,5})$/.exec(type)?.[1];
	return number !== undefined && Number(number) <= 65_535 ? Number(number) : undefined;
}

/**
 * The data in wire form, or what is wrong with it. `origin` completes relative names: no trailing dot, empty for
 * the root, undefined when unknown.
 */
export function encodeRdata(
	type: number,
	words: readonly string[],
	origin: string | undefined,
): Uint8Array | string {
	if (words[0] === "\\#") return generic(words);
	switch (type) {
		case TYPES.A:
			return words.length === 1 && isIPv4(words[0] ?? "")
				? address(words)
				: wrong("A", "an IPv4 address", words);
		case TYPES.AAAA:
			return words.length === 1 && isIPv6(words[0] ?? "")
				? address(words)
				: wrong("AAAA", "an IPv6 address", words);
		case TYPES.CNAME:
			return named("CNAME", [], words, origin);
		case TYPES.PTR:
			return named("PTR", [], words, origin);
		case TYPES.MX:
			return named("MX", ["a preference"], words, origin);
		case TYPES.SRV:
			return named("SRV", ["a priority", "a weight", "a port"], words, origin);
		case TYPES.TXT:
			return strings(words);
		default:
			return "data of this type must be written in generic form: \\# LENGTH HEX (RFC 3597, section 5)";
	}
}

function wrong(type: string, what: string, words: readonly string[]): string {
	return `${type} needs ${what}, not "${excerpt(words.join(" "), 80)}"`;
}

function address(words: readonly string[]): Uint8Array {
	return Uint8Array.from(ipaddr.parse(words[0] ?? "").toByteArray());
}

/** Numbers of 16 bits, then a name. */
function named(
	type: string,
	numbers: readonly string[],
	words: readonly string[],
	origin: string | undefined,
): Uint8Array | string {
	const what = [...numbers, "a name"].join(", ");
	if (words.length !== numbers.length + 1) return wrong(type, what, words);
	const bytes: number[] = [];
	for (const word of words.slice(0, -1)) {
		if (!/^\d{1,5}$/.test(word) || Number(word) > 65_535) return wrong(type, what, words);
		bytes.push(Number(word) >> 8, Number(word) & 255);
	}
	const name = encodeName(words.at(-1) ?? "", origin);
	return typeof name === "string" ? name : Uint8Array.from([...bytes, ...name]);
}

/** A name as the zone writes it, in wire form, its case kept; or what is wrong with it. */
export function encodeName(text: string, origin: string | undefined): Uint8Array | string {
	const shown = `"${excerpt(text, 80)}"`;
	if (text === ".") return Uint8Array.of(0);
	const bytes: number[] = [];
	const relative = text === "@" ? "" : text;
	const absolute = /(?<!\\)(?:\\\\)*\.$/.test(relative);
	if (!absolute && origin === undefined) {
		return `${shown} has no trailing dot, and the zone's own name is not known`;
	}
	const tail = absolute || origin === undefined || origin === "" ? [] : origin.split(".");
	const labels = [
		...splitLabels(absolute ? relative.slice(0, -1) : relative),
		...tail.map((l) => [...Buffer.from(l)]),
	];
	for (const label of labels) {
		if (label.length === 0) return `${shown} has an empty label`;
		if (label.length > 63) return `${shown} has a label longer than 63 bytes`;
		bytes.push(label.length, ...label);
	}
	bytes.push(0);
	return bytes.length > 255 ? `${shown} is longer than 255 bytes` : Uint8Array.from(bytes);
}

function splitLabels(text: string): number[][] {
	if (text === "") return [];
	const labels: number[][] = [[]];
	for (const { byte, escaped } of unescaped(text)) {
		if (byte === 0x2e && !escaped) labels.push([]);
		else labels.at(-1)?.push(byte);
	}
	return labels;
}

function* unescaped(text: string): Generator<{ readonly byte: number; readonly escaped: boolean }> {
	const bytes = Buffer.from(text);
	for (let i = 0; i < bytes.length; i++) {
		if (bytes[i] !== 0x5c) {
			yield { byte: bytes[i], escaped: false };
			continue;
		}
		const decimal = /^\d{3}/.exec(bytes.toString("latin1", i + 1, i + 4))?.[0];
		const code = decimal === undefined ? bytes[++i] : Number(decimal);
		if (decimal !== undefined) i += 3;
		if (code !== undefined) yield { byte: code & 255, escaped: true };
	}
}

function strings(words: readonly string[]): Uint8Array | string {
	if (words.length === 0) return "TXT needs at least one text";
	const bytes: number[] = [];
	for (const word of words) {
		const text = [...unescaped(word)].map((u) => u.byte);
		if (text.length > 255) return "a text of TXT is longer than 255 bytes; write it as several";
		bytes.push(text.length, ...text);
	}
	return Uint8Array.from(bytes);
}

function generic(words: readonly string[]): Uint8Array | string {
	const hex = words.slice(2).join("");
	const length = Number(words[1]);
	if (!/^\d{1,5}$/.test(words[1] ?? "") || !/^([0-9a-f]{2})*$/i.test(hex) || hex.length !== length * 2) {
		return `"${excerpt(words.join(" "), 80)}" is no generic data: \\# LENGTH HEX (RFC 3597, section 5)`;
	}
	return Uint8Array.from(Buffer.from(hex, "hex"));
}
