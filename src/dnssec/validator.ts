/**
 * Stands between flights and upstreams, and lets only such answers through as hold: signed by zones that lead up to a
 * trust anchor, or shown to be of zones that are not signed. What is cached or blocked never comes by.
 */
import type { DnssecSettings } from "../config/dnssec-settings.ts";
import type { Counters } from "../observe/counters.ts";
import type { Round } from "../sockets/round.ts";
import type { Inquiry } from "../upstream/inquiry.ts";
import type { Report } from "../upstream/upstream.ts";
import { EDE } from "../wire/codes.ts";
import type { Response } from "../wire/response.ts";
import { Anchors } from "./anchors.ts";
import { AnswerJudge, type Verdict } from "./answer.ts";
import { Budget, OverBudget } from "./budget.ts";
import { Errand } from "./errand.ts";
import { HeldAnswer } from "./held-answer.ts";
import { Hints } from "./hints.ts";
import { askAgain, type Outward } from "./lookup.ts";
import { Validation, type Workshop } from "./validation.ts";
import { Verifier } from "./verifier.ts";
import { Zones } from "./zones.ts";

/** Answers that are validated at once; more wait. */
const MOST_AT_ONCE = 256;
/** Bytes of answers that wait or are validated; beyond, an answer fails. */
const MOST_HELD_BYTES = 16 * 1024 * 1024;

export interface ValidatorParts {
	readonly settings: DnssecSettings;
	/** Names that are asked for elsewhere, and not validated unless they have a trust anchor of their own. */
	readonly unasked: readonly string[];
	readonly outward: Outward;
	/** Upstreams that may be asked in turn. */
	readonly upstreams: number;
	/** How long is remembered what does not hold. */
	readonly failureMs: number;
	readonly counters: Counters;
	readonly round: Round;
	readonly report: Report;
	/** Milliseconds since 1970. */
	readonly wallClock: () => number;
}

const COUNTED = {
	secure: "dnssecSecure",
	insecure: "dnssecInsecure",
	bogus: "dnssecBogus",
	unknown: "dnssecIndeterminate",
	exhausted: "dnssecOverBudget",
} as const;

export class Validator implements Outward, Workshop {
	/** May be replaced when the configuration changes. */
	outward: Outward;
	readonly #parts: ValidatorParts;
	readonly #zones: Zones;
	readonly #hints: Hints;
	readonly #waiting: (readonly [Validation, HeldAnswer])[] = [];
	#running = 0;
	#heldBytes = 0;

	constructor(parts: ValidatorParts) {
		const { settings, unasked, counters, round, failureMs } = parts;
		this.#parts = parts;
		this.outward = parts.outward;
		const seconds = () => Math.floor(parts.wallClock() / 1000);
		this.#hints = new Hints(parts.report, seconds);
		this.#zones = new Zones({
			outward: { ask: (inquiry) => this.outward.ask(inquiry) },
			anchors: new Anchors(settings.trustAnchors, settings.negativeTrustAnchors, unasked),
			verifier: new Verifier(seconds, () => counters.add("dnssecSignatures", 1)),
			clock: () => performance.now(),
			join: () => round.join(),
			tries: parts.upstreams > 1 ? 2 : 1,
			failureMs,
			asked: () => counters.add("dnssecLookups", 1),
			anchorFailed: (zone, ede) => this.#hints.anchorFailed(zone, ede),
		});
	}

	/** The inquiry's `waiting` hears how it ended, never before this returns. */
	ask(inquiry: Inquiry): void {
		new Validation(this, inquiry);
		this.outward.ask(inquiry);
	}

	askAgain(inquiry: Inquiry): void {
		this.#parts.round.join();
		askAgain(this.outward, inquiry);
	}

	passed(): void {
		this.#parts.counters.add(COUNTED.unknown, 1);
	}

	take(validation: Validation, response: Response): void {
		const bytes = response.authorityEnd - response.start;
		if (this.#heldBytes + bytes > MOST_HELD_BYTES) {
			this.#parts.counters.add(COUNTED.exhausted, 1);
			validation.failed(EDE.DNSSEC_BOGUS);
			return;
		}
		this.#heldBytes += bytes;
		const held = new HeldAnswer(response);
		if (this.#running < MOST_AT_ONCE) void this.#run(validation, held);
		else this.#waiting.push([validation, held]);
	}

	/** Never rejects. */
	async #run(validation: Validation, held: HeldAnswer): Promise<void> {
		this.#running++;
		const verdict = await this.#judge(held);
		this.#running--;
		this.#heldBytes -= held.bytes;
		const next = this.#waiting.shift();
		if (next !== undefined) void this.#run(...next);
		const { kind, ede } = verdict;
		const isGood = kind === "secure" || kind === "insecure";
		if (!isGood && kind !== "exhausted" && this.#parts.upstreams > 1 && validation.repeat(ede)) return;
		this.#parts.counters.add(COUNTED[kind], 1);
		const response = isGood ? held.release(verdict) : undefined;
		if (response === undefined) validation.failed(ede);
		else validation.give(response, kind === "secure");
	}

	async #judge(held: HeldAnswer): Promise<Verdict> {
		const budget = new Budget();
		try {
			const judged = held.read();
			if (judged === undefined) return nothing("bogus");
			const errand = new Errand(() => performance.now());
			return await new AnswerJudge(this.#zones.sets, errand, budget, judged).judge();
		} catch (error) {
			if (error instanceof OverBudget) return nothing("exhausted");
			// A fault of ours must not leave clients without an answer.
			this.#hints.fault(error);
			return nothing("bogus");
		}
	}
}

function nothing(kind: "bogus" | "exhausted"): Verdict {
	return { kind, ede: EDE.DNSSEC_BOGUS, verified: new Map() };
}
