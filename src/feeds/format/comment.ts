/** Comments behind an entry. */

/**
 * The text without a comment and the spaces before it. A # begins one at the beginning or after a space: within a
 * word it has other meanings (`example.org##.advert`). Takes linear time, unlike the regular expression for it.
 */
export function withoutComment(text: string): string {
	for (let hash = text.indexOf("#"); hash >= 0; hash = text.indexOf("#", hash + 1)) {
		if (hash === 0 || text.charAt(hash - 1).trim() === "") return text.slice(0, hash).trimEnd();
	}
	return text;
}
