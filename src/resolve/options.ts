/** What the options of a query ask of us, and get whatever its answer will be: cookies, and the server's id. */
import { randomBytes } from "node:crypto";
import type { CookieSettings, IdentitySettings } from "../config/edns-settings.ts";
import type { Counters, WorkerNumber } from "../observe/counters.ts";
import { OPTION, RCODE } from "../wire/codes.ts";
import { COOKIE_ONLY, UDP } from "../wire/query.ts";
import { SENT } from "../wire/query-options.ts";
import { echoOption } from "../wire/reply-options.ts";
import { SIPHASH_KEY_BYTES } from "../wire/siphash.ts";
import { isQuerySubnet, SUBNET_HEAD } from "../wire/subnet.ts";
import { type Answer, answerRcode, VIA } from "./answer.ts";
import { COOKIE, Cookies } from "./cookies.ts";
import type { Query } from "./query.ts";

/** Where each state of a cookie is counted. */
const COUNTED: Readonly<Record<number, WorkerNumber>> = {
	[COOKIE.CLIENT]: "cookiesClient",
	[COOKIE.VALID]: "cookiesValid",
	[COOKIE.BAD]: "cookiesBad",
};

export class Options {
	readonly #cookies: Cookies | undefined;
	readonly #isCookieRequired: boolean;
	readonly #nsid: Uint8Array | undefined;
	readonly #counters: Counters;
	readonly #returnSubnets: boolean;

	/** `returnSubnets`: whether a client's subnet means something here. Without secrets from elsewhere cookies are good for this worker alone. */
	constructor(
		settings: { readonly cookies: CookieSettings; readonly identity: IdentitySettings },
		counters: Counters,
		returnSubnets = false,
	) {
		this.#returnSubnets = returnSubnets;
		const { cookies, identity } = settings;
		const secrets = cookies.secrets ?? { current: randomBytes(SIPHASH_KEY_BYTES), previous: undefined };
		this.#cookies = cookies.enabled ? new Cookies(secrets) : undefined;
		this.#isCookieRequired = cookies.required;
		this.#nsid = identity.nsid;
		this.#counters = counters;
	}

	/**
	 * For queries that have sent options that mean something.
	 *
	 * @param fault what `readQuery` returned.
	 * @returns the fault that stands now.
	 */
	take(query: Query, fault: number): number {
		query.scopeEchoAt = 0;
		if (fault === RCODE.FORMERR) return fault;
		if ((query.sent & SENT.SUBNET) !== 0 && !this.#takeSubnet(query)) {
			return fault === RCODE.NOTIMP ? fault : RCODE.FORMERR;
		}
		if ((query.sent & SENT.COOKIE) !== 0) {
			// RFC 9619 stands again where there are no cookies to be fetched.
			if (this.#cookies === undefined) {
				if (fault === COOKIE_ONLY) return RCODE.FORMERR;
			} else if (this.#cookies.take(query)) {
				this.#counters.add(COUNTED[query.cookieState], 1);
			} else {
				this.#counters.add("cookiesMalformed", 1);
				return fault === RCODE.NOTIMP ? fault : RCODE.FORMERR;
			}
		}
		const nsid = this.#nsid;
		if (nsid !== undefined && (query.sent & SENT.NSID) !== 0) {
			const at = echoOption(query, OPTION.NSID, nsid.length);
			for (let i = 0; i < nsid.length; i++) query.echo[at + i] = nsid[i];
		}
		return fault;
	}

	/** Whether the subnet is in order, as it has to be even where it means nothing; where it does it goes back. */
	#takeSubnet(query: Query): boolean {
		const { message, subnetAt, subnetLength } = query;
		if (!isQuerySubnet(message, subnetAt, subnetLength)) return false;
		if (this.#returnSubnets) {
			const at = echoOption(query, OPTION.SUBNET, subnetLength);
			for (let i = 0; i < subnetLength; i++) query.echo[at + i] = message[subnetAt + i];
			query.scopeEchoAt = at + SUBNET_HEAD - 1;
		}
		return true;
	}

	/**
	 * For queries that have sent options and may ask: where a cookie of ours is required, who speaks cookies and has none
	 * is told to come back with the one that goes along (RFC 7873, section 5.2.3). TCP shows as much as a cookie does.
	 *
	 * @returns whether it answered.
	 */
	check(query: Query, answer: Answer): boolean {
		if (!this.#isCookieRequired || query.transport !== UDP) return false;
		if (query.cookieState === COOKIE.NONE || query.cookieState === COOKIE.VALID) return false;
		answerRcode(answer, query, RCODE.BADCOOKIE, VIA.error);
		return true;
	}

	/** Answers a query that has a cookie and no question (RFC 7873, section 5.4). */
	answerCookie(query: Query, answer: Answer): void {
		answerRcode(answer, query, query.cookieState === COOKIE.BAD ? RCODE.BADCOOKIE : RCODE.NOERROR, VIA.local);
	}
}
