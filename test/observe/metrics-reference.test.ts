import { readFile, writeFile } from "node:fs/promises";
import { test } from "tap";
import { metricsReference } from "../../src/observe/metrics-reference.ts";
import { parseExposition } from "./exposition.ts";
import { everything } from "./full-node.ts";

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

/** Their values are names and numbers of this one installation. */
const OWN = new Set(["list", "upstream", "worker", "version", "le"]);

test("every metric, every label and every value of a label is in it", async (t) => {
	const text = await readFile(FILE, "utf8");
	const rows = new Map(
		Array.from(text.matchAll(/^\| `(\w+)` \| (.*) \|$/gm), ([, name = "", rest = ""]) => [name, rest]),
	);
	for (const { name, samples } of parseExposition(await everything()).values()) {
		if (!name.startsWith("cordon_")) continue;
		t.ok(rows.has(name), name);
		const missing = samples
			.flatMap(({ labels }) => Object.entries(labels))
			.filter(
				([label, value]) =>
					label !== "le" && !(OWN.has(label) ? rows.has(label) : rows.get(label)?.includes(`\`${value}\``)),
			);
		t.same(missing, [], `${name}: labels and their values`);
	}
});
