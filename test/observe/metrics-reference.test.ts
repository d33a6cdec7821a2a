import { readFile, writeFile } from "node:fs/promises";
import { test } from "tap";
import { metricsReference } from "../../src/observe/metrics-reference.ts";

/** Tests run at the root of the project. */
const FILE = "docs/metrics.md";

test("docs/metrics.md says what the code exports", async (t) => {
	if (process.env.UPDATE === "1") await writeFile(FILE, metricsReference());
	t.equal(
		await readFile(FILE, "utf8"),
		metricsReference(),
		"if not: npx tsc -p tsconfig.test.json && UPDATE=1 node dist/test/observe/metrics-reference.test.js",
	);
});
