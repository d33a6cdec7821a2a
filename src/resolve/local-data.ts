/** The local data of a response policy zone, as an answer. */
import type { EntryRecord } from "../blocklist/local-data.ts";
import { RCODE, TYPE } from "../wire/codes.ts";
import { beginReply, POINTER_TO_QUESTION, putRecord } from "../wire/reply.ts";
import type { Answer } from "./answer.ts";
import type { Asker } from "./query.ts";

/**
 * Writes the records of the type that was asked for, or a CNAME; NODATA when there is neither.
 *
 * @param ttl most seconds that a record may be kept.
 * @param soa of a negative answer.
 * @returns the CNAME's target, when it is to be asked for.
 */
export function writeLocalData(
	answer: Answer,
	asker: Asker,
	records: readonly EntryRecord[],
	ttl: number,
	soa: Uint8Array,
): Uint8Array | undefined {
	beginReply(answer, asker, RCODE.NOERROR);
	let alias: Uint8Array | undefined;
	let matched = false;
	for (const record of records) {
		const own = record.type === asker.type || asker.type === TYPE.ANY;
		const isAlias = record.type === TYPE.CNAME;
		// A name has one CNAME at most (RFC 1034, section 3.6.2).
		if (isAlias ? alias !== undefined : !own) continue;
		const data = isAlias ? gardenName(record.data, asker) : record.data;
		if (data === undefined) continue;
		putRecord(answer, 6, POINTER_TO_QUESTION, record.type, Math.min(record.ttl, ttl), data);
		if (own) matched = true;
		if (isAlias) alias = data;
	}
	if (matched) return undefined;
	if (alias === undefined) putRecord(answer, 8, POINTER_TO_QUESTION, TYPE.SOA, ttl, soa);
	return alias;
}

/** `*.garden.example` as a CNAME's target puts the name asked for in front (RPZ draft, section 3.5). */
function gardenName(target: Uint8Array, asker: Asker): Uint8Array | undefined {
	if (target[0] !== 1 || target[1] !== 0x2a) return target;
	const question = asker.message.subarray(asker.start + 12, asker.questionEnd - 5);
	const joined = Uint8Array.from([...question, ...target.subarray(2)]);
	return joined.length <= 255 ? joined : undefined;
}
