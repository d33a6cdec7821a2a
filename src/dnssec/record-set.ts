/** The records of a response as sets: same owner, same type, with their signatures (RFC 2181, section 5). */
import { CLASS, TYPE } from "../wire/codes.ts";
import { DomainName, readName } from "../wire/name.ts";
import { dataEndAt, namesBegin, namesIn } from "../wire/rdata-names.ts";
import { type Response, ttlAt } from "../wire/response.ts";
import { wordAt } from "../wire/word.ts";
import { compareBytes, copied, keyOfName, type Name, sameBytes } from "./canonical-name.ts";
import { readSignature, type Signature } from "./signature.ts";

export interface RecordSet {
	/** In lower case. */
	readonly owner: Name;
	readonly type: number;
	/** Whether it stands in the answer section. */
	readonly isAnswer: boolean;
	/** The lowest of its records and signatures, in seconds. */
	readonly ttl: number;
	/** In canonical form and order, without repetitions. */
	readonly data: readonly Uint8Array[];
	readonly signatures: readonly Signature[];
	/** Numbers of its records and their signatures in the response. */
	readonly records: readonly number[];
}

interface GrowingSet extends RecordSet {
	ttl: number;
	readonly data: Uint8Array[];
	readonly signatures: Signature[];
	readonly records: number[];
}

const name = new DomainName();

/**
 * The sets among the records that `followChain` selected; signatures of nothing are left out.
 *
 * @returns undefined when names in a record's data cannot be read.
 */
export function readSets(response: Response): readonly RecordSet[] | undefined {
	const { message, start, kept } = response;
	const sets = new Map<string, GrowingSet>();
	for (let i = 0; i < response.keptCount; i++) {
		const record = kept[i];
		const at = response.recordAt(record);
		if (wordAt(message, at + 2) !== CLASS.IN) continue;
		const end = dataEndAt(message, at);
		if (readName(message, response.ownerAt(record), at, name, true, start) < 0) return undefined;
		const own = wordAt(message, at);
		const signature = own === TYPE.RRSIG ? readSignature(message.subarray(at + 10, end)) : undefined;
		if (own === TYPE.RRSIG && signature === undefined) continue;
		const isAnswer = record < response.answers;
		const owner = name.copy();
		const set = setOf(sets, owner, signature?.covered ?? own, isAnswer);
		set.records.push(record);
		// That of a signature counts as well (RFC 4035, section 5.3.3).
		set.ttl = Math.min(set.ttl, ttlAt(message, at + 4));
		if (signature !== undefined) {
			set.signatures.push(signature);
			continue;
		}
		const data = canonicalData(message, start, own, at + 10, end);
		if (data === undefined) return undefined;
		set.data.push(data);
	}
	const whole = [...sets.values()].filter(({ data }) => data.length > 0);
	for (const { data } of whole) sortUnique(data);
	return whole;
}

/**
 * A record's data as it is signed: names written out, those of the old types in lower case (RFC 4034, section 6.2, as
 * RFC 6840, section 5.1 has it). Memory of its own.
 */
export function canonicalData(
	message: Uint8Array,
	start: number,
	type: number,
	at: number,
	end: number,
): Uint8Array | undefined {
	let from = namesBegin(message, type, at, end);
	if (from < 0) return copied(message.subarray(at, end));
	if (from > end) return undefined;
	const parts: Uint8Array[] = [message.subarray(at, from)];
	for (let count = namesIn(type); count > 0; count--) {
		from = readName(message, from, end, name, true, start);
		if (from < 0) return undefined;
		parts.push(name.copy());
	}
	parts.push(message.subarray(from, end));
	return new Uint8Array(Buffer.concat(parts));
}

function setOf(sets: Map<string, GrowingSet>, owner: Name, type: number, isAnswer: boolean): GrowingSet {
	const key = `${isAnswer ? 1 : 0} ${type} ${keyOfName(owner)}`;
	const known = sets.get(key);
	if (known !== undefined) return known;
	const ttl = Number.POSITIVE_INFINITY;
	const set: GrowingSet = { owner, type, isAnswer, ttl, data: [], signatures: [], records: [] };
	sets.set(key, set);
	return set;
}

/** RFC 4034, section 6.3. */
function sortUnique(data: Uint8Array[]): void {
	data.sort(compareBytes);
	let count = 0;
	for (const one of data) if (count === 0 || !sameBytes(one, data[count - 1])) data[count++] = one;
	data.length = count;
}
