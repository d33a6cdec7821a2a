/** An upstream's response, walked once: whether it is whole, how long it may be kept, which names it leads to. */
import { CLASS, EDE, FLAG, HEADER_BYTES, OPTION, TYPE } from "./codes.ts";
import { checkName, type DomainName, readName } from "./name.ts";
import { findOption, OPTION_HEAD } from "./option.ts";
import { dataEndAt } from "./rdata-names.ts";
import { wordAt } from "./word.ts";

/** More records than any honest answer holds; what has more is not worth walking (CVE-2024-1737). */
const MAX_RECORDS = 2048;

/** What an answer leads to, as bits: names by alias, names and addresses by services, addresses. */
export const LEADS = { ALIAS: 1, SERVICE: 2, ADDRESS: 4 } as const;

/** TTLs with the highest bit set count as 0 (RFC 2181, section 8). */
export function ttlAt(message: Uint8Array, at: number): number {
	const high = message[at];
	return high >= 0x80 ? 0 : (high << 24) | (message[at + 1] << 16) | (message[at + 2] << 8) | message[at + 3];
}

/** What `readResponse` finds out. Made once and filled again and again. */
export class Response {
	message: Uint8Array = new Uint8Array(0);
	start = 0;
	/** End of the question; the records follow. */
	questionEnd = 0;
	/** End of the authority section: what stands behind it is not kept. */
	authorityEnd = 0;
	rcode = 0;
	flags = 0;
	/** Info code of the extended error that came with it (RFC 8914), to be told along with the answer. */
	ede: number = EDE.NONE;
	/** Where the options of its OPT record begin and end; equal when there are none. */
	optionsAt = 0;
	optionsEnd = 0;
	/** For how many bits of the subnet that was sent it is good (RFC 7871, section 7.3); 0: for everybody. */
	scope = 0;
	answers = 0;
	authorities = 0;
	/** Offsets from `questionEnd` of the TTLs of all records of the answer and authority sections. */
	readonly ttlOffsets = new Uint16Array(MAX_RECORDS);
	ttlCount = 0;
	/** The lowest TTL of the answer section, in seconds; Infinity when it is empty. */
	answerTtl = Number.POSITIVE_INFINITY;
	/** Seconds that a negative answer may be kept: its SOA's TTL or minimum (RFC 2308, section 5); -1 without one. */
	negativeTtl = -1;
	/** Offsets in `message` of the targets of CNAME and DNAME records in the answer. */
	readonly targets: number[] = [];
	/** Of LEADS, those that the answer section has. */
	leads = 0;
	/** Whether the answer section has a record of the type that was asked for. */
	hasType = false;
	/** The type that was asked for. */
	type = 0;
	/** Whether each record of the answer section is owned by the question's name, by a pointer to it, and of its type. */
	isDirect = false;
	/** What `followChain` selected: numbers of records, in the order in which they are to be passed on. */
	readonly kept = new Uint16Array(MAX_RECORDS);
	/** Of `kept`, those of the answer section; they come first. */
	keptAnswers = 0;
	keptCount = 0;

	/** Where the type of a record of the answer and authority sections stands. */
	recordAt(record: number): number {
		return this.questionEnd + this.ttlOffsets[record] - 4;
	}

	/** Where its owner begins. */
	ownerAt(record: number): number {
		return record === 0 ? this.questionEnd : dataEndAt(this.message, this.recordAt(record - 1));
	}
}

/** Whether the message that begins at `start` says that it is not all. */
export function isTruncated(message: Uint8Array, start: number): boolean {
	return (message[start + 2] & (FLAG.TC >>> 8)) !== 0;
}

/**
 * Walks the message between `start` and `end`, whose header and question were verified already.
 *
 * @returns false when it is malformed; nothing in `into` means anything then.
 */
export function readResponse(
	into: Response,
	message: Uint8Array,
	start: number,
	end: number,
	questionEnd: number,
	type: number,
): boolean {
	into.message = message;
	into.start = start;
	into.questionEnd = questionEnd;
	into.flags = wordAt(message, start + 2);
	into.rcode = into.flags & 15;
	into.answers = wordAt(message, start + 6);
	into.authorities = wordAt(message, start + 8);
	into.ede = EDE.NONE;
	into.optionsAt = into.optionsEnd = 0;
	into.ttlCount = 0;
	into.answerTtl = Number.POSITIVE_INFINITY;
	into.negativeTtl = -1;
	into.targets.length = 0;
	into.leads = 0;
	into.hasType = false;
	into.type = type;
	into.isDirect = true;
	into.keptAnswers = into.keptCount = 0;
	const kept = into.answers + into.authorities;
	const all = kept + wordAt(message, start + 10);
	if (all > MAX_RECORDS) return false;
	let at = questionEnd;
	into.authorityEnd = at;
	for (let i = 0; i < all; i++) {
		const owner = at;
		at = ownerEnd(message, at, end, start);
		if (at < 0 || at + 10 > end) return false;
		const dataEnd = dataEndAt(message, at);
		if (dataEnd > end) return false;
		const recordType = wordAt(message, at);
		if (i < kept) {
			// RFC 6891, section 6.1.1: OPT stands nowhere but in the additional section.
			if (recordType === TYPE.OPT) return false;
			const isAnswer = i < into.answers;
			if (!noteKept(into, at, dataEnd, recordType, isAnswer)) return false;
			if (isAnswer && !isOwn(message, owner, at, recordType === type)) into.isDirect = false;
			into.authorityEnd = dataEnd;
		} else if (recordType === TYPE.OPT) {
			into.rcode |= message[at + 4] << 4;
			into.optionsAt = at + 10;
			into.optionsEnd = dataEnd;
			if (dataEnd - at > 10) into.ede = extendedError(message, at + 10, dataEnd);
		}
		at = dataEnd;
	}
	return into.authorityEnd - questionEnd <= 0xffff;
}

/** The text beside it is not passed on: it is whatever somebody upstream wrote. */
function extendedError(message: Uint8Array, at: number, end: number): number {
	const option = findOption(message, at, end, OPTION.EDE);
	if (option < 0 || wordAt(message, option + 2) < 2) return EDE.NONE;
	return wordAt(message, option + OPTION_HEAD);
}

/** Most owners are a pointer to the question's name, which was compared byte by byte already. */
function ownerEnd(message: Uint8Array, at: number, end: number, start: number): number {
	if (message[at] === 0xc0 && message[at + 1] === HEADER_BYTES && at + 2 <= end) return at + 2;
	return checkName(message, at, end, start);
}

/** Whether the record is of the question's name, plainly, its type and class. */
function isOwn(message: Uint8Array, owner: number, at: number, hasType: boolean): boolean {
	return (
		hasType &&
		message[owner] === 0xc0 &&
		message[owner + 1] === HEADER_BYTES &&
		wordAt(message, at + 2) === CLASS.IN
	);
}

/** Only the first `answers` and `authorities` records count from now on. */
export function cutResponse(into: Response, answers: number, authorities: number): void {
	const { message } = into;
	const count = answers + authorities;
	into.answers = answers;
	into.authorities = authorities;
	into.answerTtl = Number.POSITIVE_INFINITY;
	into.negativeTtl = -1;
	into.targets.length = 0;
	into.leads = 0;
	into.hasType = false;
	into.ttlCount = 0;
	into.authorityEnd = into.questionEnd;
	for (let i = 0; i < count; i++) {
		const at = into.recordAt(i);
		const dataEnd = dataEndAt(message, at);
		noteKept(into, at, dataEnd, wordAt(message, at), i < answers);
		into.authorityEnd = dataEnd;
	}
}

function noteKept(
	into: Response,
	at: number,
	dataEnd: number,
	recordType: number,
	isAnswer: boolean,
): boolean {
	const { message, type } = into;
	const ttl = ttlAt(message, at + 4);
	into.ttlOffsets[into.ttlCount++] = at + 4 - into.questionEnd;
	if (isAnswer) {
		if (ttl < into.answerTtl) into.answerTtl = ttl;
		if (recordType === type || type === TYPE.ANY) into.hasType = true;
		if (recordType === TYPE.A || recordType === TYPE.AAAA) {
			into.leads |= LEADS.ADDRESS;
		} else if (recordType === TYPE.CNAME || recordType === TYPE.DNAME) {
			// A target that we cannot read is one that we cannot check, while a client may make something of it.
			if (checkName(message, at + 10, dataEnd, into.start) !== dataEnd) return false;
			into.targets.push(at + 10);
			into.leads |= LEADS.ALIAS;
		} else if (recordType === TYPE.HTTPS || recordType === TYPE.SVCB) {
			into.leads |= LEADS.SERVICE;
		}
	} else if (recordType === TYPE.SOA) {
		if (dataEnd - at < 10 + 22) return false;
		into.negativeTtl = Math.min(ttl, ttlAt(message, dataEnd - 4));
	}
	return true;
}

/** Reads the target that `readResponse` found at `at`; false when it is malformed. */
export function readTarget(response: Response, at: number, into: DomainName): boolean {
	const { message, start, authorityEnd } = response;
	return readName(message, at, authorityEnd, into, true, start) >= 0;
}
