/**
 * DNS cookies towards one upstream (RFC 7873, section 5.1 to 5.3): ours, which every answer has to bring back, and the
 * upstream's own, which it wants to see again.
 */
import { OPTION } from "../wire/codes.ts";
import { findOption, OPTION_HEAD } from "../wire/option.ts";
import type { Response } from "../wire/response.ts";
import { putWord, wordAt } from "../wire/word.ts";
import type { RandomNumbers } from "./random.ts";

const CLIENT_BYTES = 8;
const LEAST_SERVER_BYTES = 8;
const MOST_SERVER_BYTES = 32;
/** Of the longest cookie, with its head. */
export const COOKIE_BYTES = OPTION_HEAD + CLIENT_BYTES + MOST_SERVER_BYTES;
/** A cookie must not tell for ever who asks (section 7.1). */
const RENEW_MS = 24 * 60 * 60 * 1000;
/** So many answers in a row that lack the cookie over TCP too, where nobody forges: the upstream has stopped. */
const LAPSES_UNTIL_OFF = 3;
const OFF_MS = 24 * 60 * 60 * 1000;

/** What an answer says of our cookie. `missing` counts only from an upstream that has brought one back before. */
export type CookieVerdict = "right" | "none" | "missing" | "wrong";

/** Times in milliseconds on the worker's clock. */
export class ServerCookies {
	readonly #random: RandomNumbers;
	readonly #client = new Uint8Array(CLIENT_BYTES);
	readonly #server = new Uint8Array(MOST_SERVER_BYTES);
	#serverLength = 0;
	#renewAt = Number.NEGATIVE_INFINITY;
	#lapses = 0;
	#offUntil = Number.NEGATIVE_INFINITY;

	constructor(random: RandomNumbers) {
		this.#random = random;
	}

	/** Whether the upstream has given a cookie of its own. */
	get isGiven(): boolean {
		return this.#serverLength > 0;
	}

	isOff(now: number): boolean {
		return now < this.#offUntil;
	}

	/** Writes the option at `at`, where there is room for COOKIE_BYTES; returns where it ends. */
	put(packet: Uint8Array, at: number, now: number): number {
		if (now >= this.#renewAt) this.#renew(now);
		putWord(packet, at, OPTION.COOKIE);
		putWord(packet, at + 2, CLIENT_BYTES + this.#serverLength);
		at += OPTION_HEAD;
		for (let i = 0; i < CLIENT_BYTES; i++) packet[at + i] = this.#client[i];
		at += CLIENT_BYTES;
		for (let i = 0; i < this.#serverLength; i++) packet[at + i] = this.#server[i];
		return at + this.#serverLength;
	}

	#renew(now: number): void {
		for (let i = 0; i < CLIENT_BYTES; i += 2) putWord(this.#client, i, this.#random.word());
		// What the upstream gave was made for the old one.
		this.#serverLength = 0;
		this.#renewAt = now + RENEW_MS;
	}

	/** Looks at the answer to a query whose cookie option stands at `sentAt` in `packet`, and learns the upstream's. */
	judge(response: Response, packet: Uint8Array, sentAt: number): CookieVerdict {
		const { message } = response;
		const head = findOption(message, response.optionsAt, response.optionsEnd, OPTION.COOKIE);
		if (head < 0) return this.isGiven ? "missing" : "none";
		const length = wordAt(message, head + 2);
		const server = length - CLIENT_BYTES;
		// Section 5.3: of another length, or not with our own cookie in front, it is no answer to us.
		if (server < 0 || (server > 0 && server < LEAST_SERVER_BYTES) || server > MOST_SERVER_BYTES)
			return "wrong";
		const at = head + OPTION_HEAD;
		const sent = sentAt + OPTION_HEAD;
		for (let i = 0; i < CLIENT_BYTES; i++) if (message[at + i] !== packet[sent + i]) return "wrong";
		if (server > 0 && this.#isOurs(packet, sent)) this.#learn(message, at + CLIENT_BYTES, server);
		return "right";
	}

	/** The cookie may have been renewed while the question was under way. */
	#isOurs(packet: Uint8Array, at: number): boolean {
		for (let i = 0; i < CLIENT_BYTES; i++) if (packet[at + i] !== this.#client[i]) return false;
		return true;
	}

	#learn(message: Uint8Array, at: number, length: number): void {
		for (let i = 0; i < length; i++) this.#server[i] = message[at + i];
		this.#serverLength = length;
	}

	/** TCP brought the cookie back. */
	kept(): void {
		this.#lapses = 0;
	}

	/**
	 * An answer over TCP did not bring it back either, after one over UDP had not.
	 *
	 * @returns whether that makes the upstream one without cookies just now.
	 */
	lapsed(now: number): boolean {
		this.#lapses++;
		return this.#lapses >= LAPSES_UNTIL_OFF && this.switchOff(now);
	}

	/** It does not get along with cookies; returns whether that is new. */
	switchOff(now: number): boolean {
		if (this.isOff(now)) return false;
		this.#lapses = 0;
		this.#serverLength = 0;
		this.#offUntil = now + OFF_MS;
		return true;
	}
}
