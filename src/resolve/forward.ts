/** Questions that only an upstream can answer: one flight for each, however many clients wait for it. */
import type { Counters } from "../observe/counters.ts";
import type { Round } from "../sockets/round.ts";
import type { Waiting } from "../upstream/inquiry.ts";
import { Inquiry } from "../upstream/inquiry.ts";
import { EDE, RCODE } from "../wire/codes.ts";
import type { Response } from "../wire/response.ts";
import { type Answer, answerRcode, VIA } from "./answer.ts";
import {
	type AnswerCache,
	bitsOf,
	type CachedAnswer,
	isSameQuestion,
	type QuestionKey,
	writeCached,
} from "./cache.ts";
import type { Policy } from "./policy.ts";
import type { Asker, Query } from "./query.ts";
import type { Walk } from "./walk.ts";

const OVERLOADED = new TextEncoder().encode("too many questions in flight");

/** What takes inquiries upstream. */
export interface Outward {
	ask(inquiry: Inquiry): void;
}

class Flight implements Waiting, QuestionKey {
	readonly name: Uint8Array;
	readonly type: number;
	readonly bits: number;
	readonly key: number;
	readonly askers: Asker[] = [];
	/** Another flight whose key is the same number. */
	next: Flight | undefined;
	readonly #forward: Forward;

	constructor(forward: Forward, query: Query, key: number) {
		this.#forward = forward;
		this.name = query.name.copy();
		this.type = query.type;
		this.bits = bitsOf(query);
		this.key = key;
	}

	answered(response: Response): void {
		this.#forward.landed(this, response, EDE.NONE);
	}

	failed(ede: number): void {
		this.#forward.landed(this, undefined, ede);
	}
}

export class Forward {
	/** May be replaced when the configuration changes: flights that are up land all the same. */
	outward: Outward;
	mostInFlight: number;
	readonly #walk: Walk;
	readonly #cache: AnswerCache;
	readonly #policy: Policy;
	readonly #counters: Counters;
	readonly #round: Round;
	readonly #seed: number;
	readonly #flights = new Map<number, Flight>();
	#open = 0;

	constructor(
		outward: Outward,
		mostInFlight: number,
		parts: { walk: Walk; cache: AnswerCache; policy: Policy; counters: Counters; round: Round; seed: number },
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
		const head = this.#flights.get(key);
		for (let flight = head; flight !== undefined; flight = flight.next) {
			if (!isSameQuestion(flight, query.name, query.type, bitsOf(query))) continue;
			flight.askers.push(query.detached());
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
		const flight = new Flight(this, query, key);
		flight.askers.push(query.detached());
		flight.next = head;
		this.#flights.set(key, flight);
		this.#counters.set("flightsOpen", ++this.#open);
		this.outward.ask(new Inquiry(flight.name, flight.type, query.dnssecOk, (flight.bits & 2) !== 0, flight));
	}

	/** Called by the flight when it ends: with an upstream's response, or without one. */
	landed(flight: Flight, response: Response | undefined, ede: number): void {
		this.#round.join();
		this.#remove(flight);
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
			if (target !== 0 && !asker.allowed && !this.#walk.block(target, asker, answer)) continue;
			this.#walk.finish(asker, answer);
		}
	}

	#remove(flight: Flight): void {
		this.#counters.set("flightsOpen", --this.#open);
		const head = this.#flights.get(flight.key);
		if (head === flight) {
			if (flight.next === undefined) this.#flights.delete(flight.key);
			else this.#flights.set(flight.key, flight.next);
			return;
		}
		for (let before = head; before !== undefined; before = before.next) {
			if (before.next === flight) before.next = flight.next;
		}
	}
}
