/** A response brought down to what `followChain` selected: what is left is all that is passed on and kept. */
import { HEADER_BYTES, RCODE, TYPE } from "./codes.ts";
import { checkName } from "./name.ts";
import { dataEndAt, namesBegin, namesIn } from "./rdata-names.ts";
import { cutResponse, type Response, readResponse } from "./response.ts";
import { sameName } from "./same-name.ts";
import { putWord, wordAt } from "./word.ts";

const MOST_BYTES = 65_535;
/** Names that later owners may point to. */
const MOST_NOTED = 24;
/** A pointer has 14 bits (RFC 1035, section 4.1.4). */
const MOST_POINTED = 0x3fff;

/** Where a response is written anew; it takes no memory until one is. */
let scratch = new Uint8Array(0);
/** Names as they stood, and where they stand now. */
const oldAt = new Int32Array(MOST_NOTED);
const newAt = new Int32Array(MOST_NOTED);
let noted = 0;

/**
 * Drops all that was not selected, and what is for those who set DO alone when `dnssecOk` is false. Failures keep
 * nothing. The response may lie in other memory afterwards, good until the next one is trimmed.
 *
 * @returns false when it cannot be done, for names in its data cannot be read.
 */
export function trimResponse(response: Response, dnssecOk: boolean): boolean {
	if (response.rcode !== RCODE.NOERROR && response.rcode !== RCODE.NXDOMAIN) {
		if (response.ttlCount > 0) cutResponse(response, 0, 0);
		return true;
	}
	if (response.isDirect && response.authorities === 0 && response.keptCount === response.answers) return true;
	const { kept } = response;
	let count = 0;
	let answers = 0;
	let inOrder = true;
	for (let i = 0; i < response.keptCount; i++) {
		const record = kept[i];
		if (!dnssecOk && isForDnssec(response, record)) continue;
		if (record !== count) inOrder = false;
		kept[count++] = record;
		if (i < response.keptAnswers) answers++;
	}
	response.keptAnswers = answers;
	response.keptCount = count;
	// Pointers lead backwards: the front of a message means the same without its rest.
	if (!inOrder || (answers < response.answers && answers < count)) return rewrite(response);
	if (count < response.ttlCount) cutResponse(response, answers, count - answers);
	return true;
}

/** RFC 4035, section 3.2.1: not for those who did not ask for it, by DO or by its type. */
function isForDnssec(response: Response, record: number): boolean {
	const type = wordAt(response.message, response.recordAt(record));
	if (record >= response.answers) return type !== TYPE.SOA;
	return type === TYPE.RRSIG && response.type !== TYPE.RRSIG && response.type !== TYPE.ANY;
}

/** Writes the kept records in their order, so that none points to where a dropped one was. */
function rewrite(response: Response): boolean {
	const { message, start, rcode, ede, keptAnswers, keptCount, type } = response;
	// Room for one record more than fits, so that it need not be looked for while writing.
	if (scratch.length === 0 || message === scratch) scratch = new Uint8Array(MOST_BYTES * 2 + 1024);
	const questionEnd = response.questionEnd - start;
	for (let i = 0; i < questionEnd; i++) scratch[i] = message[start + i];
	putWord(scratch, 6, keptAnswers);
	putWord(scratch, 8, keptCount - keptAnswers);
	putWord(scratch, 10, 0);
	noted = 0;
	note(start + HEADER_BYTES, HEADER_BYTES);
	let to = questionEnd;
	for (let i = 0; i < keptCount; i++) {
		to = writeRecord(response, response.kept[i], to);
		if (to < 0 || to > MOST_BYTES) return false;
	}
	if (!readResponse(response, scratch, 0, to, questionEnd, type)) return false;
	response.rcode = rcode;
	response.ede = ede;
	for (let i = 0; i < keptCount; i++) response.kept[i] = i;
	response.keptAnswers = keptAnswers;
	response.keptCount = keptCount;
	return true;
}

/** @returns where it ends, or -1 when it cannot be read. */
function writeRecord(response: Response, record: number, to: number): number {
	const { message } = response;
	const at = response.recordAt(record);
	to = writeOwner(response, response.ownerAt(record), to);
	for (let i = 0; i < 8; i++) scratch[to + i] = message[at + i];
	const lengthAt = to + 8;
	const end = writeData(response, at, lengthAt + 2);
	if (end < 0 || end - lengthAt - 2 > MOST_BYTES) return -1;
	putWord(scratch, lengthAt, end - lengthAt - 2);
	return end;
}

/** The data of the record whose type stands at `at`, its names written out. */
function writeData(response: Response, at: number, to: number): number {
	const { message, start } = response;
	const type = wordAt(message, at);
	const end = dataEndAt(message, at);
	let from = at + 10;
	const begin = namesBegin(message, type, from, end);
	if (begin > end) return -1;
	while (from < begin) scratch[to++] = message[from++];
	for (let names = namesIn(type); names > 0; names--) {
		const next = checkName(message, from, end, start);
		if (next < 0) return -1;
		if (type === TYPE.CNAME) note(from, to);
		to = copyName(message, start, from, to);
		from = next;
	}
	while (from < end) scratch[to++] = message[from++];
	return to;
}

/** The owner at `at`, as a pointer to where the same name stands, if it does. */
function writeOwner(response: Response, at: number, to: number): number {
	const { message, start } = response;
	for (let i = 0; i < noted; i++) {
		if (!sameName(message, start, oldAt[i], at)) continue;
		putWord(scratch, to, 0xc000 | newAt[i]);
		return to + 2;
	}
	note(at, to);
	return copyName(message, start, at, to);
}

/** Without pointers, its case kept. */
function copyName(message: Uint8Array, start: number, at: number, to: number): number {
	for (;;) {
		const size = message[at];
		if (size >= 0xc0) {
			at = start + (((size & 0x3f) << 8) | message[at + 1]);
			continue;
		}
		for (let i = 0; i <= size; i++) scratch[to++] = message[at + i];
		if (size === 0) return to;
		at += size + 1;
	}
}

function note(from: number, to: number): void {
	if (noted === MOST_NOTED || to > MOST_POINTED) return;
	oldAt[noted] = from;
	newAt[noted++] = to;
}
