/** Every difference from Unbound that is meant has its row in the document, and every row its rule. */
import { readFileSync } from "node:fs";
import { test } from "tap";
import { repository } from "../bench/results.ts";
import { RULES } from "../differential/rules.ts";

test("docs/conformance.md explains what the differential run lets pass", (t) => {
	const text = readFileSync(`${repository()}/docs/conformance.md`, "utf8");
	const section = text.slice(text.indexOf("## Beside Unbound"));
	const table = section.slice(0, section.indexOf("\n## ", 1) < 0 ? undefined : section.indexOf("\n## ", 1));
	const rows = table
		.split("\n")
		.filter((line) => line.startsWith("| "))
		.map((line) => line.split("|")[1].trim())
		.slice(1);
	t.same(rows.toSorted(), RULES.map(({ name }) => name).toSorted());
	t.end();
});
