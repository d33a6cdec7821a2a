/** Writing a reply into memory that is used again and again: header, question, records, and at last EDNS. */
import { CLASS, EDE, FLAG, HEADER_BYTES } from "./codes.ts";
import { type Asked, TCP } from "./query.ts";
import { optBytes, putOpt } from "./reply-options.ts";
import { countUp, putLong, putWord } from "./word.ts";

/** The owner name of most answers: a pointer to the question's name. */
export const POINTER_TO_QUESTION = 0xc000 | HEADER_BYTES;
const NO_TEXT = new Uint8Array(0);

/** A reply being written to `bytes`, from `start` on, never beyond `limit`. */
export class Reply {
	bytes: Uint8Array = NO_TEXT;
	start = 0;
	limit = 0;
	/** Bytes written; 0 means that nothing is to be sent. */
	length = 0;
	rcode = 0;
	/** Something did not fit: the client is told to come back over TCP. */
	truncated = false;
	/** Info code of an extended error, or EDE.NONE. */
	ede: number = EDE.NONE;
	edeText: Uint8Array = NO_TEXT;

	/** Nothing is sent. */
	drop(): void {
		this.length = 0;
		this.rcode = -1;
	}
}

/**
 * Header and question. QR and RA are set, RD and CD copied, AA, TC and AD clear; the question stands as it was
 * asked, its case kept (RFC 4343, section 4.1).
 *
 * @param flags further bits for the header, such as FLAG.AD.
 */
export function beginReply(reply: Reply, asked: Asked, rcode: number, flags = 0): void {
	const { bytes, start } = reply;
	const { message } = asked;
	const size = asked.questionEnd - asked.start;
	const word = FLAG.QR | FLAG.RA | (asked.flags & (FLAG.OPCODE | FLAG.RD | FLAG.CD)) | flags | (rcode & 15);
	putWord(bytes, start, asked.id);
	putWord(bytes, start + 2, word);
	bytes[start + 4] = 0;
	bytes[start + 5] = size > HEADER_BYTES ? 1 : 0;
	for (let i = 6; i < HEADER_BYTES; i++) bytes[start + i] = 0;
	for (let i = HEADER_BYTES, from = asked.start; i < size; i++) bytes[start + i] = message[from + i];
	reply.length = size;
	reply.rcode = rcode;
	reply.truncated = false;
	reply.ede = EDE.NONE;
	reply.edeText = NO_TEXT;
}

/**
 * One record after what is written already.
 *
 * @param owner where its owner stands in the reply: a pointer such as POINTER_TO_QUESTION.
 * @param section 6 for the answer, 8 for the authority section: where its count stands in the header.
 */
export function putRecord(
	reply: Reply,
	section: 6 | 8,
	owner: number,
	type: number,
	ttl: number,
	data: Uint8Array,
	recordClass: number = CLASS.IN,
): void {
	const { bytes } = reply;
	let at = reply.start + reply.length;
	if (at + 12 + data.length > reply.limit) {
		reply.truncated = true;
		return;
	}
	putWord(bytes, at, owner);
	putWord(bytes, at + 2, type);
	putWord(bytes, at + 4, recordClass);
	putLong(bytes, at + 6, ttl);
	putWord(bytes, at + 10, data.length);
	at += 12;
	for (let i = 0; i < data.length; i++) bytes[at + i] = data[i];
	reply.length += 12 + data.length;
	countUp(bytes, reply.start + section);
}

/** Sets a TTL, in seconds, at `at`. */
export function putTtl(bytes: Uint8Array, at: number, seconds: number): void {
	putLong(bytes, at, seconds);
}

/**
 * The last touch, by the listener: EDNS for a client that spoke EDNS (RFC 6891, section 6.1.1), with the extended
 * error if there is one and the options that go back to it, and truncation to what the client can take. An explaining
 * text is left out before any record is.
 *
 * @param udpMax bytes of the largest answer over UDP, whatever the client offers.
 */
export function finishReply(reply: Reply, asked: Asked, udpMax: number): void {
	const room = reply.limit - reply.start;
	const most = asked.transport === TCP ? room : Math.min(room, asked.ednsSize, udpMax);
	if (reply.truncated || reply.length + optBytes(reply, asked) > most) truncate(reply, asked);
	if (asked.hasEdns) putOpt(reply, asked, udpMax, most);
}

/** Header and question alone, TC set (RFC 2181, section 9: what is left out is asked for again over TCP). */
function truncate(reply: Reply, asked: Asked): void {
	const { bytes, start } = reply;
	reply.length = asked.questionEnd - asked.start;
	bytes[start + 2] |= FLAG.TC >>> 8;
	for (let i = 6; i < HEADER_BYTES; i++) bytes[start + i] = 0;
}
