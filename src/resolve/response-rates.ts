/**
 * Response rate limiting: how many answers of one kind go to one network over UDP, where the asker's address may be a
 * victim's. Answers with records are told apart by name and type; errors and NXDOMAIN are not, for an attacker has as
 * many names as it likes.
 */
import type { ResponseRateLimitSettings } from "../config/access-settings.ts";
import type { Counters } from "../observe/counters.ts";
import { EDE, HEADER_BYTES, RCODE } from "../wire/codes.ts";
import { wordAt } from "../wire/word.ts";
import { AddressRanges } from "./address-ranges.ts";
import { type Answer, VIA } from "./answer.ts";
import { LIMIT, LIMIT_ACTION } from "./limit-names.ts";
import { LimitedNetworks } from "./limited-networks.ts";
import type { Asker } from "./query.ts";
import type { RateTable } from "./rate-table.ts";

const ALL = 1;
const NXDOMAIN = 2;
const ERROR = 3;
/** The kinds above, and room for more; whatever else is counted is a hash of name and type. */
const FIRST_HASH = 16;
const POSITIVE = 0x8000_0000;
const SECOND_MS = 1000;

export class ResponseRates {
	readonly limited: LimitedNetworks;
	readonly #table: RateTable;
	readonly #counters: Counters;
	readonly #settings: ResponseRateLimitSettings;
	readonly #exempt: AddressRanges;
	readonly #seed: number;
	#limitedAnswers = 0;

	constructor(settings: ResponseRateLimitSettings, table: RateTable, counters: Counters, seed: number) {
		this.#settings = settings;
		this.#table = table;
		this.#counters = counters;
		this.#seed = seed;
		this.#exempt = new AddressRanges(settings.exempt);
		this.limited = new LimitedNetworks(table);
	}

	/** Lets the answer go out as it is, truncates it, or drops it. It is for an asker over UDP, and has been written. */
	check(asker: Asker, answer: Answer, now: number): void {
		const { allPerSecond, ipv4Prefix, ipv6Prefix } = this.#settings;
		const { addressBytes, addressAt, addressLength } = asker;
		if (this.#exempt.has(addressBytes, addressAt, addressLength)) return;
		this.#table.aim(addressBytes, addressAt, addressLength, addressLength === 4 ? ipv4Prefix : ipv6Prefix);
		if (allPerSecond > 0 && !this.#take(ALL, allPerSecond, now)) {
			this.#limit(answer);
			return;
		}
		const { rcode } = answer;
		const hasRecords = answer.truncated || wordAt(answer.bytes, answer.start + 6) > 0;
		const { responsesPerSecond, nodataPerSecond, nxdomainsPerSecond, errorsPerSecond } = this.#settings;
		let rate = errorsPerSecond;
		let kind = ERROR;
		if (rcode === RCODE.NXDOMAIN) {
			rate = nxdomainsPerSecond;
			kind = NXDOMAIN;
		} else if (rcode === RCODE.NOERROR) {
			rate = hasRecords ? responsesPerSecond : nodataPerSecond;
			if (rate > 0) kind = kindOf(this.#hashOf(asker), hasRecords);
		}
		if (rate > 0 && !this.#take(kind, rate, now)) this.#limit(answer);
	}

	#take(kind: number, perSecond: number, now: number): boolean {
		return this.#table.take(kind, now, SECOND_MS / perSecond, SECOND_MS, this.#settings.windowMs);
	}

	#limit(answer: Answer): void {
		const { slip, logOnly } = this.#settings;
		const counters = this.#counters;
		this.limited.note();
		if (logOnly) {
			counters.limited(LIMIT.response, LIMIT_ACTION.logged);
			return;
		}
		const isError = answer.rcode !== RCODE.NOERROR && answer.rcode !== RCODE.NXDOMAIN;
		answer.via = VIA.limited;
		answer.limitedBy = LIMIT.response;
		if (slip === 0 || ++this.#limitedAnswers % slip !== 0) {
			answer.drop();
			counters.limited(LIMIT.response, LIMIT_ACTION.dropped);
		} else if (isError) {
			// As small as it would be truncated, and no reason to come again over TCP.
			counters.limited(LIMIT.response, LIMIT_ACTION.sent);
		} else {
			answer.truncated = true;
			answer.ede = EDE.NONE;
			counters.limited(LIMIT.response, LIMIT_ACTION.truncated);
		}
	}

	/** Of name and type, whatever the case of the name. */
	#hashOf(asker: Asker): number {
		const { message, questionEnd } = asker;
		let hash = this.#seed | 0;
		for (let i = asker.start + HEADER_BYTES; i < questionEnd - 2; i++) {
			const byte = message[i];
			hash = Math.imul(hash ^ (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte), 0x0100_0193);
		}
		hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b_3c6d);
		return hash ^ (hash >>> 13);
	}
}

function kindOf(hash: number, hasRecords: boolean): number {
	return hasRecords ? (hash | POSITIVE) >>> 0 : FIRST_HASH + (hash & 0x3fff_ffff);
}
