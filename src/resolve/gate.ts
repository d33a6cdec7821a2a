/** Who may ask. */
import type { AccessSettings } from "../config/access-settings.ts";
import { EDE, RCODE } from "../wire/codes.ts";
import { AddressRanges } from "./address-ranges.ts";
import { type Answer, answerRcode, VIA } from "./answer.ts";
import type { Query } from "./query.ts";

const NOT_ALLOWED = new TextEncoder().encode("this resolver does not serve your network");

export class Gate {
	readonly #allowed: AddressRanges;

	constructor(access: AccessSettings) {
		this.#allowed = new AddressRanges(access.allow);
	}

	/** @returns whether it answered the query itself: REFUSED, with the reason for those who speak EDNS. */
	check(query: Query, answer: Answer): boolean {
		if (this.#allowed.has(query.addressBytes, query.addressAt, query.addressLength)) return false;
		answerRcode(answer, query, RCODE.REFUSED, VIA.refused);
		answer.ede = EDE.PROHIBITED;
		answer.edeText = NOT_ALLOWED;
		return true;
	}
}
