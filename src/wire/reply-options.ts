/** The OPT record of a reply, the last that is written: extended error, what goes back to the asker, padding. */
import { EDE, OPTION, TYPE } from "./codes.ts";
import { OPTION_HEAD } from "./option.ts";
import type { Asked } from "./query.ts";
import { SENT } from "./query-options.ts";
import { countUp, putWord } from "./word.ts";

/** An OPT record without options. */
const OPT_BYTES = 11;
const INFO_CODE = 2;

/**
 * Room for what goes back to one asker: a cookie (28 bytes), a client's subnet (24), a keepalive (6), a name server's
 * id (4 and LONGEST_NSID). With the longest question and an error code they all fit the 512 bytes that every client takes.
 */
const ECHO_BYTES = 126;
/** What of a reply is needed to end it. */
interface Unended {
	readonly bytes: Uint8Array;
	readonly start: number;
	length: number;
	readonly rcode: number;
	readonly ede: number;
	readonly edeText: Uint8Array;
}

/** Bytes of the longest name server id. */
export const LONGEST_NSID = 64;

/**
 * Begins an option that goes back to whoever asked, whatever the answer will be; to be called once per option while
 * the query is read, or any time before its answer is finished.
 *
 * @returns where in `asked.echo`, which may be other memory than before, its `length` bytes of data are to be written;
 *   they may be written anew later.
 */
export function echoOption(asked: Asked, code: number, length: number): number {
	// Memory only for those who send options; it stays with the asker, which is used again.
	if (asked.echo.length === 0) asked.echo = new Uint8Array(ECHO_BYTES);
	const at = asked.echoLength;
	putWord(asked.echo, at, code);
	putWord(asked.echo, at + 2, length);
	asked.echoLength = at + OPTION_HEAD + length;
	return at + OPTION_HEAD;
}

/** Bytes that the OPT record takes at least: all of it but for an explaining text and padding. */
export function optBytes(reply: Unended, asked: Asked): number {
	if (!asked.hasEdns) return 0;
	return OPT_BYTES + asked.echoLength + (reply.ede === EDE.NONE ? 0 : OPTION_HEAD + INFO_CODE);
}

/**
 * Appends the OPT record, for which there is room.
 *
 * @param most bytes that the reply may have; an explaining text that would go beyond is left out.
 */
export function putOpt(reply: Unended, asked: Asked, udpMax: number, most: number): void {
	const { bytes } = reply;
	const start = reply.start + reply.length;
	bytes[start] = 0;
	putWord(bytes, start + 1, TYPE.OPT);
	putWord(bytes, start + 3, udpMax);
	bytes[start + 5] = reply.rcode >>> 4;
	bytes[start + 6] = 0;
	// Of the flags DO alone is copied (RFC 3225, section 3; RFC 6891, section 6.1.4).
	bytes[start + 7] = asked.dnssecOk ? 0x80 : 0;
	bytes[start + 8] = 0;
	let at = start + OPT_BYTES;
	if (asked.echoLength > 0) {
		const { echo, echoLength } = asked;
		for (let i = 0; i < echoLength; i++) bytes[at + i] = echo[i];
		at += echoLength;
	}
	if (reply.ede !== EDE.NONE) at = putError(reply, at, reply.start + most);
	if (asked.padBlock > 0 && (asked.sent & SENT.PADDING) !== 0) {
		at = pad(bytes, at, reply.start, asked.padBlock, most);
	}
	putWord(bytes, start + 9, at - start - OPT_BYTES);
	reply.length = at - reply.start;
	countUp(bytes, reply.start + 10);
}

/** RFC 8914, section 2. */
function putError(reply: Unended, at: number, end: number): number {
	const { bytes, edeText } = reply;
	let length = edeText.length;
	if (at + OPTION_HEAD + INFO_CODE + length > end) length = 0;
	putWord(bytes, at, OPTION.EDE);
	putWord(bytes, at + 2, INFO_CODE + length);
	putWord(bytes, at + 4, reply.ede);
	at += OPTION_HEAD + INFO_CODE;
	for (let i = 0; i < length; i++) bytes[at + i] = edeText[i];
	return at + length;
}

/** Zeros up to the next multiple of `block`, or as many as there is room for (RFC 8467, section 4.1). */
function pad(bytes: Uint8Array, at: number, start: number, block: number, most: number): number {
	const length = at - start + OPTION_HEAD;
	const padded = Math.min(Math.ceil(length / block) * block, most);
	if (padded < length) return at;
	putWord(bytes, at, OPTION.PADDING);
	putWord(bytes, at + 2, padded - length);
	bytes.fill(0, at + OPTION_HEAD, start + padded);
	return start + padded;
}
