/** Plays the steps of a scenario on a stage, one after another. */
import { setTimeout as pause } from "node:timers/promises";
import { parse } from "yaml";
import type { Settings } from "../cordon.ts";
import { askedBy, exchange } from "./asking.ts";
import { expectReply } from "./expecting.ts";
import { type Block, bodyOf, milliseconds, ScriptError } from "./script.ts";
import type { Stage } from "./stage.ts";

const PATIENCE_MS = 10_000;
const LOOK_MS = 20;

class Play {
	readonly #stage: Stage;
	#id = 1;

	constructor(stage: Stage) {
		this.#stage = stage;
	}

	async step(block: Block): Promise<void> {
		const [verb, ...words] = block.words;
		switch (verb) {
			case "list":
				return this.#stage.writeList(block);
			case "upstream":
				return this.#upstream(block, words);
			case "query":
				return this.#query(block);
			case "clock":
				return this.#stage.advance(milliseconds(words[0] ?? "", block));
			case "reload":
				return this.#reload(block);
			case "metric":
				return this.#metric(block, words);
			default:
				throw new ScriptError(block, "no such step");
		}
	}

	async #query(block: Block): Promise<void> {
		const cordon = await this.#stage.cordon();
		const asked = askedBy(block, this.#id++ & 0xffff);
		const silence = block.below.some(({ text }) => text === "silence");
		const reply = await exchange(cordon.dns[0], asked, silence);
		expectReply(block, reply, this.#stage.secondsPassed);
	}

	async #reload(block: Block): Promise<void> {
		const cordon = await this.#stage.cordon();
		const line = await cordon.reload(parse(bodyOf(block)) as Settings);
		if (!/reloaded/.test(line)) throw new ScriptError(block, line.trim());
	}

	/** `upstream [N] saw COUNT [NAME [TYPE]]`, `upstream [N] dies`, `upstream [N] returns`. */
	async #upstream(block: Block, words: readonly string[]): Promise<void> {
		const numbered = /^\d+$/.test(words[0] ?? "");
		const upstream = this.#stage.upstreams[numbered ? Number(words[0]) - 1 : 0];
		const [verb, count, name, type] = numbered ? words.slice(1) : words;
		if (upstream === undefined) throw new ScriptError(block, "no such upstream");
		if (verb === "dies") return upstream.close();
		if (verb === "returns") return upstream.listen();
		if (verb !== "saw") throw new ScriptError(block, "expected saw, dies or returns");
		const wanted = Number(count);
		// What comes without being waited for, such as a refresh, may be on its way.
		for (const until = Date.now() + PATIENCE_MS; upstream.count(name, type) < wanted && Date.now() < until; )
			await pause(LOOK_MS);
		const found = upstream.count(name, type);
		if (found !== wanted) throw new ScriptError(block, `it saw ${found}`);
	}

	/** `metric NAME{LABELS} = VALUE`, or `>=`. */
	async #metric(block: Block, words: readonly string[]): Promise<void> {
		const cordon = await this.#stage.cordon();
		const [, wantedName = "", sign, number = ""] = /^metric (\S.*?) (=|>=) (\d+)$/.exec(block.text) ?? [];
		if (sign === undefined) throw new ScriptError(block, `expected NAME = VALUE, not ${words.join(" ")}`);
		const fits = (value: number): boolean =>
			sign === "=" ? value === Number(number) : value >= Number(number);
		let value = 0;
		for (const until = Date.now() + PATIENCE_MS; ; await pause(LOOK_MS)) {
			const { body } = await cordon.get("/metrics");
			const line = body.split("\n").find((one) => one.startsWith(`${wantedName} `));
			value = line === undefined ? 0 : Number(line.slice(wantedName.length + 1));
			if (fits(value)) return;
			if (Date.now() > until) throw new ScriptError(block, `it is ${value}`);
		}
	}
}

/** Rejects with what goes otherwise than the steps say. */
export async function play(stage: Stage, steps: readonly Block[]): Promise<void> {
	const one = new Play(stage);
	for (const block of steps) await one.step(block);
}
