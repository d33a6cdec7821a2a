/** One upstream: the ways to it, what is known of it, and whether its replies are to be believed. */
import type { UpstreamServer } from "../config/upstream-settings.ts";
import type { Counters } from "../observe/counters.ts";
import { addressBytes } from "../sockets/address.ts";
import { HEADER_BYTES } from "../wire/codes.ts";
import { isResponse } from "../wire/match.ts";
import type { NamePatterns } from "../wire/name-patterns.ts";
import type { Response } from "../wire/response.ts";
import type { Carrier } from "./carrier.ts";
import { Health } from "./health.ts";
import type { Doubt, Inquiry } from "./inquiry.ts";
import type { RandomNumbers } from "./random.ts";
import { CaseKeeping, scramble, unscramble } from "./random-case.ts";
import { type CookieVerdict, ServerCookies } from "./server-cookies.ts";
import { SubnetEcho, type SubnetVerdict } from "./subnet-echo.ts";

/** What the operator should know. */
export type Report = (message: string, fields: Readonly<Record<string, unknown>>) => void;

export interface UpstreamParts {
	readonly counters: Counters;
	readonly random: RandomNumbers;
	readonly report: Report;
	/** Undefined when no name goes out in random case. */
	readonly caseExempt: NamePatterns | undefined;
	readonly useCookies: boolean;
}

export class Upstream {
	/** Its place in the configuration. */
	readonly number: number;
	/** Where it is counted. */
	readonly slot: number;
	/** Where it answers: 4 or 16 bytes, and a port. */
	readonly address: Uint8Array;
	readonly port: number;
	readonly health = new Health();
	readonly first: Carrier;
	/** For answers too large for UDP, or doubtful. */
	readonly stream: Carrier;
	readonly #name: string;
	readonly #parts: UpstreamParts;
	readonly #caseKeeping = new CaseKeeping();
	readonly #cookies: ServerCookies | undefined;
	readonly #subnetEcho = new SubnetEcho();

	constructor(
		server: UpstreamServer,
		numbers: { readonly number: number; readonly slot: number },
		carriers: { readonly first: Carrier; readonly stream: Carrier },
		parts: UpstreamParts,
	) {
		this.number = numbers.number;
		this.slot = numbers.slot;
		this.address = addressBytes(server.address);
		this.port = server.port;
		this.first = carriers.first;
		this.stream = carriers.stream;
		this.#name = server.name;
		this.#parts = parts;
		this.#cookies = parts.useCookies ? new ServerCookies(parts.random) : undefined;
	}

	/** Whether it is never asked over UDP. */
	get isStreamOnly(): boolean {
		return this.first === this.stream;
	}

	/** What makes the present try hard to forge: a case of its own for the name, and our cookie. */
	dress(inquiry: Inquiry, now: number): void {
		const { caseExempt, random } = this.#parts;
		const { packet, nameEnd } = inquiry;
		if (inquiry.isScrambled) unscramble(packet, HEADER_BYTES, nameEnd);
		inquiry.isScrambled =
			caseExempt !== undefined &&
			!this.isStreamOnly &&
			!this.#caseKeeping.isExempt(now) &&
			!caseExempt.has(packet, HEADER_BYTES, nameEnd);
		if (inquiry.isScrambled) scramble(packet, HEADER_BYTES, nameEnd, random);
		let end = inquiry.optionsAt;
		inquiry.cookieAt = 0;
		if (this.#cookies !== undefined && inquiry.cookieless !== this.number && !this.#cookies.isOff(now)) {
			inquiry.cookieAt = end;
			end = this.#cookies.put(packet, end, now);
		}
		inquiry.endOptions(end);
	}

	/** What is wrong with a reply over UDP that has the right id, as far as its question tells. */
	doubtQuestion(
		inquiry: Inquiry,
		message: Uint8Array,
		start: number,
		end: number,
		questionEnd: number,
		isExact: boolean,
	): Doubt | undefined {
		if (isExact) {
			if (inquiry.isScrambled) this.#caseKeeping.kept();
			return undefined;
		}
		// What is no response at all ends no wait.
		if (questionEnd < 0) return isResponse(message, start, end) ? "wrongQuestions" : undefined;
		if (!inquiry.isScrambled) return undefined;
		inquiry.doubtedRcode = message[start + 3] & 15;
		return "wrongCases";
	}

	/** What the answer says of the cookie that the question took along. */
	judgeCookie(inquiry: Inquiry, response: Response): CookieVerdict {
		if (this.#cookies === undefined || inquiry.cookieAt === 0) return "none";
		return this.#cookies.judge(response, inquiry.packet, inquiry.cookieAt);
	}

	/** What the answer says of the subnet that the question took along; 0 for everybody is noted where it took none. */
	judgeSubnet(inquiry: Inquiry, response: Response): SubnetVerdict {
		response.scope = 0;
		if (inquiry.subnetAt === 0) return "none";
		return this.#subnetEcho.judge(response, inquiry.packet, inquiry.subnetAt);
	}

	/** TCP has answered a question that UDP was not trusted with: what that tells of the upstream. */
	confirm(inquiry: Inquiry, rcode: number, cookie: CookieVerdict, subnet: SubnetVerdict, now: number): void {
		if (inquiry.doubt === "wrongCases" && inquiry.doubtedRcode === (rcode & 15)) this.#lostCase(now);
		if (inquiry.doubt === "wrongCookies") {
			if (cookie === "right") this.#cookies?.kept();
			else this.#lostCookie(now);
		}
		if (inquiry.doubt === "wrongSubnets") {
			if (subnet === "right") this.#subnetEcho.kept();
			else this.#subnetEcho.lapsed();
		}
		inquiry.doubt = undefined;
	}

	/** TCP could not be had for such a question. */
	cannotConfirm(inquiry: Inquiry, now: number): void {
		if (inquiry.doubt === "wrongCases") this.#lostCase(now);
		if (inquiry.doubt === "wrongCookies") this.#lostCookie(now);
		if (inquiry.doubt === "wrongSubnets") this.#subnetEcho.lapsed();
		inquiry.doubt = undefined;
		inquiry.streamFirst = false;
		inquiry.streamless |= 1 << this.number;
	}

	/** Without a cookie it answers what it could not read with one. */
	refusesCookies(now: number): void {
		if (this.#cookies?.switchOff(now)) {
			this.#parts.report("an upstream does not understand DNS cookies; it is asked without for a day", {
				upstream: this.#name,
			});
		}
	}

	#lostCase(now: number): void {
		if (!this.#caseKeeping.lost(now)) return;
		this.#parts.counters.upstreamAdd(this.slot, "caseExemptions");
		this.#parts.report(
			"an upstream does not keep the case of questions; it is asked without random case for a day",
			{ upstream: this.#name },
		);
	}

	#lostCookie(now: number): void {
		if (!this.#cookies?.lapsed(now)) return;
		this.#parts.report("an upstream no longer brings DNS cookies back; it is asked without for a day", {
			upstream: this.#name,
		});
	}
}
