/** Cookies: clients that have shown that answers reach them (RFC 7873), in the form that all servers share (RFC 9018). */
import { OPTION } from "../wire/codes.ts";
import { echoOption } from "../wire/reply-options.ts";
import { SIPHASH_BYTES, SipHash } from "../wire/siphash.ts";
import { putLong } from "../wire/word.ts";
import type { Query } from "./query.ts";

/** What the cookie of a query is worth. */
export const COOKIE = {
	/** It has none, or cookies are off. */
	NONE: 0,
	/** The client's part alone: it does not know ours yet. */
	CLIENT: 1,
	/** Ours, made for this client and this address: its sender gets our answers. */
	VALID: 2,
	/** It came with a server's part that is not ours, too old, or made for somebody else. */
	BAD: 3,
} as const;

const CLIENT_BYTES = 8;
/** RFC 7873, section 4: a server's part, whoever made it. */
const SHORTEST_WHOLE = CLIENT_BYTES + 8;
const LONGEST_WHOLE = CLIENT_BYTES + 32;
/** RFC 9018, section 4: version, three reserved bytes, timestamp, hash. */
const VERSION = 1;
const TIME_AT = CLIENT_BYTES + 4;
const WHOLE_BYTES = TIME_AT + 4 + SIPHASH_BYTES;
/** In what is hashed, the address stands where the cookie has its hash. */
const ADDRESS_AT = TIME_AT + 4;
/** RFC 9018, section 4.3, in seconds. */
const MOST_AGE = 3600;
const MOST_AHEAD = 300;
const RENEWAL_AGE = 1800;

export interface CookieSecrets {
	/** 16 bytes. */
	readonly current: Uint8Array;
	/** Cookies made with this one are good still. */
	readonly previous: Uint8Array | undefined;
}

export class Cookies {
	readonly #current: SipHash;
	readonly #previous: SipHash | undefined;
	/** Milliseconds since 1970. */
	readonly #clock: () => number;
	/** What is hashed: client's cookie, version and so on, address. */
	readonly #input = new Uint8Array(ADDRESS_AT + 16);
	readonly #hash = new Uint8Array(SIPHASH_BYTES);

	constructor({ current, previous }: CookieSecrets, clock: () => number = Date.now) {
		this.#current = new SipHash(current);
		this.#previous = previous === undefined ? undefined : new SipHash(previous);
		this.#clock = clock;
	}

	/**
	 * Judges the cookie of a query that has one, and puts the one for its answer into `query.echo`.
	 *
	 * @returns false when its length is none that a cookie can have; that is a FORMERR (RFC 7873, section 5.2.2).
	 */
	take(query: Query): boolean {
		const { message, cookieAt, cookieLength, addressBytes, addressAt, addressLength } = query;
		if (cookieLength !== CLIENT_BYTES && (cookieLength < SHORTEST_WHOLE || cookieLength > LONGEST_WHOLE))
			return false;
		const input = this.#input;
		for (let i = 0; i < CLIENT_BYTES; i++) input[i] = message[cookieAt + i];
		for (let i = 0; i < addressLength; i++) input[ADDRESS_AT + i] = addressBytes[addressAt + i];
		const length = ADDRESS_AT + addressLength;
		const now = Math.floor(this.#clock() / 1000);
		const isWhole = cookieLength === WHOLE_BYTES && this.#isTimely(query, now);
		let isKept = false;
		if (isWhole && this.#fits(this.#current, length, message, cookieAt + ADDRESS_AT)) {
			query.cookieState = COOKIE.VALID;
			// RFC 9018, section 4.2: what we make has zeros in its reserved bytes.
			isKept = this.#age(now) <= RENEWAL_AGE && (input[9] | input[10] | input[11]) === 0;
		} else if (
			isWhole &&
			this.#previous !== undefined &&
			this.#fits(this.#previous, length, message, cookieAt + ADDRESS_AT)
		) {
			query.cookieState = COOKIE.VALID;
		} else {
			query.cookieState = cookieLength === CLIENT_BYTES ? COOKIE.CLIENT : COOKIE.BAD;
		}
		if (!isKept) this.#renew(now, length);
		this.#echo(query);
		return true;
	}

	/** Takes over the head of the cookie: is it of our version, and of our time? */
	#isTimely({ message, cookieAt }: Query, now: number): boolean {
		const input = this.#input;
		for (let i = CLIENT_BYTES; i < ADDRESS_AT; i++) input[i] = message[cookieAt + i];
		if (input[CLIENT_BYTES] !== VERSION) return false;
		const age = this.#age(now);
		return age <= MOST_AGE && age >= -MOST_AHEAD;
	}

	/** Seconds since the cookie was made, in the arithmetic of RFC 1982: its numbers go round in 136 years. */
	#age(now: number): number {
		const input = this.#input;
		const made = (input[12] << 24) | (input[13] << 16) | (input[14] << 8) | input[15];
		return ((now | 0) - made) | 0;
	}

	/** Takes as long for a hash that is wrong at its first byte as for one that is right. */
	#fits(secret: SipHash, length: number, message: Uint8Array, at: number): boolean {
		const hash = this.#hash;
		secret.digest(this.#input, length, hash, 0);
		let difference = 0;
		for (let i = 0; i < SIPHASH_BYTES; i++) difference |= hash[i] ^ message[at + i];
		return difference === 0;
	}

	/** A head and a hash of now. */
	#renew(now: number, length: number): void {
		const input = this.#input;
		input[CLIENT_BYTES] = VERSION;
		for (let i = CLIENT_BYTES + 1; i < TIME_AT; i++) input[i] = 0;
		putLong(input, TIME_AT, now);
		this.#current.digest(input, length, this.#hash, 0);
	}

	#echo(query: Query): void {
		const at = echoOption(query, OPTION.COOKIE, WHOLE_BYTES);
		const { echo } = query;
		for (let i = 0; i < ADDRESS_AT; i++) echo[at + i] = this.#input[i];
		for (let i = 0; i < SIPHASH_BYTES; i++) echo[at + ADDRESS_AT + i] = this.#hash[i];
	}
}
