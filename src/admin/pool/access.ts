/** Who asks: the token that a request brings. */
import type { IncomingMessage } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { Log } from "../../observe/log.ts";
import type { Actor, PoolDesk } from "../../pool/desk.ts";
import { FailureLimit } from "./failure-limit.ts";
import { Refusal } from "./refusal.ts";

const FAILURES = 10;
const WINDOW_MS = 60_000;
/** What each wrong token costs whoever tries it. */
const PENALTY_MS = 200;

/** RFC 6750, section 2.1. */
const BEARER = /^Bearer +([\x21-\x7e]{1,512})$/i;

export class Access {
	readonly #desk: PoolDesk;
	readonly #log: Log;
	readonly #now: () => number;
	readonly #failures = new FailureLimit(FAILURES, WINDOW_MS);

	constructor(desk: PoolDesk, log: Log, now: () => number) {
		this.#desk = desk;
		this.#log = log;
		this.#now = now;
	}

	/**
	 * Rejects with a Refusal. A good token passes however many bad ones came from its address before: tokens are too long
	 * to be guessed, and behind a proxy one member's stale token would lock out all the others.
	 */
	async admit({ headers, socket }: IncomingMessage): Promise<Actor> {
		const { authorization } = headers;
		if (authorization === undefined) {
			throw new Refusal(401, "this needs a token. Send the header Authorization: Bearer TOKEN", {
				"www-authenticate": 'Bearer realm="cordon"',
			});
		}
		const address = socket.remoteAddress ?? "";
		const token = BEARER.exec(authorization)?.[1];
		const actor = token === undefined ? undefined : this.#desk.authenticate(token, address);
		if (actor !== undefined) return actor;
		const wait = this.#failures.fail(address, this.#now());
		if (wait > 0) {
			throw new Refusal(
				429,
				"this token is not good, and too many like it came from this address within a minute; see that each program has a good one",
				{ "retry-after": String(Math.ceil(wait / 1000)) },
			);
		}
		// The log sums up what repeats, so that nobody fills the disk by trying.
		this.#log.warn("refused a wrong token; when it comes often, see who that address is", { address });
		await delay(PENALTY_MS);
		throw new Refusal(
			401,
			token === undefined
				? "the header Authorization must be: Bearer TOKEN"
				: "nobody has this token: it is mistyped, or its member was revoked. An admin gives out another with cordon member add",
			{ "www-authenticate": 'Bearer realm="cordon", error="invalid_token"' },
		);
	}
}
