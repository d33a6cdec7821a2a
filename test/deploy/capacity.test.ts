/** The capacity table of deploy/README.md is computed from the benchmark. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { markdownTable, repository } from "../bench/results.ts";

/** Of what one core was measured to do: peaks within the peak, and everything else on the machine. */
const SHARE = 0.5;
const CUSTOMER_PEAKS = [1, 5, 20];

function measuredMix(): number {
	const results = readFileSync(join(repository(), "test/bench/RESULTS.md"), "utf8");
	const row = /^\| \*\*Cordon\*\* [^|]+\| *([\d,]+) \|/m.exec(results)?.[1];
	return Number(row?.replaceAll(",", ""));
}

function capacityTable(): string {
	const perCore = measuredMix() * SHARE;
	const thousands = (value: number) => `${Math.floor(value / 1000).toLocaleString("en")},000`;
	const rows = [1, 2, 4, 8].map((cores) => [
		`${cores}`,
		thousands(perCore * cores * 2),
		...CUSTOMER_PEAKS.map((peak) => thousands((perCore * cores * 2) / peak)),
	]);
	const head = [
		"workers a node",
		"q/s, two of three nodes",
		...CUSTOMER_PEAKS.map((n) => `customers at ${n} q/s`),
	];
	return markdownTable(head, rows);
}

const TABLE = /(<!-- capacity -->\n)([\s\S]*?)(\n<!-- \/capacity -->)/;

test("deploy/README.md has the table that RESULTS.md gives", (t) => {
	const file = join(repository(), "deploy/README.md");
	const readme = readFileSync(file, "utf8");
	const wanted = readme.replace(TABLE, (_, before, __, after) => `${before}${capacityTable()}${after}`);
	if (process.env.UPDATE === "1") writeFileSync(file, wanted);
	t.equal(
		TABLE.exec(readFileSync(file, "utf8"))?.[2],
		capacityTable(),
		"if not: npx tsc -p tsconfig.test.json && UPDATE=1 node dist/test/deploy/capacity.test.js",
	);
	t.end();
});
