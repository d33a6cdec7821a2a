/** Trials that lead one another: what reached new code is kept, and changed a little, again and again. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { pick, type Random, seededRandom } from "../bench/domains.ts";
import { Broken, corpusFolder, type Trial } from "./campaign.ts";
import { Coverage } from "./coverage.ts";
import { LONGEST_TAPE, Player, Tape } from "./tape.ts";

/** Asking for coverage takes longer than most trials: it is asked for once for so many. */
const BATCH = 24;
/** Counting makes everything slower: so much of the time is led by coverage, the rest only makes use of what that found. */
const COUNTED = 0.5;
/** Trials that begin from nothing: so many of all. */
const FRESH = 0.15;
const MOST_KEPT = 600;

interface Kept {
	readonly trial: string;
	readonly tape: Tape;
}

/** What one campaign remembers. */
class Expedition {
	readonly #trials: Readonly<Record<string, Trial>>;
	readonly #names: readonly string[];
	readonly #program: string;
	readonly coverage = new Coverage();
	readonly counts = new Map<string, number>();
	readonly kept: Kept[] = [];
	done = 0;

	constructor(trials: Readonly<Record<string, Trial>>, program: string) {
		this.#trials = trials;
		this.#names = Object.keys(trials);
		this.#program = program;
	}

	/** Plays one trial. Ends the process with 1 when it breaks. */
	async play(trial: string, tape: Tape, seed: number): Promise<Kept> {
		const player = new Player(tape, seed);
		let input = () => "nothing was noted";
		try {
			const showed = await this.#trials[trial](player.next, (show) => {
				input = show;
			});
			this.done++;
			const key = `${trial}: ${showed}`;
			this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
		} catch (error) {
			const told = error instanceof Broken ? error.message : (error as Error).stack;
			process.stdout.write(`${this.#program}: ${trial} broke: ${told}\ninput: ${input()}\n`);
			process.stdout.write(
				`again: node ${process.argv[1]} 1 --trial ${JSON.stringify(trial)} --tape ${player.recording}\n`,
			);
			process.exit(1);
		}
		return { trial, tape: player.recording };
	}

	/** Plays it, and keeps it when it reaches what nothing before did. */
	async explore(batch: readonly Kept[], seeds: readonly number[]): Promise<void> {
		const played: Kept[] = [];
		for (const [i, { trial, tape }] of batch.entries()) played.push(await this.play(trial, tape, seeds[i]));
		if (!this.coverage.wouldBeNew()) return;
		for (const [i, one] of played.entries()) {
			const again = await this.play(one.trial, one.tape, seeds[i]);
			if (!this.coverage.hasNew()) continue;
			if (again.tape.choices.length > LONGEST_TAPE) continue;
			if (this.kept.length >= MOST_KEPT) this.kept.shift();
			this.kept.push(again);
		}
	}

	/** What to try next. */
	candidate(random: Random): Kept {
		const fresh = this.kept.length === 0 || random() < FRESH;
		if (fresh) return { trial: pick(this.#names, random), tape: new Tape([]) };
		// Those that came last are where new code was found.
		const last = this.kept.slice(-20);
		const { trial, tape } = pick(random() < 0.5 ? last : this.kept, random);
		const others = this.kept.filter((one) => one.trial === trial).map((one) => one.tape);
		return { trial, tape: tape.changed(others, random) };
	}
}

function corpusFile(program: string): string {
	return join(corpusFolder(), "tapes", `${program.replace(/\.fuzz\.js$/, "")}.txt`);
}

function load(file: string): Kept[] {
	if (!existsSync(file)) return [];
	const lines = readFileSync(file, "latin1").split("\n");
	return lines
		.filter((line) => line !== "")
		.map((line) => {
			const [trial = "", hex = ""] = line.split("\t");
			return { trial, tape: Tape.parse(hex) };
		});
}

function save(file: string, kept: readonly Kept[]): void {
	mkdirSync(dirname(file), { recursive: true });
	writeFileSync(file, kept.map(({ trial, tape }) => `${trial}\t${tape}\n`).join(""));
}

/**
 * Plays the corpus, then goes on from there: `node x.fuzz.js SECONDS [--seed N] [--keep]`; `--keep` writes what reached
 * new code into the corpus. `--trial NAME --tape HEX` plays one trial again. Ends the process: with 1 when a trial breaks.
 */
export async function campaign(trials: Readonly<Record<string, Trial>>): Promise<void> {
	const { values, positionals } = parseArgs({
		allowPositionals: true,
		options: {
			seed: { type: "string" },
			keep: { type: "boolean", default: false },
			trial: { type: "string" },
			tape: { type: "string", default: "" },
		},
	});
	const seconds = Number(positionals[0] ?? 10);
	const program = basename(process.argv[1] ?? "");
	const expedition = new Expedition(trials, program);
	if (values.trial !== undefined) {
		await expedition.play(values.trial, Tape.parse(values.tape), 0);
		process.stdout.write(`${program}: it holds\n`);
		process.exit(0);
	}
	const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
	const random = seededRandom(seed);
	const until = performance.now() + seconds * 1000;
	const file = corpusFile(program);
	const known = load(file).filter(({ trial }) => trial in trials);
	for (const one of known) await expedition.explore([one], [1]);
	const begun = expedition.coverage.size;
	const countUntil = performance.now() + (until - performance.now()) * COUNTED;
	while (performance.now() < countUntil) {
		const batch = Array.from({ length: BATCH }, () => expedition.candidate(random));
		await expedition.explore(
			batch,
			batch.map(() => Math.floor(random() * 2 ** 31)),
		);
	}
	expedition.coverage.stop();
	while (performance.now() < until) {
		const { trial, tape } = expedition.candidate(random);
		await expedition.play(trial, tape, Math.floor(random() * 2 ** 31));
	}
	if (values.keep) save(file, expedition.kept);
	const { counts, coverage, done, kept } = expedition;
	const shares = [...counts].sort((a, b) => b[1] - a[1]).map(([key, count]) => `${key} ${count}`);
	process.stdout.write(
		`${program}: ${done} trials from seed ${seed}; ${coverage.size} characters of code reached, ${coverage.size - begun} of them not by the corpus of ${known.length}; ${kept.length} kept; ${shares.join(", ")}\n`,
	);
	process.exit(0);
}
