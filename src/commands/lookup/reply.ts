/** An answer taken apart, as far as it can be: dns2 checks every record, and what it refuses is shown as raw data. */
import { Packet, type Reader } from "dns2";
import { className, opcodeName, parseType, rcodeName, typeName } from "../../wire/code-names.ts";
import { type Edns, readEdns } from "./edns.ts";
import { formatName, readName, sameName } from "./name.ts";
import type { Query } from "./query.ts";
import { formatRdata, formatUnknown } from "./rdata.ts";

export interface ReplyRecord {
	readonly name: string;
	readonly ttl: number;
	readonly class: string;
	readonly type: string;
	readonly rdata: string;
}

export const SECTIONS = ["answer", "authority", "additional"] as const;
export type Section = (typeof SECTIONS)[number];

export interface Reply {
	readonly id: number;
	readonly opcode: string;
	readonly status: string;
	readonly flags: readonly string[];
	/** The counts of the header, whatever was found. */
	readonly counts: Readonly<Record<"question" | Section, number>>;
	readonly edns: Edns | undefined;
	readonly question: readonly Pick<ReplyRecord, "name" | "class" | "type">[];
	readonly sections: Readonly<Record<Section, readonly ReplyRecord[]>>;
	/** What is wrong with the message, in words. */
	readonly faults: readonly string[];
	readonly size: number;
}

const OPT = parseType("OPT");
const HEADER_SIZE = Packet.HEADER_SIZE;

/**
 * Why a message is no answer to our query; undefined when it is one. The question must come back (RFC 5452,
 * section 9.1), except with an error from a server that could not read it.
 */
export function mismatch(query: Query, message: Buffer): string | undefined {
	if (message.length < HEADER_SIZE) return `${message.length} bytes, shorter than a header`;
	const header = Packet.Header.parse(message);
	if (header.id !== query.id) return `id ${header.id} instead of ${query.id}`;
	if (header.qr === 0) return "a query, not an answer";
	if (header.qdcount === 0) return header.rcode === 0 ? "no question in it" : undefined;
	try {
		const { labels, end } = readName(message, HEADER_SIZE);
		const type = message.readUInt16BE(end);
		const cls = message.readUInt16BE(end + 2);
		const { question } = query;
		if (type === question.type && cls === question.class && sameName(labels, question.labels))
			return undefined;
		return `another question: ${formatName(labels)} ${className(cls)} ${typeName(type)}`;
	} catch (error) {
		if (error instanceof RangeError) return `a question that cannot be read: ${error.message}`;
		throw error;
	}
}

/** Takes apart a message that {@link mismatch} has nothing against. */
export function readReply(message: Buffer): Reply {
	const reader = new Packet.Reader(message);
	const header = Packet.Header.parse(reader);
	const counts = {
		question: header.qdcount,
		answer: header.ancount,
		authority: header.nscount,
		additional: header.arcount,
	};
	const question: Pick<ReplyRecord, "name" | "class" | "type">[] = [];
	const sections: Record<Section, ReplyRecord[]> = { answer: [], authority: [], additional: [] };
	const faults: string[] = [];
	let edns: Edns | undefined;
	try {
		for (let index = 0; index < counts.question; index++) {
			const { labels } = readName(message, reader.offset / 8);
			const asked = Packet.Question.parse(reader);
			question.push({ name: formatName(labels), class: className(asked.class), type: typeName(asked.type) });
		}
		for (const section of SECTIONS) {
			for (let index = 0; index < counts[section]; index++) {
				const found = readRecord(reader, message);
				if (found.fault !== undefined) faults.push(`${section} record ${index + 1}: ${found.fault}`);
				if (found.code === OPT) {
					if (edns !== undefined) faults.push("more than one OPT record");
					edns ??= readEdns(message, found.start);
				} else sections[section].push(found.record);
			}
		}
		if (reader.remaining() > 0) faults.push(`${reader.remaining() / 8} bytes after the last record`);
	} catch (error) {
		// Where one record ends is unknown, so the rest of the message is, too.
		faults.push(`the rest cannot be read: ${error instanceof Error ? error.message : String(error)}`);
	}
	const rcode = ((edns?.extendedRcode ?? 0) << 4) | header.rcode;
	return {
		id: header.id,
		opcode: opcodeName(header.opcode),
		status: rcodeName(rcode),
		flags: readFlags(message),
		counts,
		edns,
		question,
		sections,
		faults,
		size: message.length,
	};
}

interface FoundRecord {
	readonly record: ReplyRecord;
	readonly code: number;
	/** Where its fixed fields start, behind the owner name. */
	readonly start: number;
	readonly fault?: string;
}

/** The record at the reader's place. Throws when not even its end can be found. */
function readRecord(reader: Reader, message: Buffer): FoundRecord {
	const { labels, end: start } = readName(message, reader.offset / 8);
	const fault = checkRecord(reader);
	const code = message.readUInt16BE(start);
	const data = message.subarray(start + 10, start + 10 + message.readUInt16BE(start + 8));
	const record = {
		name: formatName(labels),
		ttl: message.readUInt32BE(start + 4),
		class: className(message.readUInt16BE(start + 2)),
		type: typeName(code),
		rdata:
			fault === undefined
				? formatRdata(code, message, start + 10, start + 10 + data.length)
				: formatUnknown(data),
	};
	return fault === undefined ? { record, code, start } : { record, code, start, fault };
}

/** Has dns2 check the record and step over it; a fault that stays inside the record's data is returned. */
function checkRecord(reader: Reader): string | undefined {
	try {
		Packet.Resource.parse(reader);
		return undefined;
	} catch (error) {
		if (error instanceof Error && "recovered" in error && error.recovered === true) return error.message;
		throw error;
	}
}

const FLAGS = [
	["qr", 0x8000],
	["aa", 0x0400],
	["tc", 0x0200],
	["rd", 0x0100],
	["ra", 0x0080],
	["ad", 0x0020],
	["cd", 0x0010],
] as const;

function readFlags(message: Buffer): string[] {
	const bits = message.readUInt16BE(2);
	return FLAGS.filter(([, mask]) => bits & mask).map(([name]) => name);
}
