/** Lists of addresses: one address or prefix a line. */
import { withoutComment } from "./comment.ts";
import type { Line, LineReader } from "./line.ts";
import { listedNetwork, networkFault } from "./network.ts";
import { bad, NONE } from "./outcome.ts";

export const networksReader: LineReader = {
	read(line: string): Line {
		const text = networkText(line);
		if (text === "") return NONE;
		const network = listedNetwork(text);
		return network === undefined
			? bad(networkFault(text))
			: { kind: "networks", networks: [{ network, action: "block" }] };
	},
};

/** What stands on a line beside comments, which begin with `#`, `;` or `//`. */
export function networkText(line: string): string {
	const text = withoutComment(line.trim());
	if (/^(?:[;!]|\/\/)/.test(text)) return "";
	// Spamhaus writes `192.0.2.0/24 ; SBL1`.
	const end = text.search(/\s*(?:;|\s\/\/)/);
	return end < 0 ? text : text.slice(0, end);
}
