/** One cached answer: the records of an upstream's response as bytes, their TTLs aged while they are copied out. */
import { FLAG, RCODE } from "../wire/codes.ts";
import { beginReply, putTtl } from "../wire/reply.ts";
import { type Response, ttlAt } from "../wire/response.ts";
import { putWord } from "../wire/word.ts";
import type { Answer } from "./answer.ts";
import type { Asker, Query } from "./query.ts";
import { bitsOf, isNamed, type Question } from "./question.ts";

/** In place of a type: the name does not exist, whatever the type (RFC 2308, section 5). */
export const WHOLE_NAME = 0x1_0000;
/** Entries come in sizes of whole steps, so that one that leaves the cache fits the next that comes. */
const STEP_BYTES = 64;
/** Larger ones are rare, and not used again. */
const MOST_STEPS = 16;
/** Of each size, waiting to be used again: the cache evicts about as many as it takes in. */
const MOST_SPARE = 64;

/** Times in milliseconds on the worker's clock. */
export class CachedAnswer {
	/** The name that was asked for, in lower case; then the records; then the offsets of their TTLs, 16 bits each. */
	readonly bytes: Uint8Array;
	/** Of `bytes`. */
	used = 0;
	nameLength = 0;
	/** Bytes of the records. */
	recordBytes = 0;
	type = 0;
	bits = 0;
	rcode = 0;
	/** FLAG.AD when the upstream set it. */
	authentic = 0;
	answers = 0;
	authorities = 0;
	storedAt = 0;
	expiresAt = 0;
	/** Info code to tell along with a remembered failure. */
	ede = 0;
	/** What it leads to that may have to be checked: bits of LEADS. */
	leads = 0;
	/** The policy's epoch under which they were last found clean. */
	cleanEpoch = -1;

	constructor(bytes: number) {
		this.bytes = new Uint8Array(bytes);
	}

	answersTo(query: Query): boolean {
		return (
			(this.type === query.type || this.type === WHOLE_NAME) &&
			this.bits === bitsOf(query) &&
			isNamed(this.bytes, 0, this.nameLength, query.name)
		);
	}

	/** `response` undefined: the question failed, for the reason `ede`. */
	fill(
		question: Question,
		response: Response | undefined,
		ede: number,
		now: number,
		lifetimeMs: number,
	): void {
		const { bytes } = this;
		const { nameLength, name, nameAt } = question;
		this.nameLength = nameLength;
		this.used = bytesFor(question, response);
		this.bits = question.bits;
		this.storedAt = now;
		this.expiresAt = now + lifetimeMs;
		this.ede = ede;
		this.cleanEpoch = -1;
		for (let i = 0; i < nameLength; i++) bytes[i] = name[nameAt + i];
		if (response === undefined) {
			this.type = question.type;
			this.rcode = RCODE.SERVFAIL;
			this.recordBytes = this.authentic = this.answers = this.authorities = 0;
			this.leads = 0;
			return;
		}
		this.type = isAbsent(response) ? WHOLE_NAME : question.type;
		this.rcode = plainRcode(response.rcode);
		this.authentic = response.flags & FLAG.AD;
		this.ede = response.ede;
		this.answers = response.answers;
		this.authorities = response.authorities;
		this.leads = response.leads;
		const { message, questionEnd } = response;
		const recordBytes = response.authorityEnd - questionEnd;
		this.recordBytes = recordBytes;
		for (let i = 0; i < recordBytes; i++) bytes[nameLength + i] = message[questionEnd + i];
		const to = nameLength + recordBytes;
		for (let i = 0; i < response.ttlCount; i++) putWord(bytes, to + i * 2, response.ttlOffsets[i]);
	}
}

function bytesFor(question: Question, response: Response | undefined): number {
	if (response === undefined) return question.nameLength;
	return question.nameLength + response.authorityEnd - response.questionEnd + response.ttlCount * 2;
}

/** NXDOMAIN for the very name that was asked for, not for the target of an alias of it. */
export function isAbsent(response: Response): boolean {
	return response.rcode === RCODE.NXDOMAIN && response.answers === 0;
}

/** Extended rcodes belong to one hop's EDNS, not to the answer (RFC 6891, section 6.1.3). */
function plainRcode(rcode: number): number {
	return rcode > 15 ? RCODE.SERVFAIL : rcode;
}

/** Entries that left the cache, for those that come: a cache that is full then takes no memory and leaves none. */
export class SpareAnswers {
	readonly #bySteps: CachedAnswer[][] = Array.from({ length: MOST_STEPS + 1 }, () => []);

	/** One with room for what is to be kept. */
	take(question: Question, response: Response | undefined): CachedAnswer {
		const bytes = bytesFor(question, response);
		const steps = Math.ceil(bytes / STEP_BYTES);
		if (steps > MOST_STEPS) return new CachedAnswer(bytes);
		return this.#bySteps[steps].pop() ?? new CachedAnswer(steps * STEP_BYTES);
	}

	/** To be called when nobody reads it any more. */
	giveBack(entry: CachedAnswer): void {
		const steps = entry.bytes.length / STEP_BYTES;
		if (steps > MOST_STEPS || !Number.isInteger(steps)) return;
		const spare = this.#bySteps[steps];
		if (spare.length < MOST_SPARE) spare.push(entry);
	}
}

/** Copies a cached answer out, each TTL less the seconds it has been kept. */
export function writeCached(answer: Answer, asker: Asker, entry: CachedAnswer, now: number): void {
	// AD only for those who can have meant it (RFC 6840, sections 5.7 and 5.8).
	const authentic = asker.dnssecOk || (asker.flags & FLAG.AD) !== 0 ? entry.authentic : 0;
	beginReply(answer, asker, entry.rcode, authentic);
	answer.ede = entry.ede;
	const { bytes, used, recordBytes, nameLength } = entry;
	const to = answer.start + answer.length;
	if (to + recordBytes > answer.limit) {
		answer.truncated = true;
		return;
	}
	const out = answer.bytes;
	const recordsEnd = nameLength + recordBytes;
	if (recordBytes <= 256) for (let i = nameLength, at = to; i < recordsEnd; i++) out[at++] = bytes[i];
	else out.set(bytes.subarray(nameLength, recordsEnd), to);
	putWord(out, answer.start + 6, entry.answers);
	putWord(out, answer.start + 8, entry.authorities);
	answer.length += recordBytes;
	const age = Math.floor((now - entry.storedAt) / 1000);
	if (age <= 0) return;
	for (let i = recordsEnd; i < used; i += 2) {
		const offset = (bytes[i] << 8) | bytes[i + 1];
		putTtl(out, to + offset, Math.max(0, ttlAt(bytes, nameLength + offset) - age));
	}
}
