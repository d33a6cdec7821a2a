/** What the client of a blocked name gets. */
import type { BlockedAnswer } from "../config/blocking-settings.ts";
import { BLOCK_ACTIONS, type BlockAction } from "../observe/counters.ts";
import { RCODE, TYPE } from "../wire/codes.ts";
import { nameFromText } from "../wire/name.ts";
import { UDP } from "../wire/query.ts";
import { beginReply, POINTER_TO_QUESTION, putRecord } from "../wire/reply.ts";
import type { Answer } from "./answer.ts";
import type { Asker } from "./query.ts";

const ZERO_IPV4 = new Uint8Array(4);
const ZERO_IPV6 = new Uint8Array(16);

export const ACTION = Object.fromEntries(BLOCK_ACTIONS.map((action, i) => [action, i])) as Readonly<
	Record<BlockAction, number>
>;

/**
 * The SOA of our negative answers: it says how long they may be kept (RFC 2308, section 5). Its names lead nowhere.
 *
 * @param ttl seconds.
 * @param server the zone's first name server.
 */
export function soaData(ttl: number, server = "cordon.invalid"): Uint8Array {
	const primary = nameFromText(server) ?? new Uint8Array(1);
	const mailbox = nameFromText("nobody.invalid") ?? new Uint8Array(1);
	const numbers = new DataView(new ArrayBuffer(20));
	for (const [i, value] of [1, 3600, 600, 86_400, ttl].entries()) numbers.setUint32(i * 4, value);
	return Uint8Array.from([...primary, ...mailbox, ...new Uint8Array(numbers.buffer)]);
}

/** One way of answering blocked names, with everything ready to be copied. */
export class Sinkhole {
	/** Index into BLOCK_ACTIONS. */
	readonly action: number;
	readonly #kind: BlockedAnswer["kind"] | "tcp-only";
	readonly #ipv4: Uint8Array | undefined;
	readonly #ipv6: Uint8Array | undefined;
	readonly #ttl: number;
	readonly #soa: Uint8Array;

	/** `ttl`: seconds. */
	constructor(answer: BlockedAnswer | { readonly kind: "tcp-only" }, ttl: number) {
		this.#kind = answer.kind;
		this.action = ACTION[answer.kind];
		this.#ttl = ttl;
		this.#soa = soaData(ttl);
		if (answer.kind === "zero-ip") {
			this.#ipv4 = ZERO_IPV4;
			this.#ipv6 = ZERO_IPV6;
		} else if (answer.kind === "custom") {
			this.#ipv4 = answer.ipv4;
			this.#ipv6 = answer.ipv6;
		}
	}

	/** @returns whether it answered: `tcp-only` has nothing against a question over TCP. */
	write(answer: Answer, asker: Asker): boolean {
		answer.action = this.action;
		switch (this.#kind) {
			case "drop":
				answer.drop();
				return true;
			case "refused":
				beginReply(answer, asker, RCODE.REFUSED);
				return true;
			case "tcp-only":
				if (asker.transport !== UDP) return false;
				beginReply(answer, asker, RCODE.NOERROR);
				answer.truncated = true;
				return true;
			case "nxdomain":
				beginReply(answer, asker, RCODE.NXDOMAIN);
				break;
			default: {
				beginReply(answer, asker, RCODE.NOERROR);
				const address =
					asker.type === TYPE.A ? this.#ipv4 : asker.type === TYPE.AAAA ? this.#ipv6 : undefined;
				if (address === undefined) break;
				putRecord(answer, 6, POINTER_TO_QUESTION, asker.type, this.#ttl, address);
				return true;
			}
		}
		putRecord(answer, 8, POINTER_TO_QUESTION, TYPE.SOA, this.#ttl, this.#soa);
		return true;
	}
}
