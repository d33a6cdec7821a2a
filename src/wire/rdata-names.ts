/**
 * The types of record whose data may hold compressed names, and where those stand (RFC 1035, section 3.3; RFC 3597,
 * section 4). The data of all others is bytes that nobody touches.
 */
import { wordAt } from "./word.ts";

interface Place {
	/** Bytes before the first name. */
	readonly before: number;
	/** Names, one behind the other. */
	readonly names: number;
}

const NAPTR = 35;

const PLACES: ReadonlyMap<number, Place> = new Map([
	...[2, 3, 4, 5, 7, 8, 9, 12, 30, 39].map((type) => [type, { before: 0, names: 1 }] as const),
	...[6, 14, 17].map((type) => [type, { before: 0, names: 2 }] as const),
	...[15, 18, 21, 36].map((type) => [type, { before: 2, names: 1 }] as const),
	[24, { before: 18, names: 1 }],
	[26, { before: 2, names: 2 }],
	[33, { before: 6, names: 1 }],
	[NAPTR, { before: 4, names: 1 }],
]);

/** Where the names in such a record's data begin, or -1 when its type has none. `namesIn` tells how many there are. */
export function namesBegin(message: Uint8Array, type: number, dataAt: number, dataEnd: number): number {
	const place = PLACES.get(type);
	if (place === undefined) return -1;
	let at = dataAt + place.before;
	// Three texts, each with its length in front (RFC 3403, section 4.1).
	if (type === NAPTR) for (let i = 0; i < 3 && at < dataEnd; i++) at += 1 + message[at];
	return at;
}

export function namesIn(type: number): number {
	return PLACES.get(type)?.names ?? 0;
}

/** Of a record whose type stands at `at`. */
export function dataEndAt(message: Uint8Array, at: number): number {
	return at + 10 + wordAt(message, at + 8);
}
