/** Random case in the names of questions (draft-vixie-dnsext-dns0x20): an answer has to bring it back. */
import { HEADER_BYTES } from "../wire/codes.ts";
import { skipName } from "../wire/name.ts";
import type { Response } from "../wire/response.ts";
import { wordAt } from "../wire/word.ts";
import type { RandomNumbers } from "./random.ts";

const UPPER = 0x20;

/** The byte as a small letter, or 0 when it is no letter. Length bytes are below 64, and so none. */
function small(byte: number): number {
	const letter = byte | UPPER;
	return letter >= 0x61 && letter <= 0x7a ? letter : 0;
}

/** Gives every letter of the name between `at` and `end` a case that nobody can guess. */
export function scramble(bytes: Uint8Array, at: number, end: number, random: RandomNumbers): void {
	let bits = 0;
	let left = 0;
	for (let i = at; i < end; i++) {
		const letter = small(bytes[i]);
		if (letter === 0) continue;
		if (left === 0) {
			bits = random.word();
			left = 16;
		}
		bytes[i] = letter ^ ((bits & 1) << 5);
		bits >>>= 1;
		left--;
	}
}

export function unscramble(bytes: Uint8Array, at: number, end: number): void {
	for (let i = at; i < end; i++) {
		const letter = small(bytes[i]);
		if (letter !== 0) bytes[i] = letter;
	}
}

/**
 * Takes our random case out of the owners of the records that are kept. Most point to the question's name and have
 * none; some servers write the name out as it was asked. An owner in any other case is the zone's own, and stays.
 *
 * @param nameEnd where the name in the query `asked` ends, its root included.
 */
export function settleOwners(response: Response, asked: Uint8Array, nameEnd: number): void {
	const { message, authorityEnd } = response;
	let at = response.questionEnd;
	while (at < authorityEnd) {
		const ownerEnd = skipName(message, at, authorityEnd);
		if (ownerEnd < 0) return;
		if (message[at] < 0xc0) settleOwner(message, at, ownerEnd, asked, nameEnd);
		at = ownerEnd + 10 + wordAt(message, ownerEnd + 8);
	}
}

function settleOwner(
	message: Uint8Array,
	at: number,
	ownerEnd: number,
	asked: Uint8Array,
	nameEnd: number,
): void {
	// It ends in the root's zero, or in a pointer, which matters only when it leads into the question's name.
	const points = ownerEnd - at >= 2 && message[ownerEnd - 2] >= 0xc0 && message[ownerEnd - 1] !== 0;
	const literal = points ? ownerEnd - 2 - at : ownerEnd - 1 - at;
	const tail = points ? wordAt(message, ownerEnd - 2) & 0x3fff : nameEnd - 1;
	const from = tail - literal;
	if (from < HEADER_BYTES || tail > nameEnd) return;
	for (let i = 0; i < literal; i++) if (message[at + i] !== asked[from + i]) return;
	unscramble(message, at, at + literal);
}

/** So many questions in a row whose case was lost and whose answer was right nevertheless: it does not keep case. */
const LOST_UNTIL_EXEMPT = 4;
const EXEMPT_MS = 24 * 60 * 60 * 1000;

/** Whether an upstream brings the case of questions back. Times in milliseconds on the worker's clock. */
export class CaseKeeping {
	#lost = 0;
	#exemptUntil = 0;

	isExempt(now: number): boolean {
		return now < this.#exemptUntil;
	}

	/** An answer came back as it was asked. */
	kept(): void {
		this.#lost = 0;
	}

	/**
	 * An answer without the case was no forgery, as far as can be known.
	 *
	 * @returns whether that exempts the upstream just now.
	 */
	lost(now: number): boolean {
		this.#lost++;
		if (this.#lost < LOST_UNTIL_EXEMPT || this.isExempt(now)) return false;
		this.#exemptUntil = now + EXEMPT_MS;
		// When the time is over a single one does.
		this.#lost = LOST_UNTIL_EXEMPT - 1;
		return true;
	}
}
