/** Hot answers, least recently used ones given up first, bounded in bytes. */
import { LRUCache } from "lru-cache";
import type { CacheSettings } from "../config/settings.ts";
import type { Counters } from "../observe/counters.ts";
import { EDE, RCODE } from "../wire/codes.ts";
import { putTtl } from "../wire/reply.ts";
import { type Response, ttlAt } from "../wire/response.ts";
import { type CachedAnswer, isAbsent, SpareAnswers, WHOLE_NAME } from "./cached-answer.ts";
import type { Query } from "./query.ts";
import { bitsOf, mixed, type Question } from "./question.ts";

/** What an entry costs beside its bytes: its object, its typed array, its place in the LRU list and the map. */
const ENTRY_OVERHEAD = 460;

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
				this.#spare.giveBack(entry);
			},
		});
	}

	/** The fresh answer to the question, if there is one; counted. */
	get(query: Query, key: number, now: number): CachedAnswer | undefined {
		const entry = this.look(query, key, now);
		this.count(entry);
		return entry;
	}

	/** The same, not counted. */
	look(query: Query, key: number, now: number): CachedAnswer | undefined {
		const entry = this.#fresh(query, key, now);
		if (entry !== undefined || this.#absent === 0) return entry;
		return this.#fresh(query, mixed(query.name.hashes[0], WHOLE_NAME, bitsOf(query)), now);
	}

	/** Counts the outcome of one or more looks for one client. */
	count(entry: CachedAnswer | undefined): void {
		this.#counters.add(entry === undefined ? "cacheMisses" : "cacheHits", 1);
	}

	/** Gives up the entry with that key, if there is one. */
	drop(key: number): void {
		this.#entries.delete(key);
	}

	#fresh(query: Query, key: number, now: number): CachedAnswer | undefined {
		const entry = this.#entries.get(key);
		return entry !== undefined && now < entry.expiresAt && entry.answersTo(query) ? entry : undefined;
	}

	/**
	 * Keeps what an upstream answered, if it may be kept, its TTLs brought within the configured limits.
	 *
	 * @returns the entry to answer from, kept or not; good until the next one is put.
	 */
	put(question: Question, key: number, response: Response, now: number): CachedAnswer {
		const seconds = this.#lifetime(response);
		const entry = this.#fill(question, response, EDE.NONE, now, seconds * 1000);
		this.#clampTtls(entry, response, seconds);
		// The older of the two words on a name must not outlive the newer.
		const nameKey = mixed(question.nameHash, WHOLE_NAME, question.bits);
		const absent = isAbsent(response);
		if (absent || this.#absent > 0) this.#entries.delete(absent ? key : nameKey);
		if (seconds === 0) {
			this.#passing = entry;
			return entry;
		}
		this.#set(absent ? nameKey : key, entry);
		if (absent) this.#absent++;
		return entry;
	}

	/** Remembers for a moment that a question failed, so that it is not asked again at once (RFC 9520, section 3.2). */
	putFailure(question: Question, key: number, ede: number, now: number): CachedAnswer {
		const entry = this.#fill(question, undefined, ede, now, this.#settings.failureTtlMs);
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
