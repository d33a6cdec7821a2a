/**
 * Record data in zone-file form. Each type is a line of fields, read one after another from the bytes; dns2 decodes
 * text as UTF-8 and names without escapes, so what it returns could not be written back.
 */

import { parseType, typeName } from "../../wire/code-names.ts";
import { formatAddress } from "./address.ts";
import { formatName, formatText, readName } from "./name.ts";
import { formatParams } from "./svcb.ts";

/** What is left of one record's data; names may point into the message before it. */
export interface Rdata {
	readonly message: Buffer;
	readonly end: number;
	at: number;
}

/** Takes the next bytes, or throws when the record has fewer. */
function take(rdata: Rdata, length: number): Buffer {
	if (rdata.at + length > rdata.end) throw new RangeError("record data ends too early");
	rdata.at += length;
	return rdata.message.subarray(rdata.at - length, rdata.at);
}

function rest(rdata: Rdata): Buffer {
	return take(rdata, rdata.end - rdata.at);
}

function number(bytes: 1 | 2 | 4) {
	return (rdata: Rdata) => String(take(rdata, bytes).readUIntBE(0, bytes));
}

function name(rdata: Rdata): string {
	const { labels, end } = readName(rdata.message, rdata.at);
	if (end > rdata.end) throw new RangeError("name leaves the record data");
	rdata.at = end;
	return formatName(labels);
}

function string(rdata: Rdata): string {
	return formatText(take(rdata, take(rdata, 1).readUInt8()));
}

function strings(rdata: Rdata): string {
	const all: string[] = [];
	while (rdata.at < rdata.end) all.push(string(rdata));
	return all.join(" ");
}

function address(bytes: 4 | 16) {
	return (rdata: Rdata) => formatAddress(take(rdata, bytes));
}

/** `YYYYMMDDHHmmSS` in UTC (RFC 4034, section 3.2). */
function time(rdata: Rdata): string {
	const iso = new Date(take(rdata, 4).readUInt32BE() * 1000).toISOString();
	return iso.replace(/\.\d+Z$/, "").replace(/[-:T]/g, "");
}

function hex(rdata: Rdata): string {
	return rest(rdata).toString("hex").toUpperCase();
}

function types(rdata: Rdata): string {
	const found: string[] = [];
	while (rdata.at < rdata.end) {
		const window = take(rdata, 1).readUInt8();
		const bits = take(rdata, take(rdata, 1).readUInt8());
		bits.forEach((byte, index) => {
			for (let bit = 0; bit < 8; bit++) {
				if (byte & (0x80 >> bit)) found.push(typeName((window << 8) | (index << 3) | bit));
			}
		});
	}
	return found.join(" ");
}

/** Base32 with the extended hex alphabet, no padding (RFC 5155, section 3.3). */
function base32(bytes: Buffer): string {
	const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
	const groups = bits.match(/.{1,5}/g) ?? [];
	return groups.map((group) => Number.parseInt(group.padEnd(5, "0"), 2).toString(32).toUpperCase()).join("");
}

const FIELDS = {
	u8: number(1),
	u16: number(2),
	u32: number(4),
	ip4: address(4),
	ip6: address(16),
	name,
	string,
	strings,
	time,
	hex,
	types,
	type: (rdata: Rdata) => typeName(take(rdata, 2).readUInt16BE()),
	base64: (rdata: Rdata) => rest(rdata).toString("base64"),
	/** A length and that many letters, without quotes. */
	tag: (rdata: Rdata) => string(rdata).slice(1, -1),
	/** All that is left, as one text. */
	text: (rdata: Rdata) => formatText(rest(rdata)),
	salt: (rdata: Rdata) => take(rdata, take(rdata, 1).readUInt8()).toString("hex").toUpperCase() || "-",
	hash: (rdata: Rdata) => base32(take(rdata, take(rdata, 1).readUInt8())),
	eui: (rdata: Rdata) => rest(rdata).toString("hex").match(/../g)?.join("-") ?? "",
	params: (rdata: Rdata) => formatParams(rest(rdata)),
} satisfies Record<string, (rdata: Rdata) => string>;

type Field = keyof typeof FIELDS;

/** The fields of the types that have a form of their own. */
const LAYOUTS: Readonly<Record<string, readonly Field[]>> = {
	A: ["ip4"],
	AAAA: ["ip6"],
	NS: ["name"],
	CNAME: ["name"],
	DNAME: ["name"],
	PTR: ["name"],
	SOA: ["name", "name", "u32", "u32", "u32", "u32", "u32"],
	MX: ["u16", "name"],
	KX: ["u16", "name"],
	AFSDB: ["u16", "name"],
	RP: ["name", "name"],
	HINFO: ["string", "string"],
	TXT: ["strings"],
	SPF: ["strings"],
	SRV: ["u16", "u16", "u16", "name"],
	NAPTR: ["u16", "u16", "string", "string", "string", "name"],
	URI: ["u16", "u16", "text"],
	CAA: ["u8", "tag", "text"],
	SVCB: ["u16", "name", "params"],
	HTTPS: ["u16", "name", "params"],
	DS: ["u16", "u8", "u8", "hex"],
	CDS: ["u16", "u8", "u8", "hex"],
	DNSKEY: ["u16", "u8", "u8", "base64"],
	CDNSKEY: ["u16", "u8", "u8", "base64"],
	RRSIG: ["type", "u8", "u8", "u32", "time", "time", "u16", "name", "base64"],
	NSEC: ["name", "types"],
	NSEC3: ["u8", "u8", "u16", "salt", "hash", "types"],
	NSEC3PARAM: ["u8", "u8", "u16", "salt"],
	CSYNC: ["u32", "u16", "types"],
	TLSA: ["u8", "u8", "u8", "hex"],
	SMIMEA: ["u8", "u8", "u8", "hex"],
	SSHFP: ["u8", "u8", "hex"],
	ZONEMD: ["u32", "u8", "u8", "hex"],
	OPENPGPKEY: ["base64"],
	DHCID: ["base64"],
	EUI48: ["eui"],
	EUI64: ["eui"],
};

const LAYOUT_OF_TYPE = new Map(Object.entries(LAYOUTS).map(([type, layout]) => [parseType(type), layout]));

/** The form for data that has no other: `\# LENGTH HEX` (RFC 3597, section 5). */
export function formatUnknown(data: Uint8Array): string {
	return `\\# ${data.length} ${Buffer.from(data).toString("hex").toUpperCase()}`.trimEnd();
}

/** The data of a record between two offsets of its message; data that does not fit its type is shown as unknown. */
export function formatRdata(type: number, message: Buffer, start: number, end: number): string {
	const layout = LAYOUT_OF_TYPE.get(type);
	if (layout !== undefined && end > start) {
		try {
			const rdata: Rdata = { message, at: start, end };
			const text = layout.map((field) => FIELDS[field](rdata)).filter((part) => part !== "");
			if (rdata.at === end) return text.join(" ");
		} catch (error) {
			if (!(error instanceof RangeError)) throw error;
		}
	}
	return formatUnknown(message.subarray(start, end));
}
