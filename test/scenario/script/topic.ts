/** The scenarios of a topic, a tap test each. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import { repository } from "../../bench/results.ts";
import { play } from "./play.ts";
import { parseScript } from "./script.ts";
import { leavesOnlyCached, type Scene, sceneOf, startKey } from "./setting.ts";
import { Stage } from "./stage.ts";

export const FOLDER = join(repository(), "test", "scenario", "behaviour");
const AT_ONCE = 3;
const TIMEOUT_MS = 230_000;

interface Scenario extends Scene {
	/** File and title. */
	readonly name: string;
}

/** All files below the folder, or those whose paths contain all words. */
export function scenarios(words: readonly string[]): string[] {
	return readdirSync(FOLDER, { recursive: true, encoding: "utf8" })
		.filter((file) => file.endsWith(".scenario") && words.every((word) => file.includes(word)))
		.sort();
}

function read(file: string): Scenario {
	const { title, blocks } = parseScript(readFileSync(join(FOLDER, file), "utf8"));
	return { name: `${file}: ${title}`, ...sceneOf(blocks) };
}

/** Those that one Cordon can play one after another, together; every other one by itself. */
function companies(all: readonly Scenario[]): Scenario[][] {
	const made: Scenario[][] = [];
	const byStart = new Map<string, Scenario[]>();
	for (const one of all) {
		const key = leavesOnlyCached(one) ? startKey(one.setting) : one.name;
		const company = byStart.get(key) ?? [];
		if (company.length === 0) made.push(company);
		company.push(one);
		byStart.set(key, company);
	}
	return made;
}

/** @returns whether it went as it is written. */
async function tell(t: Test, { name, steps }: Scenario, setting: () => Promise<Stage>): Promise<boolean> {
	try {
		await play(await setting(), steps);
	} catch (error) {
		return t.fail(`${name.split(": ", 1)[0]}, ${(error as Error).message}`);
	}
	return t.pass("as it is written");
}

/** Plays them, some at a time. */
export function playFiles(files: readonly string[]): void {
	t.jobs = AT_ONCE;
	t.setTimeout(TIMEOUT_MS);
	for (const company of companies(files.map(read))) {
		const [first] = company;
		if (company.length === 1) {
			const isCounted = first.steps.some(({ words }) => words[0] === "metric");
			t.test(first.name, { buffered: true }, async (t) => {
				await tell(t, first, () => Stage.set(t, first.setting, isCounted));
			});
		} else {
			const title = `${company.length} before one Cordon, its cache flushed between them`;
			t.test(title, { buffered: true }, (t) => playInTurn(t, company));
		}
	}
	t.ok(files.length > 0, "there are some");
}

/** After one that went wrong the next has a new Cordon: what is left in the old one is not known. */
async function playInTurn(t: Test, company: readonly Scenario[]): Promise<void> {
	let stage: Stage | undefined;
	for (const one of company) {
		await t.test(one.name, async (child) => {
			const isGood = await tell(child, one, async () => {
				if (stage === undefined) stage = await Stage.set(t, one.setting, true);
				else await stage.clear(one.setting);
				return stage;
			});
			if (!isGood) stage = undefined;
		});
	}
}

/** Those of one folder, and of those the ones that the command line's words name. */
export function playTopic(topic: string): void {
	playFiles(
		scenarios([])
			.filter((file) => file.startsWith(`${topic}/`))
			.filter((file) => process.argv.slice(2).every((word) => file.includes(word))),
	);
}
