/** A bucket of questions for each client: how often one may ask. */
import type { RateLimitSettings } from "../config/access-settings.ts";
import type { Counters } from "../observe/counters.ts";
import { EDE, RCODE } from "../wire/codes.ts";
import { UDP } from "../wire/query.ts";
import { AddressRanges } from "./address-ranges.ts";
import { type Answer, answerRcode, VIA } from "./answer.ts";
import { LIMIT, LIMIT_ACTION } from "./limit-names.ts";
import { LimitedNetworks } from "./limited-networks.ts";
import type { Query } from "./query.ts";
import type { RateTable } from "./rate-table.ts";

const TOO_OFTEN = new TextEncoder().encode("you ask more often than this resolver lets one client ask");
/** The table holds nothing but clients. */
const CLIENT = 1;

export class ClientRates {
	readonly limited: LimitedNetworks;
	readonly #table: RateTable;
	readonly #counters: Counters;
	readonly #settings: RateLimitSettings;
	readonly #exempt: AddressRanges;
	readonly #interval: number;
	readonly #depth: number;

	constructor(settings: RateLimitSettings, table: RateTable, counters: Counters) {
		this.#settings = settings;
		this.#table = table;
		this.#counters = counters;
		this.#exempt = new AddressRanges(settings.exempt);
		this.#interval = 1000 / settings.queriesPerSecond;
		this.#depth = this.#interval * settings.burst;
		this.limited = new LimitedNetworks(table);
	}

	/** @returns whether it answered the query itself, because its client asks too often. */
	check(query: Query, answer: Answer, now: number): boolean {
		const { action, ipv4Prefix, ipv6Prefix, logOnly } = this.#settings;
		// Who came over TCP has done what `truncate` asks for.
		if (action === "truncate" && query.transport !== UDP) return false;
		const { addressBytes, addressAt, addressLength } = query;
		if (this.#exempt.has(addressBytes, addressAt, addressLength)) return false;
		const table = this.#table;
		table.aim(addressBytes, addressAt, addressLength, addressLength === 4 ? ipv4Prefix : ipv6Prefix);
		if (table.take(CLIENT, now, this.#interval, this.#depth, 0)) return false;
		this.limited.note();
		if (logOnly) {
			this.#counters.limited(LIMIT.client, LIMIT_ACTION.logged);
			return false;
		}
		answer.limitedBy = LIMIT.client;
		if (action === "refuse") {
			answerRcode(answer, query, RCODE.REFUSED, VIA.limited);
			answer.ede = EDE.OTHER;
			answer.edeText = TOO_OFTEN;
			this.#counters.limited(LIMIT.client, LIMIT_ACTION.refused);
		} else if (action === "truncate") {
			answerRcode(answer, query, RCODE.NOERROR, VIA.limited);
			answer.truncated = true;
			this.#counters.limited(LIMIT.client, LIMIT_ACTION.truncated);
		} else {
			answer.via = VIA.limited;
			answer.drop();
			this.#counters.limited(LIMIT.client, LIMIT_ACTION.dropped);
		}
		return true;
	}
}
