/** Whether answers of one upstream speak of the subnet that was sent (RFC 7871, section 7.3). */
import { OPTION } from "../wire/codes.ts";
import { findOption, OPTION_HEAD } from "../wire/option.ts";
import type { Response } from "../wire/response.ts";
import { longestPrefix, SUBNET_HEAD } from "../wire/subnet.ts";
import { wordAt } from "../wire/word.ts";

/** So many answers in a row that lack it over TCP too, where nobody forges: it is no longer expected. */
const LAPSES_UNTIL_FORGOTTEN = 3;

/** `missing` counts only from an upstream that has brought a subnet back before. */
export type SubnetVerdict = "right" | "none" | "missing" | "wrong";

export class SubnetEcho {
	#isGiven = false;
	#lapses = 0;

	/** Looks at the answer to a query whose option stands at `sentAt` in `packet`; its scope is set. */
	judge(response: Response, packet: Uint8Array, sentAt: number): SubnetVerdict {
		const { message } = response;
		response.scope = 0;
		const head = findOption(message, response.optionsAt, response.optionsEnd, OPTION.SUBNET);
		const isTailored = packet[sentAt + OPTION_HEAD + 2] > 0;
		if (head < 0) return this.#isGiven && isTailored ? "missing" : "none";
		// Length, family, source prefix length and address have to be those of the query.
		const length = OPTION_HEAD + wordAt(packet, sentAt + 2);
		const scopeAt = OPTION_HEAD + SUBNET_HEAD - 1;
		for (let i = 0; i < length; i++)
			if (i !== scopeAt && message[head + i] !== packet[sentAt + i]) return "wrong";
		const scope = message[head + scopeAt];
		if (scope > longestPrefix(wordAt(packet, sentAt + OPTION_HEAD))) return "wrong";
		response.scope = scope;
		this.#isGiven ||= isTailored;
		return "right";
	}

	/** TCP brought it back. */
	kept(): void {
		this.#lapses = 0;
	}

	/** An answer over TCP lacked it too, after one over UDP had: some do not say it in every answer. */
	lapsed(): void {
		this.#lapses++;
		if (this.#lapses < LAPSES_UNTIL_FORGOTTEN) return;
		this.#lapses = 0;
		this.#isGiven = false;
	}
}
