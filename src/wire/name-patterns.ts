/** Names that the configuration speaks of, `d` with all below it and `*.d` without it. */
import { domainName } from "./domain.ts";
import { nameFromText } from "./name.ts";

interface Pattern {
	/** On the wire, in lower case. */
	readonly name: Uint8Array;
	/** `*.d`: not the name itself. */
	readonly below: boolean;
}

export class NamePatterns {
	readonly #patterns: readonly Pattern[];

	/** `d` or `*.d`, each validated with the configuration. */
	constructor(texts: readonly string[]) {
		this.#patterns = texts.flatMap((text) => {
			const below = text.startsWith("*.");
			const plain = below ? text.slice(2) : text;
			const name = nameFromText(domainName(plain) ?? plain);
			return name === undefined ? [] : [{ name, below }];
		});
	}

	get isEmpty(): boolean {
		return this.#patterns.length === 0;
	}

	/** Whether one of them means the name, in lower case, that lies between `at` and `end`. */
	has(bytes: Uint8Array, at: number, end: number): boolean {
		for (const pattern of this.#patterns) if (isWithin(bytes, at, end, pattern)) return true;
		return false;
	}
}

/** Whether the pattern means the name, in lower case, that lies between `at` and `end`. */
export function isWithin(bytes: Uint8Array, at: number, end: number, { name, below }: Pattern): boolean {
	const from = end - name.length;
	if (from < at || (below && from === at)) return false;
	for (let i = 0; i < name.length; i++) if (bytes[from + i] !== name[i]) return false;
	// What equals the end of a name need not begin where a label begins.
	let label = at;
	while (label < from) label += bytes[label] + 1;
	return label === from;
}
