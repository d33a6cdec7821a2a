/** Plays a scenario: upstreams, a real Cordon in front of them, and the steps one after another. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Test } from "tap";
import { parse } from "yaml";
import { Cordon, folder, merged, type Settings } from "../cordon.ts";
import { askedBy, exchange } from "./asking.ts";
import { expectReply } from "./expecting.ts";
import { type Block, bodyOf, milliseconds, parseScript, ScriptError } from "./script.ts";
import { ScriptedUpstream } from "./scripted-upstream.ts";

const CLOCK = fileURLToPath(new URL("./shifted-clock.js", import.meta.url));
const PATIENCE_MS = 10_000;
const LOOK_MS = 20;

class Stage {
	readonly #t: Test;
	readonly #directory: string;
	readonly #clockFile: string;
	readonly #upstreams: ScriptedUpstream[] = [];
	readonly #lists: object[] = [];
	#config: Settings = {};
	#cordon: Cordon | undefined;
	#shift = 0;
	/** Milliseconds of the real clock: however little the scenario's own clock goes on, TTLs age by this one too. */
	#startedAt = 0;
	/** Whether it is asked for its metrics: without the admin server it starts faster. */
	#isLookedAt = false;
	#id = 1;

	constructor(t: Test) {
		this.#t = t;
		this.#directory = folder(t);
		this.#clockFile = join(this.#directory, "clock");
		this.#setClock(0);
	}

	#setClock(ms: number): void {
		this.#shift += ms;
		const bytes = Buffer.alloc(8);
		bytes.writeDoubleLE(this.#shift);
		writeFileSync(this.#clockFile, bytes);
	}

	async play(blocks: readonly Block[]): Promise<void> {
		this.#isLookedAt = blocks.some(({ words }) => words[0] === "metric");
		for (const block of blocks) await this.#do(block);
	}

	async #do(block: Block): Promise<void> {
		const [verb, ...words] = block.words;
		switch (verb) {
			case "config":
				this.#config = merged(this.#config, parse(bodyOf(block)) as Settings);
				return;
			case "list":
				return this.#list(block, words);
			case "upstream":
				if (words.length > 0) return this.#speakOfUpstream(block, words);
				this.#upstreams.push(await ScriptedUpstream.start(this.#t, block));
				return;
			case "query":
				return this.#query(block);
			case "clock":
				return this.#setClock(milliseconds(words[0] ?? "", block));
			case "reload":
				return this.#reload(block);
			case "metric":
				return this.#metric(block, words);
			default:
				throw new ScriptError(block, "no such step");
		}
	}

	/** `list NAME [kind K] [category C] [answer A] …`: the lines below are its file. */
	#list(block: Block, words: readonly string[]): void {
		const [name = "list", ...pairs] = words;
		const file = join(this.#directory, `${name}.txt`);
		writeFileSync(file, bodyOf(block));
		const keys = Object.fromEntries(
			Array.from({ length: pairs.length / 2 }, (_, i) => [pairs[i * 2], pairs[i * 2 + 1]]),
		);
		this.#lists.push({ name, file, ...keys });
	}

	async #running(): Promise<Cordon> {
		if (this.#cordon !== undefined) return this.#cordon;
		mkdirSync(join(this.#directory, "data"), { recursive: true });
		const servers = this.#upstreams.map(({ port }) => `udp://127.0.0.1:${port}`);
		const base: Settings = {
			listen: { dns: ["127.0.0.1:0"], admin: this.#isLookedAt ? "127.0.0.1:0" : false },
			upstreams: {
				servers: servers.length > 0 ? servers : ["udp://127.0.0.1:9"],
				strategy: "strict",
				timeout: "300ms",
			},
			lists: this.#lists,
			dataDir: "data",
			workers: 1,
		};
		const preload = ["--import", `file://${CLOCK}#${encodeURIComponent(this.#clockFile)}`];
		this.#cordon = await Cordon.start(this.#t, merged(base, this.#config), this.#directory, preload);
		this.#startedAt = performance.now();
		return this.#cordon;
	}

	async #query(block: Block): Promise<void> {
		const cordon = await this.#running();
		const asked = askedBy(block, this.#id++ & 0xffff);
		const silence = block.below.some(({ text }) => text === "silence");
		const reply = await exchange(cordon.dns[0], asked, silence);
		expectReply(block, reply, Math.floor((performance.now() - this.#startedAt) / 1000));
	}

	async #reload(block: Block): Promise<void> {
		const cordon = await this.#running();
		const line = await cordon.reload(parse(bodyOf(block)) as Settings);
		if (!/reloaded/.test(line)) throw new ScriptError(block, line.trim());
	}

	/** `upstream [N] saw COUNT [NAME [TYPE]]`, `upstream [N] dies`, `upstream [N] returns`. */
	async #speakOfUpstream(block: Block, words: readonly string[]): Promise<void> {
		const numbered = /^\d+$/.test(words[0] ?? "");
		const upstream = this.#upstreams[numbered ? Number(words[0]) - 1 : 0];
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
		const cordon = await this.#running();
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

/** Plays the text of a scenario; rejects with what went otherwise than it says. */
export async function playScript(t: Test, text: string): Promise<void> {
	await new Stage(t).play(parseScript(text).blocks);
}
