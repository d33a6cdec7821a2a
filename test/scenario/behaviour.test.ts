/** Every file of test/scenario/behaviour, played against the real server: how they are written is told there. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { repository } from "../bench/results.ts";
import { playScript } from "./script/stage.ts";

const FOLDER = join(repository(), "test", "scenario", "behaviour");
const AT_ONCE = 4;

const files = readdirSync(FOLDER, { recursive: true, encoding: "utf8" })
	.filter((file) => file.endsWith(".scenario"))
	.filter((file) => process.argv.slice(2).every((word) => file.includes(word)))
	.sort();

test("behaviour, a file each", { jobs: AT_ONCE, timeout: 300_000 }, async (t) => {
	for (const file of files) {
		const text = readFileSync(join(FOLDER, file), "utf8");
		t.test(`${file}: ${text.split("\n", 1)[0].replace(/^#\s*/, "")}`, { buffered: true }, async (t) => {
			await playScript(t, text).then(
				() => t.pass("as it is written"),
				(error: Error) => t.fail(`${file}, ${error.message}`),
			);
		});
	}
	t.ok(files.length > 0);
});
