import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The folder of package.json: results are kept with the sources, wherever the bench was compiled to. */
export function repository(): string {
	let folder = import.meta.dirname;
	while (!existsSync(join(folder, "package.json"))) {
		if (dirname(folder) === folder) throw new Error("no package.json above the bench");
		folder = dirname(folder);
	}
	return folder;
}

/** A rounded number, with its thousands apart. */
export function whole(value: number): string {
	return Math.round(value).toLocaleString("en");
}

export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
	const widths = head.map((title, column) =>
		Math.max(3, title.length, ...rows.map((row) => row[column].length)),
	);
	const line = (cells: readonly string[]): string =>
		`| ${cells.map((cell, column) => cell.padEnd(widths[column])).join(" | ")} |`;
	return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

/** Puts a text between its own markers in RESULTS.md, in place of the one of the last time; returns the path. */
export function writeResult(name: string, text: string): string {
	const path = join(repository(), "test", "bench", "RESULTS.md");
	const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
	const old = existsSync(path) ? readFileSync(path, "utf8") : "# What the benchmarks measured\n";
	const section = `${start}\n${text.trim()}\n${end}`;
	const [from, to] = [old.indexOf(start), old.indexOf(end)];
	const fresh =
		from >= 0 && to > from
			? old.slice(0, from) + section + old.slice(to + end.length)
			: `${old.trimEnd()}\n\n${section}\n`;
	writeFileSync(path, fresh);
	return path;
}
