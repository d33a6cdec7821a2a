/** The scenarios of a topic, a tap test each. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { repository } from "../../bench/results.ts";
import { playScript } from "./stage.ts";

export const FOLDER = join(repository(), "test", "scenario", "behaviour");
const AT_ONCE = 3;
const TIMEOUT_MS = 230_000;

/** All files below the folder, or those whose paths contain all words. */
export function scenarios(words: readonly string[]): string[] {
	return readdirSync(FOLDER, { recursive: true, encoding: "utf8" })
		.filter((file) => file.endsWith(".scenario") && words.every((word) => file.includes(word)))
		.sort();
}

/** Plays them, some at a time. */
export function play(files: readonly string[]): void {
	t.jobs = AT_ONCE;
	t.setTimeout(TIMEOUT_MS);
	for (const file of files) {
		const text = readFileSync(join(FOLDER, file), "utf8");
		t.test(`${file}: ${text.split("\n", 1)[0].replace(/^#\s*/, "")}`, { buffered: true }, async (t) => {
			await playScript(t, text).then(
				() => t.pass("as it is written"),
				(error: Error) => t.fail(`${file}, ${error.message}`),
			);
		});
	}
	t.ok(files.length > 0, "there are some");
}

/** Those of one folder, and of those the ones that the command line's words name. */
export function playTopic(topic: string): void {
	play(
		scenarios([])
			.filter((file) => file.startsWith(`${topic}/`))
			.filter((file) => process.argv.slice(2).every((word) => file.includes(word))),
	);
}
