/** The walk of a query: every stage in order, and the one way out for every answer. */
import type { Observer } from "../observe/observer.ts";
import type { Recorder } from "../observe/recorder.ts";
import type { Round } from "../sockets/round.ts";
import { hashSuffixes } from "../wire/name.ts";
import { COOKIE_ONLY, UDP } from "../wire/query.ts";
import { Response, readResponse } from "../wire/response.ts";
import { type Answer, answerRcode, VIA } from "./answer.ts";
import type { AnswerCache } from "./cache.ts";
import { type CachedAnswer, writeCached, writeStale } from "./cached-answer.ts";
import type { ClientRates } from "./client-rates.ts";
import { COOKIE } from "./cookies.ts";
import type { Forward } from "./forward.ts";
import type { Gate } from "./gate.ts";
import { NO_FINDING } from "./leads.ts";
import { LIMIT, LIMIT_ACTION } from "./limit-names.ts";
import type { Local } from "./local.ts";
import type { Options } from "./options.ts";
import { ANSWERED, LOGGED, PASS, type Policy, REDIRECTED } from "./policy.ts";
import type { Asker, Query } from "./query.ts";
import { isNamed, keyOf } from "./question.ts";
import { redirect } from "./redirect.ts";
import type { Remit } from "./remit.ts";
import type { ResponseRates } from "./response-rates.ts";
import type { Subnets } from "./subnets.ts";

export interface WalkParts {
	readonly gate: Gate;
	readonly local: Local;
	readonly options: Options;
	readonly remit: Remit;
	readonly policy: Policy;
	readonly cache: AnswerCache;
	readonly observer: Observer;
	readonly round: Round;
	/** Of the name hashes; the same for all threads and all blocklists of a process. */
	readonly seed: number;
}

export class Walk {
	/** These are replaced when the configuration changes. */
	gate: Gate;
	local: Local;
	options: Options;
	remit: Remit;
	/** Undefined: how often a client asks is not limited. */
	clientRates: ClientRates | undefined;
	/** Undefined: how often a network is answered is not limited. */
	responseRates: ResponseRates | undefined;
	/** Undefined: clients' subnets mean nothing. */
	subnets: Subnets | undefined;
	/** Undefined: nobody wants to know what became of each question. */
	recorder: Recorder | undefined;
	/** Milliseconds after which an answer over UDP is not sent any more. */
	discardAfter = Number.POSITIVE_INFINITY;
	readonly #policy: Policy;
	readonly #cache: AnswerCache;
	readonly #observer: Observer;
	readonly #round: Round;
	readonly #seed: number;
	readonly #response = new Response();
	/** Handed in after both are made: flights end in the walk. */
	forward: Forward | undefined;

	constructor(parts: WalkParts) {
		this.gate = parts.gate;
		this.local = parts.local;
		this.options = parts.options;
		this.remit = parts.remit;
		this.#policy = parts.policy;
		this.#cache = parts.cache;
		this.#observer = parts.observer;
		this.#round = parts.round;
		this.#seed = parts.seed;
	}

	/**
	 * Takes a query that `readQuery` read, and answers it now or later through its path.
	 *
	 * @param fault what `readQuery` returned: an rcode, or COOKIE_ONLY.
	 */
	run(query: Query, fault: number): void {
		const answer = query.path.open();
		answer.category = -1;
		answer.upstream = -1;
		this.#observer.query(query.transport, query.type);

		query.logged = false;
		query.cookieState = COOKIE.NONE;
		query.scope = 0;
		if (query.sent !== 0) fault = this.options.take(query, fault);
		// A query that cannot be read is answered with what is wrong with it.
		if (fault > 0) {
			answerRcode(answer, query, fault, VIA.error);
			this.finish(query, answer);
			return;
		}
		// Who may not ask learns nothing else, not even what is blocked.
		if (this.gate.check(query, answer)) {
			this.finish(query, answer);
			return;
		}
		if (this.clientRates?.check(query, answer, this.#round.now) === true) {
			this.finish(query, answer);
			return;
		}
		if (this.#isOdd(query, answer, fault)) {
			this.finish(query, answer);
			return;
		}
		hashSuffixes(query.name, this.#seed);
		// Above the policy: what is answered here is nobody else's to block or to allow.
		if (this.local.check(query, answer) || this.remit.checkRecursion(query, answer)) {
			this.finish(query, answer);
			return;
		}
		const known = this.#cached(query);
		const verdict = this.#judge(query, answer, known);
		if (verdict === ANSWERED) this.finish(query, answer);
		else if (verdict === REDIRECTED) redirect(this, query, answer, this.#policy.target);
		else {
			if (verdict === LOGGED) this.#countLogged(query);
			if (this.remit.shorten(query, answer)) this.finish(query, answer);
			else this.#lookUp(query, answer, known);
		}
	}

	/**
	 * The policy stands above the cache, so that a new block bites at once and a withdrawn one un-blocks at once. But an
	 * answer remembers under which policy its name passed: as long as that one holds, the blocklist need not be asked again.
	 */
	#judge(query: Query, answer: Answer, known: CachedAnswer | undefined): number {
		// Read first: what the pool says from here on belongs to another epoch.
		const { epoch } = this.#policy;
		if (known !== undefined && known.passedEpoch === epoch) return PASS;
		const verdict = this.#policy.check(query, answer);
		if (known !== undefined && verdict === PASS) known.passedEpoch = epoch;
		return verdict;
	}

	/** What is kept under the very question, if that is all there is to look for. */
	#cached(query: Query): CachedAnswer | undefined {
		return this.subnets === undefined ? this.#cache.exact(query, keyOf(query), this.#round.now) : undefined;
	}

	/** Whether the query was answered because of what it is, whatever its name. */
	#isOdd(query: Query, answer: Answer, fault: number): boolean {
		if (fault === COOKIE_ONLY) {
			this.options.answerCookie(query, answer);
			return true;
		}
		return (query.sent !== 0 && this.options.check(query, answer)) || this.remit.check(query, answer);
	}

	/** The rest of the walk: the cache, and what it does not know from upstream. */
	#lookUp(query: Query, answer: Answer, known: CachedAnswer | undefined): void {
		const { now } = this.#round;
		const cached =
			this.subnets === undefined ? this.#cache.orAbsence(query, known, now) : this.subnets.find(query, now);
		if (cached === undefined) {
			this.forward?.ask(query, answer, keyOf(query));
			return;
		}
		if (now >= cached.refreshAt) this.#refresh(query, cached);
		this.give(query, answer, cached);
	}

	/** It is asked for and expires soon: its successor is to be there by then. */
	#refresh(query: Query, cached: CachedAnswer): void {
		// It may say something of the name because it says it of a name above.
		if (!isNamed(cached.bytes, 0, cached.nameLength, query.name)) return;
		if (this.forward?.refresh(query, keyOf(query)) === true) cached.refreshAt = Number.POSITIVE_INFINITY;
	}

	/** A name that no listener asked for: where a redirection leads. */
	lookUpTarget(query: Query, answer: Answer): void {
		hashSuffixes(query.name, this.#seed);
		if (this.local.check(query, answer)) this.finish(query, answer);
		else this.#lookUp(query, answer, this.#cached(query));
	}

	/** Answers with what is cached, stale or not. */
	give(asker: Asker, answer: Answer, cached: CachedAnswer): void {
		const { now } = this.#round;
		if (cached.isStale(now)) {
			writeStale(answer, asker, cached, this.#cache.staleTtl);
			answer.via = VIA.stale;
		} else {
			writeCached(answer, asker, cached, now);
			answer.via = VIA.cache;
		}
		// What it leads to may be blocked by now.
		if ((cached.leads & this.#policy.watched) !== 0 && cached.cleanEpoch !== this.#policy.epoch)
			this.#checkCached(asker, answer, cached);
		else this.finish(asker, answer);
	}

	#checkCached(asker: Asker, answer: Answer, cached: CachedAnswer): void {
		const policy = this.#policy;
		const response = this.#response;
		const { epoch } = policy;
		const end = answer.start + answer.length;
		const questionEnd = answer.start + asker.questionEnd - asker.start;
		// What did not fit was not written, cannot be looked at, and is asked for again over TCP.
		const isWhole =
			!answer.truncated && readResponse(response, answer.bytes, answer.start, end, questionEnd, asker.type);
		const finding = isWhole ? policy.findLead(response, this.#seed) : NO_FINDING;
		const logged = isWhole ? policy.loggedLead : 0;
		// What is only counted has to be found each time.
		if (isWhole && finding === NO_FINDING && logged === 0) cached.cleanEpoch = epoch;
		this.conclude(finding, logged, asker, answer);
	}

	/**
	 * Ends the walk of an answer in which `finding` was found, and `logged`, which is only counted: it is answered over what
	 * was written before, where the finding holds for the asker.
	 */
	conclude(finding: number, logged: number, asker: Asker, answer: Answer): void {
		const verdict = finding === NO_FINDING ? PASS : this.#policy.block(finding, asker, answer);
		if (verdict === REDIRECTED) {
			redirect(this, asker, answer, this.#policy.target);
			return;
		}
		const isCounted = asker.counted && !asker.allowed && !asker.logged;
		if (logged !== 0 && verdict === PASS && isCounted)
			if (this.#policy.logLead(logged) === LOGGED) this.#countLogged(asker);
		this.finish(asker, answer);
	}

	#countLogged(asker: Asker): void {
		asker.logged = true;
		asker.loggedCategory = this.#policy.logged;
		this.#observer.logged(this.#policy.logged);
	}

	/** The one way out: limited, counted, then sent. */
	finish(asker: Asker, answer: Answer): void {
		if (asker.counted) {
			const { now } = this.#round;
			if (asker.transport === UDP) this.#limit(asker, answer, now);
			this.#observer.finished(answer, asker.receivedAt, now);
			this.recorder?.finished(asker, answer, now);
		}
		asker.path.commit(asker, answer);
	}

	/**
	 * Over UDP the asker's address may be a victim's, unless its cookie shows that it had an answer from here. What has
	 * taken too long is not sent, so that an attacker cannot collect answers and let them loose at once (CVE-2024-33655);
	 * whoever asks again gets it from the cache.
	 */
	#limit(asker: Asker, answer: Answer, now: number): void {
		if (asker.cookieState === COOKIE.VALID) return;
		if (now - asker.receivedAt > this.discardAfter) {
			this.#observer.limited(LIMIT.late, LIMIT_ACTION.dropped);
			answer.via = VIA.limited;
			answer.limitedBy = LIMIT.late;
			answer.drop();
		} else if (this.responseRates !== undefined && answer.length > 0) {
			this.responseRates.check(asker, answer, now);
		}
	}
}
