/** Stands in for `readList`: every line that is not blank or a comment is a rule. */
import { readFile } from "node:fs/promises";
import type { ReadList } from "../../src/feeds/assess.ts";
import type { ReadReport } from "../../src/feeds/read.ts";

export function report(given: Partial<ReadReport>): ReadReport {
	return { format: "domains", lines: 1, rules: 1, skipped: 0, bad: 0, badLines: [], html: false, ...given };
}

export const countingReader: ReadList = async (path) => {
	const text = await readFile(path, "utf8");
	const lines = text.split("\n").filter((line) => line !== "");
	const rules = lines.filter((line) => !line.startsWith("#")).length;
	return report({ lines: lines.length, rules, html: text.startsWith("<!DOCTYPE html") });
};
