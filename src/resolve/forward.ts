/** Questions that only an upstream can answer: one flight for each, however many clients wait for it. */
import type { Counters } from "../observe/counters.ts";
import type { Round } from "../sockets/round.ts";
import type { Inquiry } from "../upstream/inquiry.ts";
import { EDE, RCODE } from "../wire/codes.ts";
import type { Response } from "../wire/response.ts";
import { type Answer, answerRcode, VIA } from "./answer.ts";
import type { AnswerCache } from "./cache.ts";
import { type CachedAnswer, writeCached } from "./cached-answer.ts";
import { Flight, FlightTable, type Landing } from "./flight.ts";
import type { Policy } from "./policy.ts";
import type { Asker, Query } from "./query.ts";

const OVERLOADED = new TextEncoder().encode("too many questions in flight");

/** The end of the walk, where every answer goes out. */
export interface WayOut {
	finish(asker: Asker, answer: Answer): void;
	/** Answers as a blocked target asks for; false when that answer comes later. */
	block(entry: number, asker: Asker, answer: Answer): boolean;
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
	readonly #walk: WayOut;
	readonly #cache: AnswerCache;
	readonly #policy: Policy;
	readonly #counters: Counters;
	readonly #round: Round;
	readonly #seed: number;
	readonly #flights = new FlightTable();
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
	}

	/** Flights that are up. */
	get inFlight(): number {
		return this.#open;
	}

	/** Asks upstream, or joins the flight of whoever asked the same before. */
	ask(query: Query, answer: Answer, key: number): void {
		const joined = this.#flights.find(query, key);
		if (joined !== undefined) {
			joined.askers.push(query.detached());
			this.#counters.add("flightsJoined", 1);
			return;
		}
		if (this.#open >= this.mostInFlight) {
			this.#counters.add("flightsShed", 1);
			answerRcode(answer, query, RCODE.SERVFAIL, VIA.limited);
			answer.ede = EDE.NO_REACHABLE_AUTHORITY;
			answer.edeText = OVERLOADED;
			this.#walk.finish(query, answer);
			return;
		}
		const flight = this.#spare.pop() ?? new Flight(this);
		flight.begin(query, key);
		flight.askers.push(query.detached());
		this.#flights.add(flight);
		this.#counters.set("flightsOpen", ++this.#open);
		this.outward.ask(flight.inquiry);
	}

	/** Called by the flight when it ends: with an upstream's response, or without one. */
	landed(flight: Flight, response: Response | undefined, ede: number): void {
		this.#round.join();
		this.#flights.remove(flight);
		this.#counters.set("flightsOpen", --this.#open);
		const { now } = this.#round;
		let entry: CachedAnswer;
		let target = 0;
		if (response === undefined) {
			entry = this.#cache.putFailure(flight, flight.key, ede, now);
		} else {
			if (response.targets.length > 0) target = this.#policy.findTarget(response, this.#seed);
			entry = this.#cache.put(flight, flight.key, response, now);
			if (target === 0) entry.cleanEpoch = this.#policy.epoch;
		}
		for (const asker of flight.askers) {
			const answer = asker.path.open();
			answer.category = -1;
			writeCached(answer, asker, entry, now);
			answer.via = response === undefined ? VIA.error : VIA.upstream;
			if (target === 0 || asker.allowed || this.#walk.block(target, asker, answer))
				this.#walk.finish(asker, answer);
			asker.recycle();
		}
		flight.askers.length = 0;
		if (this.#spare.length < MOST_SPARE) this.#spare.push(flight);
	}
}
