/**
 * What is neither letter, digit, mark, punctuation, symbol nor plain space: control characters, line separators,
 * and the invisible ones that turn the direction of writing or hide letters.
 */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

function escaped(character: string): string {
	const code = character.codePointAt(0) ?? 0;
	return code <= 0xff ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
}

/** Text from outside, so that it can neither begin a line of its own nor steer the terminal it is shown on. */
export function printable(text: string): string {
	return text.replace(UNPRINTABLE, escaped);
}

/** The same as one word: in quotes where a blank, a quote or an equals sign would end it or make it two. */
export function printableWord(text: string): string {
	if (text !== "" && !/[\s"=\\]/u.test(text)) return printable(text);
	return `"${printable(text.replace(/["\\]/g, "\\$&"))}"`;
}
