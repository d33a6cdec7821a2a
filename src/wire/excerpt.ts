/**
 * Text from outside as a person may see it in a log or on a page: shortened, and with control, direction and
 * other invisible characters escaped, so that a list cannot colour a terminal or forge a log line.
 */
export function excerpt(text: string, most = 120): string {
	const short = text.length > most ? `${text.slice(0, most)}…` : text;
	return short.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (char) => {
		const code = char.codePointAt(0) ?? 0;
		return code < 256 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
	});
}
