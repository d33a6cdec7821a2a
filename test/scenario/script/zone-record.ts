/** Records as zone files have them, on the wire: enough types for scenarios, and RFC 3597's form for all others. */
import { isIPv6 } from "node:net";
import ipaddr from "ipaddr.js";

export const TYPES: Readonly<Record<string, number>> = {
	A: 1,
	NS: 2,
	CNAME: 5,
	SOA: 6,
	PTR: 12,
	HINFO: 13,
	MX: 15,
	TXT: 16,
	AAAA: 28,
	SRV: 33,
	DNAME: 39,
	OPT: 41,
	DS: 43,
	RRSIG: 46,
	NSEC: 47,
	DNSKEY: 48,
	SVCB: 64,
	HTTPS: 65,
	IXFR: 251,
	AXFR: 252,
	ANY: 255,
	CAA: 257,
	RESINFO: 261,
};

export interface ZoneRecord {
	readonly owner: Buffer;
	readonly ttl: number;
	readonly type: number;
	readonly data: Buffer;
}

export function typeNumber(text: string): number {
	const known = TYPES[text] ?? Number(/^TYPE(\d+)$/.exec(text)?.[1] ?? Number.NaN);
	if (Number.isInteger(known)) return known;
	throw new Error(`no type ${text}`);
}

/** `\DDD` and `\.` as in zone files. */
export function nameBytes(text: string): Buffer {
	if (text === ".") return Buffer.of(0);
	const labels: number[][] = [[]];
	for (let i = 0; i < text.length; i++) {
		const escaped = /^\\(\d{3})/.exec(text.slice(i));
		if (escaped !== null) {
			labels.at(-1)?.push(Number(escaped[1]));
			i += 3;
		} else if (text[i] === "\\") labels.at(-1)?.push(text.charCodeAt(++i));
		else if (text[i] === ".") labels.push([]);
		else labels.at(-1)?.push(text.charCodeAt(i));
	}
	if (labels.at(-1)?.length === 0) labels.pop();
	return Buffer.concat([...labels.map((label) => Buffer.of(label.length, ...label)), Buffer.of(0)]);
}

function short(...values: readonly number[]): Buffer {
	const bytes = Buffer.alloc(values.length * 2);
	for (const [i, value] of values.entries()) bytes.writeUInt16BE(value, i * 2);
	return bytes;
}

function long(...values: readonly number[]): Buffer {
	const bytes = Buffer.alloc(values.length * 4);
	for (const [i, value] of values.entries()) bytes.writeUInt32BE(value, i * 4);
	return bytes;
}

function address(text: string): Buffer {
	return Buffer.from(ipaddr.parse(text).toByteArray());
}

function string(text: string): Buffer {
	const bytes = Buffer.from(text, "latin1");
	return Buffer.concat([Buffer.of(bytes.length), bytes]);
}

/** RFC 9460, section 2.1, for the keys that matter here. */
function serviceParameter(word: string): Buffer {
	const [key = "", value = ""] = word.split("=");
	const list = value.split(",").filter((one) => one !== "");
	const data =
		key === "alpn"
			? Buffer.concat(list.map(string))
			: key === "port"
				? short(Number(value))
				: Buffer.concat(list.map(address));
	const code = { alpn: 1, port: 3, ipv4hint: 4, ipv6hint: 6 }[key];
	if (code === undefined) throw new Error(`no parameter ${key}`);
	return Buffer.concat([short(code, data.length), data]);
}

function dataBytes(type: number, words: readonly string[]): Buffer {
	const [first = "", second = "", third = "", fourth = ""] = words;
	if (first === "\\#") return Buffer.from(words.slice(2).join(""), "hex");
	switch (type) {
		case TYPES.A:
		case TYPES.AAAA:
			if (isIPv6(first) !== (type === TYPES.AAAA)) throw new Error(`${first} is of the other family`);
			return address(first);
		case TYPES.NS:
		case TYPES.CNAME:
		case TYPES.PTR:
		case TYPES.DNAME:
			return nameBytes(first);
		case TYPES.MX:
			return Buffer.concat([short(Number(first)), nameBytes(second)]);
		case TYPES.SRV:
			return Buffer.concat([short(Number(first), Number(second), Number(third)), nameBytes(fourth)]);
		case TYPES.TXT:
		case TYPES.HINFO:
		case TYPES.RESINFO:
			return Buffer.concat(words.map(string));
		case TYPES.SOA:
			return Buffer.concat([nameBytes(first), nameBytes(second), long(...words.slice(2).map(Number))]);
		case TYPES.CAA:
			return Buffer.concat([Buffer.of(Number(first)), string(second), Buffer.from(third, "latin1")]);
		case TYPES.SVCB:
		case TYPES.HTTPS:
			return Buffer.concat([
				short(Number(first)),
				nameBytes(second),
				...words.slice(2).map(serviceParameter),
			]);
		default:
			throw new Error(`data of type ${type} is written as \\# LENGTH HEX`);
	}
}

/** `OWNER TTL TYPE DATA…`; a TTL that is no number is the caller's to read. */
export function readRecord(words: readonly string[]): ZoneRecord {
	const [owner = "", ttl = "", typeText = "", ...data] = words;
	const type = typeNumber(typeText);
	return { owner: nameBytes(owner), ttl: Number(ttl), type, data: dataBytes(type, data) };
}

export function recordBytes({ owner, ttl, type, data }: ZoneRecord): Buffer {
	return Buffer.concat([owner, short(type, 1), long(ttl), short(data.length), data]);
}
