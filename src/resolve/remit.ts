/** What of all that may be asked is ours to answer, whatever the name: recursion, class IN, no transfers. */
import type { IdentitySettings } from "../config/edns-settings.ts";
import { CLASS, EDE, FLAG, RCODE, TYPE } from "../wire/codes.ts";
import { beginReply, POINTER_TO_QUESTION, putRecord } from "../wire/reply.ts";
import { type Answer, answerRcode, VIA } from "./answer.ts";
import { Identity } from "./identity.ts";
import type { Query } from "./query.ts";

const text = new TextEncoder();
const NO_TRANSFER = text.encode("zones are not transferred from here");
const NOT_INTERNET = text.encode("only class IN is served");
const NOT_A_QUESTION = text.encode("nobody can be asked for this type");
const NOT_RECURSIVE = text.encode("only questions with recursion desired are answered");
/** RFC 8482, section 4.2: CPU "RFC8482", no OS. */
const MINIMAL = Uint8Array.of(7, ...text.encode("RFC8482"), 0);
/** Up to 255 they are meta-types and question types. */
const FIRST_META = 128;
/** Seconds. */
const MINIMAL_TTL = 3600;

export class Remit {
	readonly #identity: Identity;
	/** The flags without which a question is not answered. */
	readonly #needed: number;
	/** The type that gets the minimal answer; -1: none. */
	readonly #minimal: number;

	constructor(settings: {
		readonly identity: IdentitySettings;
		readonly any: "minimal" | "forward";
		readonly nonRecursive: "refuse" | "answer";
	}) {
		this.#identity = new Identity(settings.identity);
		this.#needed = settings.nonRecursive === "refuse" ? FLAG.RD : 0;
		this.#minimal = settings.any === "minimal" ? TYPE.ANY : -1;
	}

	/** @returns whether it answered: who we are, or REFUSED with the reason for those who speak EDNS. */
	check(query: Query, answer: Answer): boolean {
		if (query.class !== CLASS.IN) {
			if (query.class === CLASS.CH && this.#identity.answer(query, answer)) return true;
			return refuse(query, answer, EDE.NOT_SUPPORTED, NOT_INTERNET);
		}
		if (query.type === TYPE.AXFR || query.type === TYPE.IXFR)
			return refuse(query, answer, EDE.NOT_SUPPORTED, NO_TRANSFER);
		if (isMeta(query.type)) {
			answerRcode(answer, query, RCODE.FORMERR, VIA.error);
			answer.ede = EDE.INVALID_QUERY_TYPE;
			answer.edeText = NOT_A_QUESTION;
			return true;
		}
		return false;
	}

	/**
	 * For names that are not answered here with authority, which needs no recursion (RFC 9606, section 3, asks without).
	 *
	 * @returns whether it answered: REFUSED.
	 */
	checkRecursion(query: Query, answer: Answer): boolean {
		// Who does not want us to ask wants to see what others have asked.
		if ((query.flags & this.#needed) !== this.#needed)
			return refuse(query, answer, EDE.NOT_AUTHORITATIVE, NOT_RECURSIVE);
		return false;
	}

	/**
	 * For names that nothing is said against: ANY has one small answer, so that it is worth nobody's while to have it
	 * sent to somebody else (RFC 8482).
	 *
	 * @returns whether it answered.
	 */
	shorten(query: Query, answer: Answer): boolean {
		if (query.type !== this.#minimal) return false;
		beginReply(answer, query, RCODE.NOERROR);
		putRecord(answer, 6, POINTER_TO_QUESTION, TYPE.HINFO, MINIMAL_TTL, MINIMAL);
		answer.via = VIA.local;
		return true;
	}
}

/** Types of which no records exist to be asked for (RFC 6895, section 3.1; RFC 9824, section 3.5); MAILA and MAILB are obsolete. */
function isMeta(type: number): boolean {
	return type === TYPE.OPT || (type >= FIRST_META && type < TYPE.ANY);
}

function refuse(query: Query, answer: Answer, ede: number, reason: Uint8Array): true {
	answerRcode(answer, query, RCODE.REFUSED, VIA.refused);
	answer.ede = ede;
	answer.edeText = reason;
	return true;
}
