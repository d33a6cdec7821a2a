/** Records of one message written into another, where the pointers of the first mean nothing. */
import { TYPE } from "./codes.ts";
import { DomainName, readName, skipName } from "./name.ts";
import type { Reply } from "./reply.ts";
import { countUp, putWord, wordAt } from "./word.ts";

/** Types with names in their data that may be compressed: bytes before them, how many, bytes behind (RFC 3597, section 4). */
const NAMES_IN: ReadonlyMap<number, readonly [number, number, number]> = new Map([
	[TYPE.NS, [0, 1, 0]],
	[TYPE.CNAME, [0, 1, 0]],
	[TYPE.SOA, [0, 2, 20]],
	[TYPE.PTR, [0, 1, 0]],
	[TYPE.DNAME, [0, 1, 0]],
	[TYPE.MX, [2, 1, 0]],
]);

/** A message, as far as it is written. */
interface Written {
	readonly bytes: Uint8Array;
	readonly start: number;
	readonly length: number;
}

const name = new DomainName();

/**
 * Appends the answer section of the message in `from` to `reply`, all names written out.
 *
 * @param questionEnd where its question ends, counted from `from.start`.
 */
export function appendAnswers(reply: Reply, from: Written, questionEnd: number): void {
	appendRecords(reply, 6, from, from.start + questionEnd, wordAt(from.bytes, from.start + 6));
}

/**
 * Appends `count` records of `from`, the first of which stands at `at` in its bytes, all names written out.
 *
 * @param section 6 for the answer, 8 for the authority section of `reply`.
 * @param keeps which of them: told the owner's name.
 * @returns where the record after them begins, or -1 when `from` ends before.
 */
export function appendRecords(
	reply: Reply,
	section: 6 | 8,
	from: Written,
	at: number,
	count: number,
	keeps?: (owner: DomainName) => boolean,
): number {
	const message = from.bytes;
	const end = from.start + from.length;
	for (let i = 0; i < count; i++) {
		const owner = at;
		at = skipName(message, at, end);
		if (at < 0 || at + 10 > end) return -1;
		const length = wordAt(message, at + 8);
		if (at + 10 + length > end) return -1;
		if (readName(message, owner, end, name, true, from.start) >= 0 && (keeps === undefined || keeps(name)))
			appendRecord(reply, section, from, at, length);
		at += 10 + length;
	}
	return at;
}

/** `name` holds its owner; `at`: where its type stands. */
function appendRecord(reply: Reply, section: 6 | 8, from: Written, at: number, length: number): void {
	const message = from.bytes;
	const dataEnd = at + 10 + length;
	const [before, names, behind] = NAMES_IN.get(wordAt(message, at)) ?? [length, 0, 0];
	let to = reply.start + reply.length;
	if (to + name.length + 10 + length + 255 * names > reply.limit) {
		reply.truncated = true;
		return;
	}
	to = put(reply, to, name.bytes, 0, name.length);
	to = put(reply, to, message, at, at + 8);
	const lengthAt = to;
	to += 2;
	let read = at + 10 + before;
	to = put(reply, to, message, at + 10, read);
	for (let i = 0; i < names; i++) {
		read = readName(message, read, dataEnd, name, true, from.start);
		if (read < 0) return;
		to = put(reply, to, name.bytes, 0, name.length);
	}
	if (read + behind !== dataEnd) return;
	to = put(reply, to, message, read, dataEnd);
	putWord(reply.bytes, lengthAt, to - lengthAt - 2);
	reply.length = to - reply.start;
	countUp(reply.bytes, reply.start + section);
}

function put(reply: Reply, to: number, bytes: Uint8Array, from: number, end: number): number {
	for (let i = from; i < end; i++) reply.bytes[to++] = bytes[i];
	return to;
}
