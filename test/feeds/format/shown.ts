/** A line in one word, so that tables of lines can be read. */
import type { Line } from "../../../src/feeds/format/line.ts";

/** `block subtree d`, several joined by commas; `none`; `skipped: reason`; `bad: reason`. */
export function shown(line: Line): string {
	if (line.kind === "none") return "none";
	if (line.kind !== "rules") return `${line.kind}: ${line.reason}`;
	return line.rules
		.map((rule) => {
			const marks = [rule.important && "important", rule.cancels && "cancels", rule.ranked && "ranked"];
			return [rule.action, rule.scope, rule.name, ...marks.filter(Boolean)].join(" ");
		})
		.join(", ");
}
