/** A cache alone, filled with upstreams' messages and asked at any moment. */
import type { CacheSettings } from "../../src/config/cache-settings.ts";
import { Counters } from "../../src/observe/counters.ts";
import { Answer } from "../../src/resolve/answer.ts";
import { AnswerCache } from "../../src/resolve/cache.ts";
import { type CachedAnswer, writeCached } from "../../src/resolve/cached-answer.ts";
import { Query, type ReturnPath } from "../../src/resolve/query.ts";
import { bitsOf, keyOf, type Question } from "../../src/resolve/question.ts";
import { followChain } from "../../src/wire/chain.ts";
import { hashSuffixes } from "../../src/wire/name.ts";
import { readQuery } from "../../src/wire/query.ts";
import { Response, readResponse } from "../../src/wire/response.ts";
import { trimResponse } from "../../src/wire/trim.ts";
import { type Decoded, decode } from "../wire/decoded.ts";
import { type Message, questionEnd, reply } from "../wire/message.ts";

const NOWHERE: ReturnPath = {
	keep: () => NOWHERE,
	open: () => new Answer(),
	commit: () => {},
	clientPort: 0,
};

export function queryOf(bytes: Buffer): Query {
	const query = new Query(bytes, NOWHERE);
	readQuery(query, bytes, 0, bytes.length);
	hashSuffixes(query.name, 1);
	return query;
}

export function questionOf(query: Query): Question {
	const name = query.name.copy();
	return {
		name,
		nameAt: 0,
		nameLength: name.length,
		nameHash: query.name.hashes[0],
		type: query.type,
		bits: bitsOf(query),
	};
}

export class TestCache {
	readonly counters = new Counters(Counters.create());
	readonly cache: AnswerCache;

	constructor(settings: Partial<CacheSettings> = {}) {
		this.cache = new AnswerCache(TestCache.settings(settings), 1, this.counters);
	}

	static settings(settings: Partial<CacheSettings>): CacheSettings {
		return {
			sizeBytes: 1 << 20,
			minTtlSeconds: 0,
			maxTtlSeconds: 86_400,
			maxNegativeTtlSeconds: 3600,
			failureTtlMs: 5000,
			staleMaxAgeMs: 86_400_000,
			staleTtlSeconds: 30,
			staleAfterMs: 1800,
			prefetch: true,
			nxdomainCut: "validated",
			apart: [],
			...settings,
		};
	}

	/** What an upstream answered; times in seconds. */
	put(asked: Buffer, parts: Message, now: number, key?: number): CachedAnswer {
		const query = queryOf(asked);
		const bytes = reply(asked, parts);
		const response = new Response();
		if (!readResponse(response, bytes, 0, bytes.length, questionEnd(bytes), query.type)) {
			throw new Error("the test's own response is malformed");
		}
		if (followChain(response) !== undefined || !trimResponse(response, query.dnssecOk)) {
			throw new Error("the test's own response is no answer");
		}
		return this.cache.put(questionOf(query), key ?? keyOf(query), response, now * 1000);
	}

	fail(asked: Buffer, ede: number, now: number): CachedAnswer {
		const query = queryOf(asked);
		return this.cache.putFailure(questionOf(query), keyOf(query), ede, now * 1000);
	}

	/** What is answered from the cache, if anything is. */
	get(asked: Buffer, now: number, key?: number): Decoded | undefined {
		const query = queryOf(asked);
		const exact = this.cache.exact(query, key ?? keyOf(query), now * 1000);
		const entry = this.cache.orAbsence(query, exact, now * 1000);
		return entry === undefined ? undefined : this.show(asked, entry, now);
	}

	show(asked: Buffer, entry: CachedAnswer, now: number): Decoded {
		const answer = new Answer();
		answer.bytes = Buffer.alloc(65_535);
		answer.limit = 65_535;
		writeCached(answer, queryOf(asked), entry, now * 1000);
		return decode(Buffer.from(answer.bytes.subarray(0, answer.length)));
	}
}
