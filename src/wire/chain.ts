/**
 * Which records of a response answer its question: the aliases that lead from the name asked for to where the answer
 * is, the records of the type asked for there, and what proves or denies them. Whatever else an upstream sends is
 * nobody's business to believe (RFC 5452, section 6; CVE-2021-25220, CVE-2025-11411, CVE-2025-40778).
 */
import { CLASS, HEADER_BYTES, RCODE, TYPE } from "./codes.ts";
import { checkName } from "./name.ts";
import { dataEndAt, namesBegin, namesIn } from "./rdata-names.ts";
import type { Response } from "./response.ts";
import { isWithin, sameName } from "./same-name.ts";
import { wordAt } from "./word.ts";

/** As many as others follow. */
const MOST_ALIASES = 11;
/** Records, with their signatures, that one name may have of one type (CVE-2024-1737). */
const MOST_IN_SET = 256;
/** Beyond as many in the answer section, those that answer are not searched for among them. */
const MOST_SEARCHED = 600;

/**
 * Why an answer cannot be used: its aliases go in circles, are too many, one name has several, a record is of another
 * class than the question, or there are more records than any honest answer has.
 */
export type ChainFault = "loop" | "long" | "aliases" | "class" | "large";

/** Offsets of the names passed on the way. */
const passed = new Int32Array(MOST_ALIASES + 1);

/**
 * Selects the records of a response that was read, an answer or a denial.
 *
 * @returns undefined, or why no answer can be made out.
 */
export function followChain(response: Response): ChainFault | undefined {
	response.keptCount = 0;
	let end = response.start + HEADER_BYTES;
	if (response.isDirect) {
		if (response.answers > MOST_IN_SET) return "large";
		for (let i = 0; i < response.answers; i++) if (!isRepeated(response, 0, i)) keep(response, i);
		if (response.type === TYPE.CNAME && response.keptCount > 1) return "aliases";
	} else {
		if (response.answers > MOST_SEARCHED) return "large";
		for (let i = 0; i < response.answers; i++)
			if (wordAt(response.message, response.recordAt(i) + 2) !== CLASS.IN) return "class";
		const { type } = response;
		let links = 0;
		if (type !== TYPE.CNAME && type !== TYPE.ANY) {
			for (let to = end; ; ) {
				const next = followAlias(response, to);
				if (typeof next !== "number") return next;
				end = to;
				if (next < 0) break;
				passed[links++] = to;
				if (links > MOST_ALIASES) return "long";
				for (let i = 0; i < links; i++)
					if (sameName(response.message, response.start, passed[i], next)) return "loop";
				to = next;
			}
		} else {
			keepRedirection(response, end);
		}
		const fault = keepSet(response, end, type);
		if (fault !== undefined) return fault;
	}
	response.keptAnswers = response.keptCount;
	if (response.authorities > 0) keepAuthority(response, end);
	return undefined;
}

/**
 * Keeps the alias of the name at `name`, and the DNAME that it comes from.
 *
 * @returns where its target stands, or -1 when the name is no alias.
 */
function followAlias(response: Response, name: number): number | ChainFault {
	const { message, start, answers } = response;
	let alias = -1;
	for (let i = 0; i < answers; i++) {
		const at = response.recordAt(i);
		if (wordAt(message, at) !== TYPE.CNAME || !sameName(message, start, response.ownerAt(i), name)) continue;
		if (alias < 0) alias = i;
		// A name has one alias at most (RFC 1034, section 3.6.2).
		else if (!sameData(response, response.recordAt(alias), at)) return "aliases";
	}
	keepRedirection(response, name);
	for (let i = 0; i < answers; i++)
		if (i === alias || (alias >= 0 && isSignature(response, i, name, TYPE.CNAME))) keep(response, i);
	return alias < 0 ? -1 : response.recordAt(alias) + 10;
}

/** Keeps the DNAME that the alias of a name comes from: without it nobody could validate that (RFC 6672, section 5.3.1). */
function keepRedirection(response: Response, name: number): void {
	const { message, start, answers } = response;
	for (let i = 0; i < answers; i++) {
		if (wordAt(message, response.recordAt(i)) !== TYPE.DNAME) continue;
		// RFC 6672, section 2.3: it redirects what is below it, never itself.
		const owner = response.ownerAt(i);
		if (sameName(message, start, owner, name) || !isWithin(message, start, name, owner)) continue;
		keepDname(response, i);
		return;
	}
}

/** With its signatures, and once, though several aliases may come from it. */
function keepDname(response: Response, record: number): void {
	for (let i = 0; i < response.keptCount; i++) if (response.kept[i] === record) return;
	keep(response, record);
	const owner = response.ownerAt(record);
	for (let i = 0; i < response.answers; i++)
		if (isSignature(response, i, owner, TYPE.DNAME)) keep(response, i);
}

/** Keeps the records of a type at the end of the chain. */
function keepSet(response: Response, name: number, type: number): ChainFault | undefined {
	const { message, start } = response;
	const first = response.keptCount;
	let aliases = 0;
	for (let i = 0; i < response.answers; i++) {
		const own = wordAt(message, response.recordAt(i));
		if (own !== type && type !== TYPE.ANY && own !== TYPE.RRSIG) continue;
		if (!sameName(message, start, response.ownerAt(i), name)) continue;
		if (own !== type && type !== TYPE.ANY && !isSignature(response, i, name, type)) continue;
		if (isRepeated(response, first, i)) continue;
		if (own === TYPE.CNAME && ++aliases > 1) return "aliases";
		if (response.keptCount - first >= MOST_IN_SET) return "large";
		keep(response, i);
	}
	return undefined;
}

/** Whether the record is a signature of the records of a name and type. */
function isSignature(response: Response, record: number, name: number, covered: number): boolean {
	const { message, start } = response;
	const at = response.recordAt(record);
	return (
		wordAt(message, at) === TYPE.RRSIG &&
		wordAt(message, at + 8) > 18 &&
		wordAt(message, at + 10) === covered &&
		sameName(message, start, response.ownerAt(record), name)
	);
}

/** Of the authority section: the SOA that makes a denial last, and the proofs of DNSSEC. */
function keepAuthority(response: Response, name: number): void {
	const { message, start, answers } = response;
	const denies = response.rcode === RCODE.NXDOMAIN || !endsInSet(response);
	const all = answers + response.authorities;
	let zone = -1;
	for (let i = answers; i < all; i++) {
		const at = response.recordAt(i);
		if (wordAt(message, at + 2) !== CLASS.IN) continue;
		switch (wordAt(message, at)) {
			case TYPE.SOA:
				if (!denies || zone >= 0 || !isWithin(message, start, name, response.ownerAt(i))) continue;
				zone = i;
				break;
			case TYPE.RRSIG:
				if (wordAt(message, at + 8) <= 18 || !isProof(wordAt(message, at + 10), denies)) continue;
				break;
			default:
				if (!isProof(wordAt(message, at), false)) continue;
		}
		keep(response, i);
	}
}

function isProof(type: number, denies: boolean): boolean {
	return type === TYPE.NSEC || type === TYPE.NSEC3 || type === TYPE.DS || (denies && type === TYPE.SOA);
}

/** Whether something of what was kept is what was asked for. */
function endsInSet(response: Response): boolean {
	const { message, type, kept, keptAnswers } = response;
	if (type === TYPE.ANY) return keptAnswers > 0;
	for (let i = keptAnswers - 1; i >= 0; i--)
		if (wordAt(message, response.recordAt(kept[i])) === type) return true;
	return false;
}

function keep(response: Response, record: number): void {
	response.kept[response.keptCount++] = record;
}

/** Whether one of those kept, from the place `first` on, says the same (RFC 2181, section 5). */
function isRepeated(response: Response, first: number, record: number): boolean {
	const { message, kept, keptCount } = response;
	const at = response.recordAt(record);
	for (let i = first; i < keptCount; i++) {
		const other = response.recordAt(kept[i]);
		if (wordAt(message, other) === wordAt(message, at) && sameData(response, other, at)) return true;
	}
	return false;
}

/** Whether two records of one type have the same data, names in it compared as names. */
function sameData(response: Response, a: number, b: number): boolean {
	const { message, start } = response;
	const type = wordAt(message, a);
	const endA = dataEndAt(message, a);
	const endB = dataEndAt(message, b);
	let names = namesIn(type);
	if (names === 0) {
		if (endA - a !== endB - b) return false;
		// From behind: addresses of one set differ there.
		for (let i = endA - 1, j = endB - 1; i >= a + 10; i--, j--) if (message[i] !== message[j]) return false;
		return true;
	}
	let atA = namesBegin(message, type, a + 10, endA);
	let atB = namesBegin(message, type, b + 10, endB);
	if (atA - a !== atB - b || atA > endA || atB > endB) return false;
	for (let i = a + 10, j = b + 10; i < atA; i++, j++) if (message[i] !== message[j]) return false;
	for (; names > 0; names--) {
		const nextA = checkName(message, atA, endA, start);
		const nextB = checkName(message, atB, endB, start);
		if (nextA < 0 || nextB < 0 || !sameName(message, start, atA, atB)) return false;
		atA = nextA;
		atB = nextB;
	}
	if (endA - atA !== endB - atB) return false;
	for (; atA < endA; atA++, atB++) if (message[atA] !== message[atB]) return false;
	return true;
}
