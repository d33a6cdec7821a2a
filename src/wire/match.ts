/** Whether a message answers a question that we asked (RFC 5452, section 9.1). */
import { FLAG, HEADER_BYTES } from "./codes.ts";
import { skipName } from "./name.ts";
import { wordAt } from "./word.ts";

/**
 * Whether a message answers the query `asked`: same id, a response, one question, the same name, type and class.
 * Case may differ: `repeatsQuestion` tells.
 *
 * @param askedEnd where the question of `asked` ends.
 * @returns the end of the message's question, or -1.
 */
export function matchResponse(
	message: Uint8Array,
	start: number,
	end: number,
	asked: Uint8Array,
	askedEnd: number,
): number {
	if (end - start < askedEnd) return -1;
	if (message[start] !== asked[0] || message[start + 1] !== asked[1]) return -1;
	return matchQuestion(message, start, end, asked, askedEnd);
}

/** The same, whatever the id. */
export function matchQuestion(
	message: Uint8Array,
	start: number,
	end: number,
	asked: Uint8Array,
	askedEnd: number,
): number {
	if (end - start < askedEnd || !asksOnce(message, start)) return -1;
	for (let i = HEADER_BYTES; i < askedEnd; i++) {
		const got = message[start + i];
		const want = asked[i];
		if (got !== want && (i >= askedEnd - 4 || !sameLetter(got, want))) return -1;
	}
	return start + askedEnd;
}

/** Whether a message is a response with one question, all of it there, whichever that is. */
export function isResponse(message: Uint8Array, start: number, end: number): boolean {
	if (end - start < HEADER_BYTES || !asksOnce(message, start)) return false;
	const nameEnd = skipName(message, start + HEADER_BYTES, end);
	return nameEnd >= 0 && nameEnd + 4 <= end;
}

function asksOnce(message: Uint8Array, start: number): boolean {
	const flags = wordAt(message, start + 2);
	return (flags & (FLAG.QR | FLAG.OPCODE)) === FLAG.QR && wordAt(message, start + 4) === 1;
}

function sameLetter(a: number, b: number): boolean {
	const lower = a | 0x20;
	return lower === (b | 0x20) && lower >= 0x61 && lower <= 0x7a;
}

/** Whether a message is a response with the question of `asked`, byte by byte, whatever the id. */
export function repeatsQuestion(
	message: Uint8Array,
	start: number,
	end: number,
	asked: Uint8Array,
	askedEnd: number,
): boolean {
	if (end - start < askedEnd || !asksOnce(message, start)) return false;
	for (let i = HEADER_BYTES; i < askedEnd; i++) if (message[start + i] !== asked[i]) return false;
	return true;
}
