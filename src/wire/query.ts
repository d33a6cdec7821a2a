/** Reading a query: its header, its one question, its EDNS. */
import { FLAG, HEADER_BYTES, RCODE, TYPE } from "./codes.ts";
import { type DomainName, readName, skipName } from "./name.ts";
import { readOptions, SENT, type SentOptions } from "./query-options.ts";
import { wordAt } from "./word.ts";

/** What `readQuery` finds: an rcode to answer with (0: a good query), or silence. */
export const SILENCE = -1;
/** A query with a cookie and without a question, which is a question for a cookie (RFC 7873, section 5.4). */
export const COOKIE_ONLY = -2;

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
	/** Options that it brought, as bits of SENT. */
	sent: number;
	/** Options that go back with its answer, in wire form, begun by `echoOption`; no memory until there is one. */
	echo: Uint8Array;
	/** Of `echo`. */
	echoLength: number;
	/**
	 * Answers over this transport are padded to multiples of so many bytes when their query was padded; 0: never, as
	 * everywhere without encryption (RFC 7830, section 6).
	 */
	padBlock: number;
}

/** A whole query, with its name and what its options say. */
export interface WireQuery extends Asked, SentOptions {
	readonly name: DomainName;
}

/**
 * Reads the packet between `start` and `end` into `query`.
 *
 * @returns 0 for a good query, SILENCE for what must not be answered (shorter than a header, or itself a
 *   response), COOKIE_ONLY, or the rcode to answer with. After FORMERR the question may not be there: `questionEnd` tells.
 */
export function readQuery(query: WireQuery, message: Uint8Array, start: number, end: number): number {
	query.message = message;
	query.start = start;
	query.questionEnd = start + HEADER_BYTES;
	query.hasEdns = false;
	query.ednsSize = 512;
	query.dnssecOk = false;
	query.sent = 0;
	query.echoLength = 0;
	query.type = 0;
	query.class = 0;
	query.name.length = 0;
	if (end - start < HEADER_BYTES) return SILENCE;
	query.id = wordAt(message, start);
	query.flags = wordAt(message, start + 2);
	if ((query.flags & FLAG.QR) !== 0) return SILENCE;
	if ((query.flags & FLAG.OPCODE) !== 0 || wordAt(message, start + 4) !== 1) return readOdd(query, end);
	return readQuestion(query, end) ? readRecords(query, query.questionEnd, end) : RCODE.FORMERR;
}

function readQuestion(query: WireQuery, end: number): boolean {
	const { message, start } = query;
	const nameEnd = readName(message, start + HEADER_BYTES, end, query.name, false);
	if (nameEnd < 0 || nameEnd + 4 > end) return false;
	query.type = wordAt(message, nameEnd);
	query.class = wordAt(message, nameEnd + 2);
	query.questionEnd = nameEnd + 4;
	return true;
}

/**
 * Another opcode than QUERY, or not one question (RFC 9619): nothing of it is done, but what came with EDNS is answered
 * with EDNS (RFC 6891, section 6.1.1).
 */
function readOdd(query: WireQuery, end: number): number {
	const { message, start } = query;
	const questions = wordAt(message, start + 4);
	const isQuery = (query.flags & FLAG.OPCODE) === 0;
	const fault = isQuery ? RCODE.FORMERR : RCODE.NOTIMP;
	let at = start + HEADER_BYTES;
	if (questions === 1) {
		if (!readQuestion(query, end)) return fault;
		query.type = 0;
		at = query.questionEnd;
	} else {
		for (let i = 0; i < questions; i++) {
			at = skipName(message, at, end);
			if (at < 0 || at + 4 > end) return fault;
			at += 4;
		}
	}
	const found = readRecords(query, at, end);
	if (isQuery && questions === 0 && found === RCODE.NOERROR && (query.sent & SENT.COOKIE) !== 0)
		return COOKIE_ONLY;
	return isQuery && found === RCODE.BADVERS ? found : fault;
}

/** The records behind the questions, which end at `at`: none of them but OPT means anything in a query. */
function readRecords(query: WireQuery, at: number, end: number): number {
	const { message, start } = query;
	const before = wordAt(message, start + 6) + wordAt(message, start + 8);
	const all = before + wordAt(message, start + 10);
	for (let i = 0; i < all; i++) {
		const owner = at;
		at = skipName(message, at, end);
		if (at < 0 || at + 10 > end) return RCODE.FORMERR;
		const type = wordAt(message, at);
		const dataEnd = at + 10 + wordAt(message, at + 8);
		if (dataEnd > end) return RCODE.FORMERR;
		if (type === TYPE.OPT) {
			// RFC 6891, section 6.1.1: one OPT only, in the additional section, owned by the root.
			if (query.hasEdns || i < before || message[owner] !== 0) return RCODE.FORMERR;
			const fault = readEdns(query, at, dataEnd);
			if (fault !== RCODE.NOERROR) return fault;
		}
		at = dataEnd;
	}
	return RCODE.NOERROR;
}

/** The OPT record whose type stands at `at`. */
function readEdns(query: WireQuery, at: number, dataEnd: number): number {
	const { message } = query;
	query.hasEdns = true;
	query.ednsSize = Math.max(512, wordAt(message, at + 2));
	query.dnssecOk = (message[at + 6] & 0x80) !== 0;
	// What the options of another version look like, nobody knows (RFC 6891, section 6.1.3).
	if (message[at + 5] !== 0) return RCODE.BADVERS;
	if (dataEnd === at + 10 || readOptions(query, message, at + 10, dataEnd, query.transport !== UDP)) {
		return RCODE.NOERROR;
	}
	query.sent = 0;
	return RCODE.FORMERR;
}
