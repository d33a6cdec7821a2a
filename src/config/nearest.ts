/** The word that was probably meant. */

/** Case, dashes and underscores tell words apart for a program, hardly for a person. */
function folded(word: string): string {
	return word.replace(/[-_\s]/g, "").toLowerCase();
}

/** Letters to insert, remove, replace or swap (optimal string alignment). */
function distance(a: string, b: string): number {
	let beforeLast: number[] = [];
	let last = Array.from({ length: b.length + 1 }, (_, i) => i);
	for (let i = 1; i <= a.length; i++) {
		const row = [i];
		for (let j = 1; j <= b.length; j++) {
			const replaced = last[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
			let least = Math.min(replaced, last[j] + 1, row[j - 1] + 1);
			if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
				least = Math.min(least, beforeLast[j - 2] + 1);
			}
			row.push(least);
		}
		[beforeLast, last] = [last, row];
	}
	return last[b.length];
}

const LONGEST = 64;

/** The nearest of `known` to what was written, unless all are too far to have been meant. */
export function nearest(written: string, known: readonly string[]): string | undefined {
	if (written.length > LONGEST) return undefined;
	const word = folded(written);
	let best: string | undefined;
	let least = Math.floor(Math.max(word.length, 3) / 3) + 1;
	for (const candidate of known) {
		const far = distance(word, folded(candidate));
		if (far < least) [best, least] = [candidate, far];
	}
	return best;
}
