/** A line in one word, so that tables of lines can be read. */
import { formatPrefix } from "../../../src/config/address.ts";
import type { Line } from "../../../src/feeds/format/line.ts";

/** `block subtree d`, `block 192.0.2.0/24`, several joined by commas; `none`; `skipped: reason`; `bad: reason`. */
export function shown(line: Line): string {
	if (line.kind === "none") return "none";
	if (line.kind === "networks")
		return line.networks
			.map(({ action, network, ranked }) => `${action} ${formatPrefix(network)}${ranked ? " ranked" : ""}`)
			.join(", ");
	if (line.kind !== "rules") return `${line.kind}: ${line.reason}`;
	return line.rules
		.map((rule) => {
			const marks = [rule.important && "important", rule.cancels && "cancels", rule.ranked && "ranked"];
			return [rule.action, rule.scope, rule.name, ...marks.filter(Boolean)].join(" ");
		})
		.join(", ");
}
