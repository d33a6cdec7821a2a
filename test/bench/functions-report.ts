/** Results of `npm run bench`: measured, kept, and shown beside those kept. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { markdownTable, repository } from "./results.ts";

/** `unit`: `ns` for one operation, `ms` for the whole, `bytes`. */
export interface Result {
	readonly unit: "ns" | "ms" | "bytes";
	readonly median: number;
	/** Half the distance between the first and the third quartile, in percent of the median. */
	readonly spread: number;
}

export type Results = Readonly<Record<string, Result>>;

interface Run {
	readonly date: string;
	readonly machine: string;
	readonly results: Results;
}

export function summed(unit: Result["unit"], rounds: readonly number[]): Result {
	const sorted = rounds.toSorted((a, b) => a - b);
	const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
	const median = at(0.5);
	return { unit, median, spread: median === 0 ? 0 : ((at(0.75) - at(0.25)) / 2 / median) * 100 };
}

function path(): string {
	return join(repository(), "test", "bench", "functions.json");
}

function committed(): Run | undefined {
	return existsSync(path()) ? (JSON.parse(readFileSync(path(), "utf8")) as Run) : undefined;
}

function shown({ unit, median }: Result): string {
	if (unit === "bytes") return `${(median / 2 ** 20).toFixed(1)} MiB`;
	return `${median >= 100 ? median.toFixed(0) : median.toFixed(1)} ${unit}`;
}

function difference(now: Result, before: Result | undefined): string {
	if (before === undefined) return "new";
	const percent = ((now.median - before.median) / before.median) * 100;
	return `${percent > 0 ? "+" : ""}${percent.toFixed(0)} %`;
}

/** A table of what was measured, against the last committed run. */
export function table(results: Results): string {
	const before = committed();
	const rows = Object.entries(results).map(([name, result]) => {
		const old = before?.results[name];
		return [
			name,
			shown(result),
			`± ${result.spread.toFixed(0)} %`,
			old === undefined ? "" : shown(old),
			difference(result, old),
		];
	});
	const head = ["function", "now", "spread", "committed", "difference"];
	const source =
		before === undefined
			? "There is no committed run yet: --write makes one."
			: `Committed: ${before.date}, ${before.machine}`;
	return `${markdownTable(head, rows)}\n\n${source}\n`;
}

/** Returns where it was written to. `machine`: as it was before the run. */
export function write(results: Results, machine: string): string {
	const rounded = Object.entries(results).map(([name, { unit, median, spread }]) => [
		name,
		{ unit, median: Number(median.toPrecision(4)), spread: Number(spread.toFixed(1)) },
	]);
	const run: Run = {
		date: new Date().toISOString().slice(0, 10),
		machine,
		results: Object.fromEntries(rounded) as Results,
	};
	writeFileSync(path(), `${JSON.stringify(run, undefined, "\t")}\n`);
	return path();
}
