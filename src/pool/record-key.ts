/** The keys that record.ts describes: built, and taken apart again. */
import type { RecordKind } from "./record.ts";

const TAB = "\t";

/** A domain takes 253, a name 63 characters. */
const MOST_DOMAIN = 253;
const MOST_NAME = 63;
const MOST_KEY = MOST_DOMAIN + 2 + 2 * (1 + MOST_NAME);

/** ASCII, so that keys have one order whether compared as text or as bytes. */
const LETTERS = /^[\x20-\x7e\t]+$/;

export function contributionKey(domain: string, member: string): string {
	return `${domain}\tc\t${member}`;
}

export function disputeKey(domain: string, member: string): string {
	return `${domain}\td\t${member}`;
}

/** For `by`'s approval of `member`'s contribution. */
export function approvalKey(domain: string, member: string, by: string): string {
	return `${domain}\ta\t${member}\t${by}`;
}

export function decisionKey(domain: string): string {
	return `${domain}\tr`;
}

export function memberKey(name: string): string {
	return `\tm\t${name}`;
}

/** Empty for members, and for what is no key. */
export function domainOf(key: string): string {
	const end = key.indexOf(TAB);
	return end < 0 ? "" : key.slice(0, end);
}

/** By the letter alone: whether the rest is as it should be, `isRecordKey` tells. */
export function kindOf(key: string): RecordKind | undefined {
	const end = key.indexOf(TAB);
	if (end < 0) return undefined;
	const letter = key.charCodeAt(end + 1);
	const after = key.charCodeAt(end + 2);
	if (letter === 0x72) return end > 0 && Number.isNaN(after) ? "decision" : undefined;
	if (after !== 0x09) return undefined;
	if (end === 0) return letter === 0x6d ? "member" : undefined;
	if (letter === 0x63) return "contribution";
	if (letter === 0x64) return "dispute";
	return letter === 0x61 ? "approval" : undefined;
}

/** Who said it; of an approval, whose contribution it is about; of a member, the name. Undefined for decisions. */
export function memberOf(key: string): string | undefined {
	const [, , member] = key.split(TAB, 3);
	return member === undefined || member === "" ? undefined : member;
}

/** Of an approval: who approved. */
export function approverOf(key: string): string | undefined {
	const [, , , by] = key.split(TAB, 4);
	return by === undefined || by === "" ? undefined : by;
}

/** Whether something from outside is a key of one of the five kinds, with as many parts as that kind has. */
export function isRecordKey(key: unknown): key is string {
	if (typeof key !== "string" || key.length > MOST_KEY || !LETTERS.test(key)) return false;
	const kind = kindOf(key);
	if (kind === undefined) return false;
	const [domain, , ...names] = key.split(TAB);
	if (domain.length > MOST_DOMAIN) return false;
	if (names.length !== (kind === "decision" ? 0 : kind === "approval" ? 2 : 1)) return false;
	return names.every((name) => name.length > 0 && name.length <= MOST_NAME);
}
