/** One cached answer: the records of an upstream's response as bytes, their TTLs aged while they are copied out. */
import { EDE, FLAG, RCODE } from "../wire/codes.ts";
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
	/** From `expiresAt` until then it may be given when upstreams do not answer (RFC 8767). */
	staleUntil = 0;
	/** Upstreams did not answer: until then it is given at once, stale or not, and they are not asked. */
	retryAt = 0;
	/** Whoever asks from then on has it refreshed before it expires. */
	refreshAt = Number.POSITIVE_INFINITY;
	/** Info code to tell along with a remembered failure. */
	ede = 0;
	/** What it leads to that may have to be checked: bits of LEADS. */
	leads = 0;
	/** The policy's epoch under which they were last found clean. */
	cleanEpoch = -1;
	/** The one under which nothing was said of the name that was asked for. */
	passedEpoch = -1;

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

	/** The same for a question that is not a client's any more. */
	isOf({ name, nameAt, nameLength, type, bits }: Question): boolean {
		if (this.type !== type && this.type !== WHOLE_NAME) return false;
		if (this.bits !== bits || this.nameLength !== nameLength) return false;
		const { bytes } = this;
		for (let i = 0; i < nameLength; i++) if (bytes[i] !== name[nameAt + i]) return false;
		return true;
	}

	isStale(now: number): boolean {
		return now >= this.expiresAt && this.staleUntil > this.expiresAt;
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
		this.staleUntil = this.retryAt = 0;
		this.refreshAt = Number.POSITIVE_INFINITY;
		this.ede = ede;
		this.cleanEpoch = this.passedEpoch = -1;
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
	const to = copyOut(answer, asker, entry, authentic);
	const age = Math.floor((now - entry.storedAt) / 1000);
	if (to < 0 || age <= 0) return;
	const { bytes, used, nameLength } = entry;
	for (let i = nameLength + entry.recordBytes; i < used; i += 2) {
		const offset = (bytes[i] << 8) | bytes[i + 1];
		putTtl(answer.bytes, to + offset, Math.max(0, ttlAt(bytes, nameLength + offset) - age));
	}
}

/** The same after its time: `ttl` seconds for each record, and never as authentic (RFC 8767, section 4). */
export function writeStale(answer: Answer, asker: Asker, entry: CachedAnswer, ttl: number): void {
	const to = copyOut(answer, asker, entry, 0);
	answer.ede = entry.rcode === RCODE.NXDOMAIN ? EDE.STALE_NXDOMAIN : EDE.STALE_ANSWER;
	if (to < 0) return;
	const { bytes, used } = entry;
	for (let i = entry.nameLength + entry.recordBytes; i < used; i += 2)
		putTtl(answer.bytes, to + ((bytes[i] << 8) | bytes[i + 1]), ttl);
}

/** @returns where the records begin in the answer; -1 when they do not fit. */
function copyOut(answer: Answer, asker: Asker, entry: CachedAnswer, authentic: number): number {
	beginReply(answer, asker, entry.rcode, authentic);
	answer.ede = entry.ede;
	const { bytes, recordBytes, nameLength } = entry;
	const to = answer.start + answer.length;
	if (to + recordBytes > answer.limit) {
		answer.truncated = true;
		return -1;
	}
	const out = answer.bytes;
	const recordsEnd = nameLength + recordBytes;
	if (recordBytes <= 256) for (let i = nameLength, at = to; i < recordsEnd; i++) out[at++] = bytes[i];
	else out.set(bytes.subarray(nameLength, recordsEnd), to);
	putWord(out, answer.start + 6, entry.answers);
	putWord(out, answer.start + 8, entry.authorities);
	answer.length += recordBytes;
	return to;
}
