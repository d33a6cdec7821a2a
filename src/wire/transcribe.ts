/** Records of one message written into another, where the pointers of the first mean nothing. */
import { TYPE } from "./codes.ts";
import { DomainName, readName, skipName } from "./name.ts";
import type { Reply } from "./reply.ts";
import { countUp, putWord, wordAt } from "./word.ts";

/** Types whose data ends in a name that may be compressed, and the bytes before it (RFC 3597, section 4). */
const NAME_AFTER: ReadonlyMap<number, number> = new Map([
	[TYPE.NS, 0],
	[TYPE.CNAME, 0],
	[TYPE.PTR, 0],
	[TYPE.DNAME, 0],
	[TYPE.MX, 2],
]);

/** Compressed twice within one record: not worth the trouble where it is used. */
const LEFT_OUT: readonly number[] = [TYPE.SOA];

const name = new DomainName();

/**
 * Appends the answer section of the message in `from` to `reply`, all names written out.
 *
 * @param questionEnd where its question ends, counted from `from.start`.
 */
export function appendAnswers(reply: Reply, from: Reply, questionEnd: number): void {
	const message = from.bytes;
	const end = from.start + from.length;
	const count = wordAt(message, from.start + 6);
	let at = from.start + questionEnd;
	for (let i = 0; i < count; i++) {
		const owner = at;
		at = skipName(message, at, end);
		if (at < 0 || at + 10 > end) return;
		const length = wordAt(message, at + 8);
		if (at + 10 + length > end) return;
		const type = wordAt(message, at);
		if (!LEFT_OUT.includes(type)) appendRecord(reply, from, owner, at, length, type);
		at += 10 + length;
	}
}

function appendRecord(
	reply: Reply,
	from: Reply,
	owner: number,
	at: number,
	length: number,
	type: number,
): void {
	const message = from.bytes;
	const end = from.start + from.length;
	if (readName(message, owner, end, name, true, from.start) < 0) return;
	let to = reply.start + reply.length;
	if (to + name.length + 10 + length + 255 > reply.limit) {
		reply.truncated = true;
		return;
	}
	to = put(reply, to, name.bytes, 0, name.length);
	to = put(reply, to, message, at, at + 8);
	const lengthAt = to;
	to += 2;
	const before = NAME_AFTER.get(type);
	if (before === undefined) {
		to = put(reply, to, message, at + 10, at + 10 + length);
	} else {
		const dataEnd = at + 10 + length;
		if (readName(message, at + 10 + before, dataEnd, name, true, from.start) !== dataEnd) return;
		to = put(reply, to, message, at + 10, at + 10 + before);
		to = put(reply, to, name.bytes, 0, name.length);
	}
	putWord(reply.bytes, lengthAt, to - lengthAt - 2);
	reply.length = to - reply.start;
	countUp(reply.bytes, reply.start + 6);
}

function put(reply: Reply, to: number, bytes: Uint8Array, from: number, end: number): number {
	for (let i = from; i < end; i++) reply.bytes[to++] = bytes[i];
	return to;
}
