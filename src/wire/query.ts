/** Reading a query: its header, its one question, its EDNS. */
import { FLAG, HEADER_BYTES, RCODE, TYPE } from "./codes.ts";
import { type DomainName, readName, skipName } from "./name.ts";
import { wordAt } from "./word.ts";

/** What `readQuery` finds: an rcode to answer with (0: a good query), or silence. */
export const SILENCE = -1;

/** Index into TRANSPORTS of the counters. */
export type Transport = 0 | 1;
export const UDP: Transport = 0;
export const TCP: Transport = 1;

/** What of a query is needed to answer it, even when its packet is long gone. */
export interface Asked {
	message: Uint8Array;
	/** Where the message begins in `message`. */
	start: number;
	/** Where its question ends; where its header ends when there is no readable question. */
	questionEnd: number;
	id: number;
	/** The second word of the header. */
	flags: number;
	type: number;
	class: number;
	hasEdns: boolean;
	/** The client's UDP payload size, 512 at least (RFC 6891, section 6.2.3). */
	ednsSize: number;
	dnssecOk: boolean;
	transport: Transport;
}

/** A whole query, with its name. */
export interface WireQuery extends Asked {
	readonly name: DomainName;
}

/**
 * Reads the packet between `start` and `end` into `query`.
 *
 * @returns 0 for a good query, SILENCE for what must not be answered (shorter than a header, or itself a
 *   response), or the rcode to answer with. After FORMERR the question may not be there: `questionEnd` tells.
 */
export function readQuery(query: WireQuery, message: Uint8Array, start: number, end: number): number {
	query.message = message;
	query.start = start;
	query.questionEnd = start + HEADER_BYTES;
	query.hasEdns = false;
	query.ednsSize = 512;
	query.dnssecOk = false;
	query.type = 0;
	if (end - start < HEADER_BYTES) return SILENCE;
	query.id = wordAt(message, start);
	query.flags = wordAt(message, start + 2);
	if ((query.flags & FLAG.QR) !== 0) return SILENCE;
	if ((query.flags & FLAG.OPCODE) !== 0) return RCODE.NOTIMP;
	// RFC 9619: a query has exactly one question.
	if (wordAt(message, start + 4) !== 1) return RCODE.FORMERR;
	const nameEnd = readName(message, start + HEADER_BYTES, end, query.name, false);
	if (nameEnd < 0 || nameEnd + 4 > end) return RCODE.FORMERR;
	query.type = wordAt(message, nameEnd);
	query.class = wordAt(message, nameEnd + 2);
	query.questionEnd = nameEnd + 4;
	const records = wordAt(message, start + 6) + wordAt(message, start + 8);
	const additional = wordAt(message, start + 10);
	return records + additional === 0 ? RCODE.NOERROR : readAdditional(query, end, records, additional);
}

function readAdditional(query: WireQuery, end: number, before: number, additional: number): number {
	const { message } = query;
	let at = query.questionEnd;
	for (let i = 0; i < before + additional; i++) {
		const owner = at;
		at = skipName(message, at, end);
		if (at < 0 || at + 10 > end) return RCODE.FORMERR;
		const type = wordAt(message, at);
		const dataEnd = at + 10 + wordAt(message, at + 8);
		if (dataEnd > end) return RCODE.FORMERR;
		if (type === TYPE.OPT) {
			// RFC 6891, section 6.1.1: one OPT only, in the additional section, owned by the root.
			if (query.hasEdns || i < before || message[owner] !== 0) return RCODE.FORMERR;
			query.hasEdns = true;
			query.ednsSize = Math.max(512, wordAt(message, at + 2));
			query.dnssecOk = (message[at + 6] & 0x80) !== 0;
			if (!optionsAreWhole(message, at + 10, dataEnd)) return RCODE.FORMERR;
			if (message[at + 5] !== 0) return RCODE.BADVERS;
		}
		at = dataEnd;
	}
	return RCODE.NOERROR;
}

function optionsAreWhole(message: Uint8Array, at: number, end: number): boolean {
	while (at + 4 <= end) at += 4 + wordAt(message, at + 2);
	return at === end;
}
