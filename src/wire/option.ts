/** One option in an OPT record (RFC 6891, section 6.1.2). */
import { wordAt } from "./word.ts";

/** Code and length, before the data. */
export const OPTION_HEAD = 4;

/**
 * Looks for the first option with `code` among those between `at` and `end`.
 *
 * @returns where its head begins, or -1; what an option that runs past the end says, or follows it, is not looked at.
 */
export function findOption(message: Uint8Array, at: number, end: number, code: number): number {
	while (at + OPTION_HEAD <= end) {
		const next = at + OPTION_HEAD + wordAt(message, at + 2);
		if (next > end) return -1;
		if (wordAt(message, at) === code) return at;
		at = next;
	}
	return -1;
}
