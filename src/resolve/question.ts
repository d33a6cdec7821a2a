/** What was asked: by this the cache and the flights tell questions apart. */
import { FLAG } from "../wire/codes.ts";
import type { DomainName } from "../wire/name.ts";
import type { Asker, Query } from "./query.ts";

export interface Question {
	readonly name: Uint8Array;
	/** Where the wire name, in lower case, begins in `name`. */
	readonly nameAt: number;
	readonly nameLength: number;
	readonly nameHash: number;
	readonly type: number;
	/** DO, CD and the client's subnet, packed: `bitsOf`. */
	readonly bits: number;
}

/** DO as 1, CD as 2, above them the number of the client's subnet: answers under other bits are other answers. */
export function bitsOf(asker: Asker): number {
	return (asker.dnssecOk ? 1 : 0) | ((asker.flags & FLAG.CD) === 0 ? 0 : 2) | asker.scope;
}

/** A number for a question, for a hash table; different questions may share it. */
export function mixed(nameHash: number, type: number, bits: number): number {
	let key = nameHash ^ Math.imul(type * 4 + bits, 0x9e37_79b1);
	key = Math.imul(key ^ (key >>> 16), 0x21f0_aaad);
	return (key ^ (key >>> 15)) | 0;
}

export function keyOf(query: Query): number {
	return mixed(query.name.hashes[0], query.type, bitsOf(query));
}

/** Whether the name from label `label` on is the one of `length` bytes at `at`. */
export function isSuffix(
	bytes: Uint8Array,
	at: number,
	length: number,
	name: DomainName,
	label: number,
): boolean {
	const from = name.starts[label];
	if (length !== name.length - from) return false;
	const own = name.bytes;
	for (let i = 0; i < length; i++) if (bytes[at + i] !== own[from + i]) return false;
	return true;
}

export function isNamed(bytes: Uint8Array, at: number, length: number, name: DomainName): boolean {
	if (length !== name.length) return false;
	const own = name.bytes;
	for (let i = 0; i < length; i++) if (bytes[at + i] !== own[i]) return false;
	return true;
}

export function isSameQuestion(question: Question, query: Query): boolean {
	return (
		question.type === query.type &&
		question.bits === bitsOf(query) &&
		isNamed(question.name, question.nameAt, question.nameLength, query.name)
	);
}
