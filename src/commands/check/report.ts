/** What `cordon check` prints of a list. */
import { printable } from "../../observe/printable.ts";
import type { ListCheck } from "./list-check.ts";

function counted(count: number, one: string, many: string): string {
	return `${count} ${count === 1 ? one : many}`;
}

export function formatListCheck(list: ListCheck): string {
	const head = printable(`list ${list.name} (${list.source}): `);
	switch (list.state) {
		case "absent":
			return `${head}not on this disk yet; cordon serve fetches it\n`;
		case "unreadable":
			return `${head}${printable(list.problem)}\n`;
		case "read": {
			const { format, rules, skipped, bad, badLines } = list;
			const numbers = [
				counted(rules, "rule", "rules"),
				`${skipped} skipped`,
				counted(bad, "bad line", "bad lines"),
			];
			const lines = badLines.map(
				({ line, text, reason }) => `  ${printable(`${list.path}:${line}: ${reason}: ${text}`)}\n`,
			);
			if (bad > badLines.length) lines.push(`  … and ${bad - badLines.length} more\n`);
			return `${head}${format}, ${numbers.join(", ")}\n${lines.join("")}`;
		}
	}
}
