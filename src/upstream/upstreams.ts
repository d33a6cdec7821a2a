/** All upstreams of a worker: which one is asked, what counts as its answer, and who is asked next. */
import type { UpstreamServer, UpstreamSettings } from "../config/upstream-settings.ts";
import type { Counters } from "../observe/counters.ts";
import type { TapPoint } from "../observe/tap.ts";
import type { Round } from "../sockets/round.ts";
import { EDE, RCODE } from "../wire/codes.ts";
import { matchQuestion, repeatsQuestion } from "../wire/match.ts";
import { NamePatterns } from "../wire/name-patterns.ts";
import { isTruncated, Response, readResponse } from "../wire/response.ts";
import type { Carrier, CarrierEvents } from "./carrier.ts";
import { Choice } from "./choice.ts";
import { Deadlines } from "./deadlines.ts";
import type { Doubt, Inquiry } from "./inquiry.ts";
import type { RandomNumbers } from "./random.ts";
import type { CookieVerdict } from "./server-cookies.ts";
import { settleCase } from "./settled-case.ts";
import { StreamCarrier } from "./stream.ts";
import { type Report, Upstream, type UpstreamParts } from "./upstream.ts";
import { isUsable } from "./usable.ts";

/** Makes the carrier that an upstream's first try takes. */
export type CreateCarrier = (server: UpstreamServer, events: CarrierEvents) => Carrier;

/** Who is asked, and how. */
export type ServerSettings = Omit<UpstreamSettings, "zones" | "maxInFlight">;

export interface UpstreamsParts {
	readonly createUdp: CreateCarrier;
	readonly counters: Counters;
	readonly round: Round;
	readonly random: RandomNumbers;
	readonly report: Report;
	readonly tapPoint: TapPoint;
}

export class Upstreams {
	readonly #settings: ServerSettings;
	readonly #counters: Counters;
	readonly #round: Round;
	readonly #tapPoint: TapPoint;
	readonly #upstreams: readonly Upstream[];
	readonly #choice: Choice;
	readonly #deadlines: Deadlines<Inquiry>;
	readonly #response = new Response();
	#isClosed = false;

	/** `slots`: where each is counted. */
	constructor(settings: ServerSettings, slots: readonly number[], parts: UpstreamsParts) {
		const { counters, random } = parts;
		this.#settings = settings;
		this.#counters = counters;
		this.#round = parts.round;
		this.#tapPoint = parts.tapPoint;
		this.#deadlines = new Deadlines((inquiry) => this.#timedOut(inquiry));
		const { enabled, exempt } = settings.randomCase;
		const own: UpstreamParts = {
			counters,
			random,
			report: parts.report,
			caseExempt: enabled ? new NamePatterns(exempt) : undefined,
			useCookies: settings.cookies,
		};
		this.#upstreams = settings.servers.map((server, number) => {
			const slot = slots[number] ?? number;
			const events: CarrierEvents = {
				received: (inquiry, message, start, end) => this.#received(inquiry, message, start, end),
				refused: (inquiry) => this.#refused(inquiry),
				mistaken: (inquiry) => this.#distrust(inquiry, "wrongIds"),
				stranger: () => counters.upstreamAdd(slot, "strangers"),
			};
			const stream = new StreamCarrier(server, random, events);
			counters.upstreamUp(slot, true);
			const first = server.transport === "tcp" ? stream : parts.createUdp(server, events);
			return new Upstream(server, { number, slot }, { first, stream }, own);
		});
		this.#choice = new Choice(settings.strategy, this.#upstreams, random);
	}

	/** The inquiry's `waiting` hears how it ended, never before this returns. */
	ask(inquiry: Inquiry): void {
		if (this.#isClosed) queueMicrotask(() => inquiry.waiting.failed(EDE.NETWORK_ERROR));
		else this.#send(inquiry, this.#choice.for(inquiry, this.#round.now));
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
		inquiry.slot = upstream.slot;
		inquiry.attempts++;
		inquiry.tried |= 1 << upstream.number;
		upstream.health.asked(now, this.#settings.timeoutMs);
		this.#counters.upstreamAdd(upstream.slot, "queries");
		inquiry.badCookies = 0;
		inquiry.byStream = inquiry.streamFirst;
		this.#again(inquiry, upstream, inquiry.byStream ? upstream.stream : upstream.first);
	}

	/** Asks it, dressed anew. */
	#again(inquiry: Inquiry, upstream: Upstream, carrier: Carrier): void {
		upstream.dress(inquiry, this.#round.now);
		this.#carry(inquiry, carrier);
	}

	#carry(inquiry: Inquiry, carrier: Carrier): void {
		inquiry.sentAt = this.#round.now;
		inquiry.deadline = inquiry.sentAt + this.#settings.timeoutMs;
		this.#deadlines.add(inquiry);
		carrier.send(inquiry);
		// Whatever could not be taken along has no carrier.
		if (inquiry.carrier === undefined) return;
		const upstream = this.#upstreams[inquiry.upstream];
		this.#tapPoint.tap?.forwarderQuery(inquiry, upstream, carrier === upstream.stream);
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
		const { packet } = inquiry;
		const isExact = repeatsQuestion(message, start, end, packet, inquiry.questionEnd);
		const questionEnd = isExact
			? start + inquiry.questionEnd
			: matchQuestion(message, start, end, packet, inquiry.questionEnd);
		const byStream = inquiry.byStream || upstream.isStreamOnly;
		this.#tapPoint.tap?.forwarderResponse(inquiry, upstream, byStream, message, start, end);
		if (!byStream) {
			const doubt = upstream.doubtQuestion(inquiry, message, start, end, questionEnd, isExact);
			if (doubt !== undefined) {
				this.#distrust(inquiry, doubt);
				return;
			}
		}
		const isWhole = !isTruncated(message, start);
		if (questionEnd >= 0 && !isWhole && !byStream) {
			// Not read: what is cut off need not be whole (RFC 2181, section 9).
			this.#counters.upstreamAdd(upstream.slot, "tcpRetries");
			this.#toStream(inquiry, upstream);
			return;
		}
		// What does not answer the question, or cannot be read, is not an answer: the right one may still come.
		if (questionEnd < 0 || !readResponse(response, message, start, end, questionEnd, inquiry.type)) {
			this.#counters.upstreamAdd(upstream.slot, "strangers");
			return;
		}
		const cookie = upstream.judgeCookie(inquiry, response);
		if (inquiry.cookieAt > 0 && this.#isPutOff(inquiry, upstream, response, cookie, byStream)) return;
		const subnet = upstream.judgeSubnet(inquiry, response);
		const isAnswer = response.rcode === RCODE.NOERROR || response.rcode === RCODE.NXDOMAIN;
		if (!byStream && isAnswer && (subnet === "wrong" || subnet === "missing")) {
			this.#distrust(inquiry, "wrongSubnets");
			return;
		}
		this.#recall(inquiry);
		if (inquiry.isScrambled) settleCase(response, packet, inquiry.nameEnd, inquiry.dnssecOk);
		if (inquiry.doubt !== undefined)
			upstream.confirm(inquiry, response.rcode, cookie, subnet, this.#round.now);
		const took = this.#round.now - inquiry.sentAt;
		upstream.health.answered(took);
		this.#counters.upstreamUp(upstream.slot, true);
		this.#counters.upstreamAdd(upstream.slot, "answers");
		this.#counters.upstreamDuration(upstream.slot, took / 1000);
		// What is missing over TCP will not come by any other way; half an answer must not pass for a whole one, nor an
		// answer meant for somebody else's subnet for ours (RFC 7871, section 7.3).
		if (!isWhole || subnet === "wrong") response.rcode = RCODE.SERVFAIL;
		if (!isUsable(response, this.#counters)) response.rcode = RCODE.SERVFAIL;
		if (response.rcode === RCODE.NOERROR || response.rcode === RCODE.NXDOMAIN) {
			if (inquiry.cookieless === upstream.number) upstream.refusesCookies(this.#round.now);
			inquiry.waiting.answered(response);
			return;
		}
		this.#counters.upstreamAdd(upstream.slot, "serverFailures");
		const next = this.#another(inquiry);
		if (next === undefined) inquiry.waiting.answered(response);
		else this.#send(inquiry, next);
	}

	/** Whether, because of cookies, an answer is none yet: it is doubted, or the question has been asked once more. */
	#isPutOff(
		inquiry: Inquiry,
		upstream: Upstream,
		{ rcode }: Response,
		cookie: CookieVerdict,
		byStream: boolean,
	): boolean {
		if (!byStream && (cookie === "wrong" || cookie === "missing")) {
			this.#distrust(inquiry, "wrongCookies");
			return true;
		}
		if (rcode === RCODE.BADCOOKIE && cookie === "right" && !byStream) {
			// RFC 7873, section 5.3: once more with the cookie that came along, then over TCP.
			this.#counters.upstreamAdd(upstream.slot, "badCookies");
			inquiry.badCookies++;
			if (inquiry.badCookies > 1) {
				this.#toStream(inquiry, upstream);
			} else {
				this.#recall(inquiry);
				this.#again(inquiry, upstream, upstream.first);
			}
			return true;
		}
		if (rcode === RCODE.FORMERR && cookie === "none") {
			// Some servers cannot read what they do not know, against RFC 6891, section 6.1.2.
			inquiry.cookieless = upstream.number;
			this.#recall(inquiry);
			this.#again(inquiry, upstream, byStream ? upstream.stream : upstream.first);
			return true;
		}
		return false;
	}

	/**
	 * Somebody may be guessing ids. UDP is not listened to any more for this question, so that there is no second guess;
	 * over TCP nobody guesses (RFC 5452, section 9.3). Where there is no TCP the wait goes on, as it would have.
	 */
	#distrust(inquiry: Inquiry, doubt: Doubt): void {
		this.#round.join();
		const upstream = this.#upstreams[inquiry.upstream];
		this.#counters.upstreamAdd(upstream.slot, "strangers");
		if (inquiry.byStream || upstream.isStreamOnly) return;
		if ((inquiry.streamless & (1 << upstream.number)) !== 0) return;
		this.#counters.upstreamAdd(upstream.slot, doubt);
		inquiry.doubt = doubt;
		this.#toStream(inquiry, upstream);
	}

	#toStream(inquiry: Inquiry, upstream: Upstream): void {
		this.#recall(inquiry);
		inquiry.byStream = true;
		this.#carry(inquiry, upstream.stream);
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
		if (inquiry.doubt === undefined && !inquiry.streamFirst) {
			upstream.health.failed(this.#round.now);
			this.#counters.upstreamUp(upstream.slot, upstream.health.isUp);
		} else {
			// A forger must not be able to bring an upstream down, or to use up the tries of a question.
			inquiry.attempts--;
			upstream.cannotConfirm(inquiry, this.#round.now);
		}
		inquiry.byStream = false;
		if (inquiry.attempts < this.#settings.attempts) {
			this.#send(inquiry, this.#choice.for(inquiry, this.#round.now));
		} else {
			inquiry.waiting.failed(ede);
		}
	}

	/** One that has not been asked yet, if the question may still be asked. */
	#another(inquiry: Inquiry): Upstream | undefined {
		if (inquiry.attempts >= this.#settings.attempts) return undefined;
		inquiry.byStream = false;
		return this.#choice.isLeft(inquiry) ? this.#choice.for(inquiry, this.#round.now) : undefined;
	}
}
