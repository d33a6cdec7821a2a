/** Hot answers, least recently used ones given up first, bounded in bytes. */
import { LRUCache } from "lru-cache";
import type { CacheSettings } from "../config/cache-settings.ts";
import type { Counters } from "../observe/counters.ts";
import { EDE, RCODE } from "../wire/codes.ts";
import { NamePatterns } from "../wire/name-patterns.ts";
import { putTtl } from "../wire/reply.ts";
import { type Response, ttlAt } from "../wire/response.ts";
import { type CachedAnswer, isAbsent, SpareAnswers, WHOLE_NAME } from "./cached-answer.ts";
import { type Flush, isMeant } from "./flush.ts";
import type { Query } from "./query.ts";
import { bitsOf, isSuffix, mixed, type Question } from "./question.ts";

/** What an entry costs beside its bytes: its object, its typed array, its place in the LRU list and the map. */
const ENTRY_OVERHEAD = 460;
/** Of its life, at the end of which a question has an answer refreshed. */
const LAST_PART = 0.1;
/** What lives shorter is not refreshed: the question would be upstream all the time. */
const LEAST_REFRESHED_S = 10;

export class AnswerCache {
	readonly #counters: Counters;
	#settings: CacheSettings;
	#share: number;
	#entries: LRUCache<number, CachedAnswer>;
	readonly #spare = new SpareAnswers();
	/** What was answered from, but not kept. */
	#passing: CachedAnswer | undefined;
	/** Entries that say of a whole name that it does not exist: where there are none, none is looked for. */
	#absent = 0;
	#epoch = 0;
	/** Names of which nothing is concluded from what is above them. */
	#apart: NamePatterns;

	/** `workers`: among how many the configured size is shared out. */
	constructor(settings: CacheSettings, workers: number, counters: Counters) {
		this.#settings = settings;
		this.#apart = new NamePatterns(settings.apart);
		this.#counters = counters;
		this.#share = share(settings, workers);
		this.#entries = this.#create();
	}

	/** Other limits: what is cached stays when its size does. */
	use(settings: CacheSettings, workers: number): void {
		const size = share(settings, workers);
		this.#settings = settings;
		this.#apart = new NamePatterns(settings.apart);
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
				this.#spare.giveBack(entry);
			},
		});
	}

	/** The fresh answer to the question, if there is one; not counted. */
	look(query: Query, key: number, now: number): CachedAnswer | undefined {
		return this.exact(query, key, now) ?? this.#absence(query, now);
	}

	/** The fresh answer that is kept under that key, if it answers the question; not counted. */
	exact(query: Query, key: number, now: number): CachedAnswer | undefined {
		const entry = this.#entries.get(key);
		if (entry === undefined || !entry.answersTo(query)) return undefined;
		return now < entry.expiresAt || now < entry.retryAt ? entry : undefined;
	}

	/** `exact`, which was looked for before, or else what follows from a name's absence; counted. */
	orAbsence(query: Query, exact: CachedAnswer | undefined, now: number): CachedAnswer | undefined {
		const entry = exact ?? this.#absence(query, now);
		this.count(entry);
		return entry;
	}

	/** That the name, or one above it, does not exist. */
	#absence(query: Query, now: number): CachedAnswer | undefined {
		if (this.#absent === 0) return undefined;
		const whole = this.exact(query, mixed(query.name.hashes[0], WHOLE_NAME, bitsOf(query)), now);
		return whole === undefined && this.#settings.nxdomainCut !== "off" ? this.#above(query, now) : whole;
	}

	/** That a name above does not exist, so that this one does not either (RFC 8020, section 2). */
	#above(query: Query, now: number): CachedAnswer | undefined {
		const { name } = query;
		const bits = bitsOf(query);
		for (let label = 1; label < name.labels; label++) {
			const entry = this.#entries.get(mixed(name.hashes[label], WHOLE_NAME, bits));
			if (entry === undefined || entry.type !== WHOLE_NAME || entry.bits !== bits) continue;
			if (now >= entry.expiresAt || !isSuffix(entry.bytes, 0, entry.nameLength, name, label)) continue;
			if (entry.authentic === 0 && this.#settings.nxdomainCut === "validated") continue;
			return this.#apart.has(name.bytes, 0, name.length) ? undefined : entry;
		}
		return undefined;
	}

	/** What was known of the question, fresh or not, and may be given when nobody answers it any more. */
	outlived(question: Question, now: number): CachedAnswer | undefined {
		const { nameHash, type, bits } = question;
		for (const kind of [type, WHOLE_NAME]) {
			const entry = this.#entries.get(mixed(nameHash, kind, bits));
			if (entry !== undefined && now < entry.staleUntil && entry.isOf(question)) return entry;
		}
		return undefined;
	}

	/** Upstreams did not answer: what was known is given for as long as clients are told that it lives. */
	postpone(entry: CachedAnswer, now: number): void {
		entry.retryAt = Math.min(now + this.staleTtl * 1000, entry.staleUntil);
		entry.refreshAt = Number.POSITIVE_INFINITY;
	}

	/** Seconds that a stale answer is told to live. */
	get staleTtl(): number {
		return this.#settings.staleTtlSeconds;
	}

	/** Goes up whenever something was taken out on purpose: an answer to what was asked before is not to be kept. */
	get epoch(): number {
		return this.#epoch;
	}

	/** Counts the outcome of one or more looks for one client. */
	count(entry: CachedAnswer | undefined): void {
		this.#counters.add(entry === undefined ? "cacheMisses" : "cacheHits", 1);
	}

	/** Gives up the entry with that key, if there is one. */
	drop(key: number): void {
		this.#entries.delete(key);
	}

	/**
	 * Keeps what an upstream answered, if it may be kept, its TTLs brought within the configured limits.
	 *
	 * @param keep false: it is only to be answered from.
	 * @returns the entry to answer from, kept or not; good until the next one is put.
	 */
	put(question: Question, key: number, response: Response, now: number, keep = true): CachedAnswer {
		const seconds = this.#lifetime(response);
		const entry = this.#fill(question, response, EDE.NONE, now, seconds * 1000);
		this.#clampTtls(entry, response, seconds);
		if (!keep) {
			this.#passing = entry;
			return entry;
		}
		// The older of the two words on a name must not outlive the newer.
		const nameKey = mixed(question.nameHash, WHOLE_NAME, question.bits);
		const absent = isAbsent(response);
		if (absent || this.#absent > 0) this.#entries.delete(absent ? key : nameKey);
		if (seconds === 0) {
			this.#passing = entry;
			return entry;
		}
		if (response.rcode === RCODE.NOERROR || response.rcode === RCODE.NXDOMAIN) this.#extend(entry, seconds);
		this.#set(absent ? nameKey : key, entry);
		if (absent) this.#absent++;
		return entry;
	}

	/** Remembers for a moment that a question failed, so that it is not asked again at once (RFC 9520, section 3.2). */
	putFailure(question: Question, key: number, ede: number, now: number, keep = true): CachedAnswer {
		const entry = this.#fill(question, undefined, ede, now, this.#settings.failureTtlMs);
		if (keep) this.#set(key, entry);
		else this.#passing = entry;
		return entry;
	}

	/** When it may still be given, and when it is to be refreshed. */
	#extend(entry: CachedAnswer, seconds: number): void {
		const { prefetch, staleMaxAgeMs } = this.#settings;
		entry.staleUntil = entry.expiresAt + staleMaxAgeMs;
		if (prefetch && seconds >= LEAST_REFRESHED_S)
			entry.refreshAt = entry.expiresAt - seconds * 1000 * LAST_PART;
	}

	clear(): void {
		this.#epoch++;
		this.#entries.clear();
	}

	/**
	 * Takes out what is known of names. It looks at every entry, which takes a few milliseconds with tens of thousands.
	 *
	 * @returns how many answers that were.
	 */
	flush(flush: Flush): number {
		this.#epoch++;
		const taken: number[] = [];
		for (const [key, entry] of this.#entries.entries())
			if (isMeant(flush, entry.bytes, entry.nameLength)) taken.push(key);
		for (const key of taken) this.#entries.delete(key);
		return taken.length;
	}

	/** Brings the gauges up to date. */
	report(): void {
		this.#counters.set("cacheEntries", this.#entries.size);
		this.#counters.set("cacheBytes", this.#entries.calculatedSize);
	}

	#fill(
		question: Question,
		response: Response | undefined,
		ede: number,
		now: number,
		lifetimeMs: number,
	): CachedAnswer {
		if (this.#passing !== undefined) this.#spare.giveBack(this.#passing);
		this.#passing = undefined;
		const entry = this.#spare.take(question, response);
		entry.fill(question, response, ede, now, lifetimeMs);
		return entry;
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
			const ttl = ttlAt(bytes, at);
			const kept = Math.min(Math.max(ttl, least), Math.max(lifetime, least));
			// With its highest bit set it was read as 0, and is to be told as 0.
			if (kept !== ttl || bytes[at] >= 0x80) putTtl(bytes, at, kept);
		}
	}
}

function share(settings: CacheSettings, workers: number): number {
	return Math.max(1 << 16, Math.floor(settings.sizeBytes / workers));
}
