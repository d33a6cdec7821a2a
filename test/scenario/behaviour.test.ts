/**
 * Every folder of scenarios is played by a test of its name. With words on the command line this one plays the scenarios
 * whose paths contain them.
 */
import { existsSync } from "node:fs";
import { test } from "tap";
import { playFiles, scenarios } from "./script/topic.ts";

const words = process.argv.slice(2);
if (words.length > 0) playFiles(scenarios(words));
else
	test("no scenario is forgotten", (t) => {
		const topics = new Set(scenarios([]).map((file) => file.split("/")[0]));
		for (const topic of topics) {
			const file = new URL(`behaviour-${topic}.test.js`, import.meta.url);
			t.ok(existsSync(file), `${topic}: test/scenario/behaviour-${topic}.test.ts`);
		}
		t.end();
	});
