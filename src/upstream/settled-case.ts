/**
 * Our random case, taken out of an answer again. Most names in it point into the question; some servers write names out
 * as they were asked, or make others from them. A name whose last labels are those of the question, in the very case that
 * we gave them, gets small letters there. In any other case it is the zone's own, and stays.
 */
import { HEADER_BYTES, TYPE } from "../wire/codes.ts";
import { skipName } from "../wire/name.ts";
import { namesBegin, namesIn } from "../wire/rdata-names.ts";
import type { Response } from "../wire/response.ts";
import { wordAt } from "../wire/word.ts";
import { unscramble } from "./random-case.ts";

const MOST_LABELS = 128;
const SIGNER_AT = 18;
const TARGET_AT = 2;

/** Where the labels of the question and of the name looked at begin. */
const askedAt = new Int32Array(MOST_LABELS);
const labelAt = new Int32Array(MOST_LABELS);

/**
 * Settles the names of all records that are kept, and the question itself, for names in the answer may be written out from
 * it. Signatures hold nevertheless: names in the data of the types named here are signed in small letters (RFC 4034,
 * section 6.2), and what is signed as it stands (RFC 6840, section 5.1) is left alone when signatures come along.
 *
 * @param asked the query, in which the name ends at `nameEnd`, its root included.
 * @param isSigned whether signatures were asked for.
 */
export function settleCase(response: Response, asked: Uint8Array, nameEnd: number, isSigned: boolean): void {
	const { message, start, questionEnd, authorityEnd } = response;
	const labels = readLabels(asked, 0, HEADER_BYTES, nameEnd, askedAt);
	let at = questionEnd;
	while (labels > 0 && at < authorityEnd) {
		const ownerEnd = skipName(message, at, authorityEnd);
		if (ownerEnd < 0) break;
		settle(response, at, asked, labels);
		const dataEnd = ownerEnd + 10 + wordAt(message, ownerEnd + 8);
		settleData(response, wordAt(message, ownerEnd), ownerEnd + 10, dataEnd, asked, labels, isSigned);
		at = dataEnd;
	}
	unscramble(message, start + HEADER_BYTES, questionEnd - 4);
}

function settleData(
	response: Response,
	type: number,
	dataAt: number,
	dataEnd: number,
	asked: Uint8Array,
	labels: number,
	isSigned: boolean,
): void {
	const { message } = response;
	let at = namesBegin(message, type, dataAt, dataEnd);
	let names = namesIn(type);
	if (type === TYPE.RRSIG || (!isSigned && (type === TYPE.SVCB || type === TYPE.HTTPS))) {
		at = dataAt + (type === TYPE.RRSIG ? SIGNER_AT : TARGET_AT);
		names = 1;
	}
	for (; names > 0 && at < dataEnd; names--) {
		settle(response, at, asked, labels);
		at = skipName(message, at, dataEnd);
		if (at < 0) return;
	}
}

/** The name at `at`, from its last label to the first that is not the question's. */
function settle(
	{ message, start, questionEnd, authorityEnd }: Response,
	at: number,
	asked: Uint8Array,
	labels: number,
): void {
	const own = readLabels(message, start, at, authorityEnd, labelAt);
	for (let i = own - 1, j = labels - 1; i >= 0 && j >= 0; i--, j--) {
		const label = labelAt[i];
		if (!isAsOurs(message, label, asked, askedAt[j])) return;
		// The question's own are needed as they are until the last name has been looked at.
		if (label >= questionEnd) unscramble(message, label + 1, label + 1 + message[label]);
	}
}

/** Whether a label is the question's, in its case or, since it has been settled already, in small letters. */
function isAsOurs(message: Uint8Array, label: number, asked: Uint8Array, askedLabel: number): boolean {
	const size = message[label];
	if (size !== asked[askedLabel]) return false;
	let isExact = true;
	let isSmall = true;
	for (let i = 1; i <= size; i++) {
		const byte = message[label + i];
		const own = asked[askedLabel + i];
		if (byte !== own) isExact = false;
		if (byte !== (own >= 0x41 && own <= 0x5a ? own | 0x20 : own)) isSmall = false;
	}
	return isExact || isSmall;
}

/**
 * Notes where the labels of the name at `at` begin, through its pointers.
 *
 * @returns how many there are; 0 when it cannot be read.
 */
function readLabels(message: Uint8Array, start: number, at: number, end: number, into: Int32Array): number {
	let labels = 0;
	let lowest = at;
	while (at < end) {
		const size = message[at];
		if (size === 0) return labels;
		if (size >= 0xc0) {
			if (at + 1 >= end) return 0;
			at = start + (((size & 0x3f) << 8) | message[at + 1]);
			if (at >= lowest || at < start + HEADER_BYTES) return 0;
			lowest = at;
			continue;
		}
		if (size >= 64 || at + size >= end || labels === MOST_LABELS) return 0;
		into[labels++] = at;
		at += size + 1;
	}
	return 0;
}
