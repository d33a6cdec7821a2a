/** Questions that only an upstream can answer: one flight for each, however many clients wait for it. */
import type { Counters } from "../observe/counters.ts";
import type { Round } from "../sockets/round.ts";
import { Deadlines } from "../upstream/deadlines.ts";
import type { Inquiry } from "../upstream/inquiry.ts";
import { EDE, isDnssecFault, RCODE } from "../wire/codes.ts";
import type { Response } from "../wire/response.ts";
import { trimResponse } from "../wire/trim.ts";
import { type Answer, answerRcode, VIA } from "./answer.ts";
import type { AnswerCache } from "./cache.ts";
import { type CachedAnswer, writeCached } from "./cached-answer.ts";
import { Flight, FlightTable, type Landing } from "./flight.ts";
import { NO_FINDING } from "./leads.ts";
import { LIMIT, LIMIT_ACTION, OVERLOAD } from "./limit-names.ts";
import type { Policy } from "./policy.ts";
import type { Asker, Query } from "./query.ts";
import type { Subnets } from "./subnets.ts";
import type { Waiting } from "./waiting.ts";

const OVERLOADED = new TextEncoder().encode("too many questions in flight");
const TOO_MANY_WAIT = new TextEncoder().encode("too many questions of yours wait for answers");

/** Clients that wait for one answer: all are answered in one go, which the others have to wait for. */
const MOST_JOINED = 4096;
/** Clients that wait, for each question that may be in flight: they take memory of their own. */
const WAITING_PER_FLIGHT = 4;

/** The end of the walk, where every answer goes out. */
export interface WayOut {
	finish(asker: Asker, answer: Answer): void;
	/** The same for an answer that leads to something blocked, or something that is only counted. */
	conclude(finding: number, logged: number, asker: Asker, answer: Answer): void;
	/** The same for an answer that is cached. */
	give(asker: Asker, answer: Answer, cached: CachedAnswer): void;
}

/** What takes inquiries upstream. */
export interface Outward {
	ask(inquiry: Inquiry): void;
}

/** Flights kept to be used again: as many as are commonly up at once. */
const MOST_SPARE = 1024;

export class Forward implements Landing {
	/** May be replaced when the configuration changes: flights that are up land all the same. */
	outward: Outward;
	mostInFlight: number;
	/** Milliseconds after which clients get a stale answer, if there is one (RFC 8767, section 5); Infinity: never. */
	patienceMs = Number.POSITIVE_INFINITY;
	/** Undefined: clients' subnets mean nothing. */
	subnets: Subnets | undefined;
	readonly #walk: WayOut;
	readonly #cache: AnswerCache;
	readonly #policy: Policy;
	readonly #counters: Counters;
	readonly #round: Round;
	readonly #seed: number;
	readonly #waiting: Waiting;
	readonly #flights = new FlightTable();
	readonly #late = new Deadlines<Flight>((flight) => this.#ranLate(flight));
	readonly #spare: Flight[] = [];
	#open = 0;

	constructor(
		outward: Outward,
		mostInFlight: number,
		parts: {
			walk: WayOut;
			cache: AnswerCache;
			policy: Policy;
			counters: Counters;
			round: Round;
			seed: number;
			waiting: Waiting;
		},
	) {
		this.outward = outward;
		this.mostInFlight = mostInFlight;
		this.#walk = parts.walk;
		this.#cache = parts.cache;
		this.#policy = parts.policy;
		this.#counters = parts.counters;
		this.#round = parts.round;
		this.#seed = parts.seed;
		this.#waiting = parts.waiting;
	}

	/** Flights that are up. */
	get inFlight(): number {
		return this.#open;
	}

	/** Asks upstream, or joins the flight of whoever asked the same before. */
	ask(query: Query, answer: Answer, key: number): void {
		const joined = this.#flights.find(query, key);
		const isShed =
			joined === undefined
				? this.#open >= this.mostInFlight
				: joined.askers.length >= MOST_JOINED ||
					this.#waiting.total >= this.mostInFlight * WAITING_PER_FLIGHT;
		if (isShed) {
			this.#counters.add("flightsShed", 1);
			answer.limitedBy = OVERLOAD;
			this.#refuse(query, answer, EDE.NO_REACHABLE_AUTHORITY, OVERLOADED);
			return;
		}
		if (!this.#waiting.admits(query)) {
			this.#counters.limited(LIMIT.waiting, LIMIT_ACTION.failed);
			answer.limitedBy = LIMIT.waiting;
			this.#refuse(query, answer, EDE.OTHER, TOO_MANY_WAIT);
			return;
		}
		if (joined !== undefined) {
			this.#join(joined, query);
			this.#counters.add("flightsJoined", 1);
			return;
		}
		this.#join(this.#launch(query, key), query);
	}

	/**
	 * Asks upstream although the answer is known, so that it is known for longer. Nobody waits for it.
	 *
	 * @returns false when upstreams have enough to do.
	 */
	refresh(query: Query, key: number): boolean {
		if (this.#flights.find(query, key) !== undefined) return true;
		if (this.#open >= this.mostInFlight / 2) return false;
		this.#launch(query, key);
		this.#counters.add("cachePrefetches", 1);
		return true;
	}

	#launch(query: Query, key: number): Flight {
		const flight = this.#spare.pop() ?? new Flight(this);
		flight.begin(query, key);
		flight.epoch = this.#cache.epoch;
		this.subnets?.depart(flight);
		this.#flights.add(flight);
		this.#counters.set("flightsOpen", ++this.#open);
		if (this.patienceMs < Number.POSITIVE_INFINITY) {
			flight.deadline = this.#round.now + this.patienceMs;
			this.#late.add(flight);
		}
		this.outward.ask(flight.inquiry);
		return flight;
	}

	#join(flight: Flight, query: Query): void {
		const asker = query.detached();
		this.#waiting.enter(asker);
		flight.askers.push(asker);
		this.#counters.set("askersWaiting", this.#waiting.total);
	}

	/** At once, in an answer that is hardly larger than the query, so that nothing piles up. */
	#refuse(query: Query, answer: Answer, ede: number, text: Uint8Array): void {
		answerRcode(answer, query, RCODE.SERVFAIL, VIA.limited);
		answer.ede = ede;
		answer.edeText = text;
		this.#walk.finish(query, answer);
	}

	/** Called by the flight when it ends: with an upstream's response, or without one. */
	landed(flight: Flight, response: Response | undefined, ede: number): void {
		this.#round.join();
		this.#flights.remove(flight);
		this.#late.remove(flight);
		this.#counters.set("flightsOpen", --this.#open);
		if (isAnswer(response) || !this.#giveStale(flight, response?.ede ?? ede))
			this.#giveNew(flight, response, ede);
		if (this.#spare.length < MOST_SPARE) this.#spare.push(flight);
	}

	#giveNew(flight: Flight, response: Response | undefined, ede: number): void {
		const { now } = this.#round;
		const keep = flight.epoch === this.#cache.epoch;
		// Read before anything is looked up: a word of the pool that comes meanwhile belongs to the next one.
		const { epoch } = this.#policy;
		const scope = this.subnets?.land(flight, response) ?? 0;
		let entry: CachedAnswer;
		let finding = NO_FINDING;
		let logged = 0;
		if (response === undefined || !trimResponse(response, (flight.bits & 1) !== 0)) {
			entry = this.#cache.putFailure(flight, flight.key, response === undefined ? ede : EDE.OTHER, now, keep);
		} else {
			if ((response.leads & this.#policy.watched) !== 0) {
				finding = this.#policy.findLead(response, this.#seed);
				logged = this.#policy.loggedLead;
			}
			entry = this.#cache.put(flight, flight.key, response, now, keep);
			if (finding === NO_FINDING && logged === 0) entry.cleanEpoch = epoch;
		}
		for (const asker of flight.askers) {
			const answer = this.#answerFor(asker);
			writeCached(answer, asker, entry, now);
			if (asker.scopeEchoAt > 0) asker.echo[asker.scopeEchoAt] = scope;
			answer.via = response === undefined ? VIA.error : VIA.upstream;
			answer.upstream = flight.inquiry.slot;
			this.#walk.conclude(finding, logged, asker, answer);
			asker.recycle();
		}
		this.#forget(flight);
	}

	/** Upstreams take their time: whoever waits gets what was known, and the flight goes on for those who ask later. */
	#ranLate(flight: Flight): void {
		this.#round.join();
		if (flight.askers.length > 0) this.#giveStale(flight, EDE.NONE);
	}

	/** @returns false when there is nothing stale, or it must not be given. */
	#giveStale(flight: Flight, ede: number): boolean {
		// What does not hold must not be hidden behind what once did.
		if (isDnssecFault(ede)) return false;
		const { now } = this.#round;
		const known =
			this.subnets === undefined ? this.#cache.outlived(flight, now) : this.subnets.outlived(flight, now);
		if (known === undefined) return false;
		this.#cache.postpone(known, now);
		for (const asker of flight.askers) {
			const answer = this.#answerFor(asker);
			// For none but the asker's own subnet, whatever it was for.
			if (asker.scopeEchoAt > 0) asker.echo[asker.scopeEchoAt] = asker.echo[asker.scopeEchoAt - 1];
			this.#walk.give(asker, answer, known);
			asker.recycle();
		}
		this.#forget(flight);
		return true;
	}

	#answerFor(asker: Asker): Answer {
		// First, for an answer may lead to another question of the same client.
		this.#waiting.leave(asker);
		const answer = asker.path.open();
		answer.category = -1;
		answer.upstream = -1;
		return answer;
	}

	#forget(flight: Flight): void {
		flight.askers.length = 0;
		this.#counters.set("askersWaiting", this.#waiting.total);
	}

	close(): void {
		this.#late.clear(() => {});
	}
}

function isAnswer(response: Response | undefined): boolean {
	return response !== undefined && (response.rcode === RCODE.NOERROR || response.rcode === RCODE.NXDOMAIN);
}
