/** Names that the configuration exempts from something, with what is below them. */
import { HEADER_BYTES } from "../wire/codes.ts";
import { domainName } from "../wire/domain.ts";
import { nameFromText } from "../wire/name.ts";

interface Exempt {
	/** On the wire, in lower case. */
	readonly name: Uint8Array;
	/** `*.d`: not the name itself. */
	readonly below: boolean;
}

export class ExemptNames {
	readonly #names: readonly Exempt[];

	/** `d` or `*.d`, each validated with the configuration. */
	constructor(patterns: readonly string[]) {
		this.#names = patterns.flatMap((pattern) => {
			const below = pattern.startsWith("*.");
			const text = domainName(below ? pattern.slice(2) : pattern);
			const name = text === undefined ? undefined : nameFromText(text);
			return name === undefined ? [] : [{ name, below }];
		});
	}

	/** `packet`: a query; its name, in lower case, ends at `nameEnd`. */
	has(packet: Uint8Array, nameEnd: number): boolean {
		for (const exempt of this.#names) if (isWithin(packet, nameEnd, exempt)) return true;
		return false;
	}
}

function isWithin(packet: Uint8Array, nameEnd: number, { name, below }: Exempt): boolean {
	const from = nameEnd - name.length;
	if (from < HEADER_BYTES || (below && from === HEADER_BYTES)) return false;
	for (let i = 0; i < name.length; i++) if (packet[from + i] !== name[i]) return false;
	// What equals the end of a name need not begin where a label begins.
	let at = HEADER_BYTES;
	while (at < from) at += packet[at] + 1;
	return at === from;
}
