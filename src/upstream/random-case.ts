/** Random case in the names of questions (draft-vixie-dnsext-dns0x20): an answer has to bring it back. */
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
