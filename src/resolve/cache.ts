/** Hot answers: the records of upstreams' responses as bytes, their TTLs aged while they are copied out. */
import { LRUCache } from "lru-cache";
import type { CacheSettings } from "../config/settings.ts";
import type { Counters } from "../observe/counters.ts";
import { EDE, FLAG, RCODE } from "../wire/codes.ts";
import type { DomainName } from "../wire/name.ts";
import { beginReply, putTtl, putWord } from "../wire/reply.ts";
import type { Response } from "../wire/response.ts";
import type { Answer } from "./answer.ts";
import type { Asker, Query } from "./query.ts";

/** What an entry costs beside its bytes: its object, its typed array, its place in the LRU list and the map. */
const ENTRY_OVERHEAD = 460;

/** DO as 1, CD as 2: answers under other bits are other answers. */
export function bitsOf(asker: Asker): number {
	return (asker.dnssecOk ? 1 : 0) | ((asker.flags & FLAG.CD) === 0 ? 0 : 2);
}

/** In place of a type: the name does not exist, whatever the type (RFC 2308, section 5). */
const WHOLE_NAME = 0x1_0000;

/** A number for a question, for a Map; different questions may share it. */
function mixed(nameHash: number, type: number, bits: number): number {
	let key = nameHash ^ Math.imul(type * 4 + bits, 0x9e37_79b1);
	key = Math.imul(key ^ (key >>> 16), 0x21f0_aaad);
	return (key ^ (key >>> 15)) | 0;
}

export function keyOf(query: Query): number {
	return mixed(query.name.hashes[0], query.type, bitsOf(query));
}

/** What was asked: the cache and the flights tell questions apart by it. */
export interface Question {
	readonly name: Uint8Array;
	/** Where the wire name, in lower case, begins in `name`. */
	readonly nameAt: number;
	readonly nameLength: number;
	readonly nameHash: number;
	readonly type: number;
	/** DO and CD, packed: `bitsOf`. */
	readonly bits: number;
}

function isNamed(bytes: Uint8Array, at: number, length: number, name: DomainName): boolean {
	if (length !== name.length) return false;
	const own = name.bytes;
	for (let i = 0; i < length; i++) if (bytes[at + i] !== own[i]) return false;
	return true;
}

export function isSameQuestion(question: Question, query: Query): boolean {
	return (
		question.type === query.type &&
		question.bits === bitsOf(query) &&
		isNamed(question.name, question.nameAt, question.nameLength, query.name)
	);
}

/** One cached answer. Times in milliseconds on the worker's clock. */
export class CachedAnswer {
	/** The name that was asked for, in lower case; then the records; then the offsets of their TTLs, 16 bits each. */
	readonly bytes: Uint8Array;
	readonly nameLength: number;
	/** Bytes of the records. */
	readonly recordBytes: number;
	readonly type: number;
	readonly bits: number;
	readonly rcode: number;
	/** FLAG.AD when the upstream set it. */
	readonly authentic: number;
	readonly answers: number;
	readonly authorities: number;
	readonly storedAt: number;
	readonly expiresAt: number;
	/** Info code to tell along with a remembered failure. */
	readonly ede: number;
	/** Whether names that it leads to have to be checked against the blocklist. */
	readonly hasTargets: boolean;
	/** The policy's epoch under which they were last found clean. */
	cleanEpoch = -1;

	/** `response` undefined: the question failed, for the reason `ede`. */
	constructor(
		question: Question,
		response: Response | undefined,
		ede: number,
		now: number,
		lifetimeMs: number,
	) {
		const { nameLength, name, nameAt } = question;
		this.nameLength = nameLength;
		this.recordBytes = response === undefined ? 0 : response.authorityEnd - response.questionEnd;
		this.type = isAbsent(response) ? WHOLE_NAME : question.type;
		this.bits = question.bits;
		this.rcode = response === undefined ? RCODE.SERVFAIL : plainRcode(response.rcode);
		this.authentic = response === undefined ? 0 : response.flags & FLAG.AD;
		this.answers = response === undefined ? 0 : response.answers;
		this.authorities = response === undefined ? 0 : response.authorities;
		this.storedAt = now;
		this.expiresAt = now + lifetimeMs;
		this.ede = ede;
		this.hasTargets = response !== undefined && response.targets.length > 0;
		const offsets = response === undefined ? 0 : response.ttlCount;
		const bytes = new Uint8Array(nameLength + this.recordBytes + offsets * 2);
		for (let i = 0; i < nameLength; i++) bytes[i] = name[nameAt + i];
		if (response !== undefined) {
			const { message, questionEnd } = response;
			for (let i = 0; i < this.recordBytes; i++) bytes[nameLength + i] = message[questionEnd + i];
			const to = nameLength + this.recordBytes;
			for (let i = 0; i < offsets; i++) putWord(bytes, to + i * 2, response.ttlOffsets[i]);
		}
		this.bytes = bytes;
	}

	answersTo(query: Query): boolean {
		return (
			(this.type === query.type || this.type === WHOLE_NAME) &&
			this.bits === bitsOf(query) &&
			isNamed(this.bytes, 0, this.nameLength, query.name)
		);
	}
}

/** NXDOMAIN for the very name that was asked for, not for the target of an alias of it. */
function isAbsent(response: Response | undefined): boolean {
	return response !== undefined && response.rcode === RCODE.NXDOMAIN && response.answers === 0;
}

/** Extended rcodes belong to one hop's EDNS, not to the answer (RFC 6891, section 6.1.3). */
function plainRcode(rcode: number): number {
	return rcode > 15 ? RCODE.SERVFAIL : rcode;
}

export class AnswerCache {
	readonly #counters: Counters;
	#settings: CacheSettings;
	#share: number;
	#entries: LRUCache<number, CachedAnswer>;
	/** Entries that say of a whole name that it does not exist: where there are none, none is looked for. */
	#absent = 0;

	/** `workers`: among how many the configured size is shared out. */
	constructor(settings: CacheSettings, workers: number, counters: Counters) {
		this.#settings = settings;
		this.#counters = counters;
		this.#share = share(settings, workers);
		this.#entries = this.#create();
	}

	/** Other limits: what is cached stays when its size does. */
	use(settings: CacheSettings, workers: number): void {
		const size = share(settings, workers);
		this.#settings = settings;
		if (size === this.#share) return;
		this.#share = size;
		const old = this.#entries;
		this.#entries = this.#create();
		this.#entries.load(old.dump());
	}

	#create(): LRUCache<number, CachedAnswer> {
		return new LRUCache<number, CachedAnswer>({
			maxSize: this.#share,
			sizeCalculation: (entry) => ENTRY_OVERHEAD + entry.bytes.length,
			disposeAfter: (entry, _key, reason) => {
				if (entry.type === WHOLE_NAME) this.#absent--;
				if (reason === "evict") this.#counters.add("cacheEvictions", 1);
			},
		});
	}

	/** The fresh answer to the question, if there is one. */
	get(query: Query, key: number, now: number): CachedAnswer | undefined {
		let entry = this.#fresh(query, key, now);
		if (entry === undefined && this.#absent > 0)
			entry = this.#fresh(query, mixed(query.name.hashes[0], WHOLE_NAME, bitsOf(query)), now);
		this.#counters.add(entry === undefined ? "cacheMisses" : "cacheHits", 1);
		return entry;
	}

	#fresh(query: Query, key: number, now: number): CachedAnswer | undefined {
		const entry = this.#entries.get(key);
		return entry !== undefined && now < entry.expiresAt && entry.answersTo(query) ? entry : undefined;
	}

	/**
	 * Keeps what an upstream answered, if it may be kept, its TTLs brought within the configured limits.
	 *
	 * @returns the entry to answer from, kept or not.
	 */
	put(question: Question, key: number, response: Response, now: number): CachedAnswer {
		const seconds = this.#lifetime(response);
		const entry = new CachedAnswer(question, response, EDE.NONE, now, seconds * 1000);
		this.#clampTtls(entry, response, seconds);
		// The older of the two words on a name must not outlive the newer.
		const nameKey = mixed(question.nameHash, WHOLE_NAME, question.bits);
		const absent = isAbsent(response);
		if (absent || this.#absent > 0) this.#entries.delete(absent ? key : nameKey);
		if (seconds > 0) this.#set(absent ? nameKey : key, entry);
		if (seconds > 0 && absent) this.#absent++;
		return entry;
	}

	/** Remembers for a moment that a question failed, so that it is not asked again at once (RFC 9520, section 3.2). */
	putFailure(question: Question, key: number, ede: number, now: number): CachedAnswer {
		const entry = new CachedAnswer(question, undefined, ede, now, this.#settings.failureTtlMs);
		this.#set(key, entry);
		return entry;
	}

	clear(): void {
		this.#entries.clear();
	}

	/** Brings the gauges up to date. */
	report(): void {
		this.#counters.set("cacheEntries", this.#entries.size);
		this.#counters.set("cacheBytes", this.#entries.calculatedSize);
	}

	#set(key: number, entry: CachedAnswer): void {
		this.#entries.set(key, entry);
		this.#counters.add("cacheInserts", 1);
	}

	/** Seconds that a response may be kept; 0: not at all. */
	#lifetime(response: Response): number {
		const { minTtlSeconds, maxTtlSeconds, maxNegativeTtlSeconds, failureTtlMs } = this.#settings;
		if (response.rcode !== RCODE.NOERROR && response.rcode !== RCODE.NXDOMAIN) return failureTtlMs / 1000;
		const negative = response.rcode === RCODE.NXDOMAIN || !response.hasType;
		if (!negative) return Math.min(Math.max(response.answerTtl, minTtlSeconds), maxTtlSeconds);
		// RFC 2308, section 5: without an SOA a negative answer is not to be cached.
		if (response.negativeTtl < 0) return 0;
		const soa = Math.min(response.negativeTtl, response.answerTtl, maxNegativeTtlSeconds);
		return Math.min(Math.max(soa, Math.min(minTtlSeconds, maxNegativeTtlSeconds)), maxTtlSeconds);
	}

	/** All records of an answer leave the cache together, so none says that it lives longer than that. */
	#clampTtls(entry: CachedAnswer, response: Response, lifetime: number): void {
		const { bytes, nameLength } = entry;
		const positive = response.rcode === RCODE.NOERROR && response.hasType;
		const least = positive ? this.#settings.minTtlSeconds : 0;
		for (let i = 0; i < response.ttlCount; i++) {
			const at = nameLength + response.ttlOffsets[i];
			const ttl = readTtl(bytes, at);
			const kept = Math.min(Math.max(ttl, least), Math.max(lifetime, least));
			// With its highest bit set it was read as 0, and is to be told as 0.
			if (kept !== ttl || bytes[at] >= 0x80) putTtl(bytes, at, kept);
		}
	}
}

function share(settings: CacheSettings, workers: number): number {
	return Math.max(1 << 16, Math.floor(settings.sizeBytes / workers));
}

function readTtl(bytes: Uint8Array, at: number): number {
	if (bytes[at] >= 0x80) return 0;
	return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
}

/** Copies a cached answer out, each TTL less the seconds it has been kept. */
export function writeCached(answer: Answer, asker: Asker, entry: CachedAnswer, now: number): void {
	// AD only for those who can have meant it (RFC 6840, sections 5.7 and 5.8).
	const authentic = asker.dnssecOk || (asker.flags & FLAG.AD) !== 0 ? entry.authentic : 0;
	beginReply(answer, asker, entry.rcode, authentic);
	answer.ede = entry.ede;
	const { bytes, recordBytes, nameLength } = entry;
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
	for (let i = recordsEnd; i < bytes.length; i += 2) {
		const offset = (bytes[i] << 8) | bytes[i + 1];
		putTtl(out, to + offset, Math.max(0, readTtl(bytes, nameLength + offset) - age));
	}
}
