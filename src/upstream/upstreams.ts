/** All upstreams of a worker: which one is asked, what counts as its answer, and who is asked next. */
import type { UpstreamServer, UpstreamSettings } from "../config/upstream-settings.ts";
import type { Counters } from "../observe/counters.ts";
import type { Round } from "../sockets/round.ts";
import { EDE, RCODE } from "../wire/codes.ts";
import { isTruncated, matchResponse, Response, readResponse } from "../wire/response.ts";
import type { Carrier, CarrierEvents } from "./carrier.ts";
import { Deadlines } from "./deadlines.ts";
import { Health } from "./health.ts";
import type { Inquiry } from "./inquiry.ts";
import type { RandomNumbers } from "./random.ts";
import { StreamCarrier } from "./stream.ts";

/** `fastest` asks another than the fastest once in so many questions, to notice when that one became faster. */
const EXPLORE_ONCE_IN = 64;

interface Upstream {
	/** Its place in the configuration. */
	readonly number: number;
	/** Where it is counted. */
	readonly slot: number;
	readonly health: Health;
	readonly first: Carrier;
	/** For answers too large for UDP. */
	readonly stream: Carrier;
}

/** Makes the carrier that an upstream's first try takes. */
export type CreateCarrier = (server: UpstreamServer, events: CarrierEvents) => Carrier;

export class Upstreams {
	readonly #settings: UpstreamSettings;
	readonly #counters: Counters;
	readonly #round: Round;
	readonly #random: RandomNumbers;
	readonly #upstreams: readonly Upstream[];
	readonly #deadlines: Deadlines;
	readonly #response = new Response();
	#isClosed = false;

	constructor(
		settings: UpstreamSettings,
		slots: readonly number[],
		createUdp: CreateCarrier,
		counters: Counters,
		round: Round,
		random: RandomNumbers,
	) {
		this.#settings = settings;
		this.#counters = counters;
		this.#round = round;
		this.#random = random;
		this.#deadlines = new Deadlines((inquiry) => this.#timedOut(inquiry));
		this.#upstreams = settings.servers.map((server, number) => {
			const slot = slots[number] ?? number;
			const events: CarrierEvents = {
				received: (inquiry, message, start, end) => this.#received(inquiry, message, start, end),
				refused: (inquiry) => this.#refused(inquiry),
				stranger: () => counters.upstreamAdd(slot, "strangers"),
			};
			const stream = new StreamCarrier(server, random, events);
			counters.upstreamUp(slot, true);
			const first = server.transport === "tcp" ? stream : createUdp(server, events);
			return { number, slot, health: new Health(), first, stream };
		});
	}

	/** The inquiry's `waiting` hears how it ended, never before this returns. */
	ask(inquiry: Inquiry): void {
		if (this.#isClosed) queueMicrotask(() => inquiry.waiting.failed(EDE.NETWORK_ERROR));
		else this.#send(inquiry, this.#choose(inquiry));
	}

	/** Sends what was put together in this round. */
	flush(): void {
		for (const upstream of this.#upstreams) upstream.first.flush();
	}

	/** What is still on its way fails. */
	close(): void {
		this.#isClosed = true;
		this.#deadlines.clear((inquiry) => {
			inquiry.carrier?.forget(inquiry);
			inquiry.waiting.failed(EDE.NETWORK_ERROR);
		});
		for (const upstream of this.#upstreams) {
			upstream.first.close();
			upstream.stream.close();
		}
	}

	#send(inquiry: Inquiry, upstream: Upstream): void {
		const now = this.#round.now;
		inquiry.upstream = upstream.number;
		inquiry.attempts++;
		inquiry.tried |= 1 << upstream.number;
		upstream.health.asked(now, this.#settings.timeoutMs);
		this.#counters.upstreamAdd(upstream.slot, "queries");
		this.#carry(inquiry, upstream.first);
	}

	#carry(inquiry: Inquiry, carrier: Carrier): void {
		inquiry.sentAt = this.#round.now;
		inquiry.deadline = inquiry.sentAt + this.#settings.timeoutMs;
		this.#deadlines.add(inquiry);
		carrier.send(inquiry);
	}

	/** Takes the inquiry back from whatever has it. */
	#recall(inquiry: Inquiry): void {
		this.#deadlines.remove(inquiry);
		inquiry.carrier?.forget(inquiry);
	}

	#received(inquiry: Inquiry, message: Uint8Array, start: number, end: number): void {
		this.#round.join();
		const upstream = this.#upstreams[inquiry.upstream];
		const response = this.#response;
		const questionEnd = matchResponse(message, start, end, inquiry.packet, inquiry.questionEnd);
		const isWhole = !isTruncated(message, start);
		const byStream = inquiry.byStream || upstream.first === upstream.stream;
		if (questionEnd >= 0 && !isWhole && !byStream) {
			// Not read: what is cut off need not be whole (RFC 2181, section 9).
			this.#recall(inquiry);
			this.#counters.upstreamAdd(upstream.slot, "tcpRetries");
			inquiry.byStream = true;
			this.#carry(inquiry, upstream.stream);
			return;
		}
		// What does not answer the question, or cannot be read, is not an answer: the right one may still come.
		if (questionEnd < 0 || !readResponse(response, message, start, end, questionEnd, inquiry.type)) {
			this.#counters.upstreamAdd(upstream.slot, "strangers");
			return;
		}
		this.#recall(inquiry);
		const took = this.#round.now - inquiry.sentAt;
		upstream.health.answered(took);
		this.#counters.upstreamUp(upstream.slot, true);
		this.#counters.upstreamAdd(upstream.slot, "answers");
		this.#counters.upstreamDuration(upstream.slot, took / 1000);
		// What is missing over TCP will not come by any other way; half an answer must not pass for a whole one.
		if (!isWhole) response.rcode = RCODE.SERVFAIL;
		if (response.rcode === RCODE.NOERROR || response.rcode === RCODE.NXDOMAIN) {
			inquiry.waiting.answered(response);
			return;
		}
		this.#counters.upstreamAdd(upstream.slot, "serverFailures");
		const next = this.#another(inquiry);
		if (next === undefined) inquiry.waiting.answered(response);
		else this.#send(inquiry, next);
	}

	#timedOut(inquiry: Inquiry): void {
		const upstream = this.#upstreams[inquiry.upstream];
		this.#round.join();
		inquiry.carrier?.forget(inquiry);
		this.#counters.upstreamAdd(upstream.slot, "timeouts");
		this.#fail(inquiry, upstream, EDE.NO_REACHABLE_AUTHORITY);
	}

	#refused(inquiry: Inquiry): void {
		this.#round.join();
		const upstream = this.#upstreams[inquiry.upstream];
		this.#deadlines.remove(inquiry);
		this.#counters.upstreamAdd(upstream.slot, "networkErrors");
		this.#fail(inquiry, upstream, EDE.NETWORK_ERROR);
	}

	#fail(inquiry: Inquiry, upstream: Upstream, ede: number): void {
		upstream.health.failed(this.#round.now);
		this.#counters.upstreamUp(upstream.slot, upstream.health.isUp);
		inquiry.byStream = false;
		if (inquiry.attempts < this.#settings.attempts) {
			this.#send(inquiry, this.#choose(inquiry));
		} else {
			inquiry.waiting.failed(ede);
		}
	}

	/** One that has not been asked yet, if the question may still be asked. */
	#another(inquiry: Inquiry): Upstream | undefined {
		if (inquiry.attempts >= this.#settings.attempts) return undefined;
		const fresh = this.#upstreams.some((upstream) => (inquiry.tried & (1 << upstream.number)) === 0);
		inquiry.byStream = false;
		return fresh ? this.#choose(inquiry) : undefined;
	}

	/** Healthy before ailing, not yet asked before asked, and among those as the strategy says. */
	#choose(inquiry: Inquiry): Upstream {
		const now = this.#round.now;
		let best = this.#upstreams[0];
		let bestScore = Number.POSITIVE_INFINITY;
		const explore = this.#settings.strategy === "fastest" && this.#random.below(EXPLORE_ONCE_IN) === 0;
		for (const upstream of this.#upstreams) {
			const asked = (inquiry.tried & (1 << upstream.number)) !== 0;
			const { health } = upstream;
			let score = health.mayBeAsked(now) ? 0 : 1e9 + Math.max(0, health.retryAt - now);
			if (asked) score += 1e7;
			score += explore ? this.#random.below(1024) : this.#preference(upstream);
			if (score < bestScore) {
				best = upstream;
				bestScore = score;
			}
		}
		return best;
	}

	#preference(upstream: Upstream): number {
		switch (this.#settings.strategy) {
			case "fastest":
				return upstream.health.roundTripMs;
			case "random":
				return this.#random.below(1024);
			case "strict":
				return upstream.number;
		}
	}
}
