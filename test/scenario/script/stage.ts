/** Where scenarios are played: upstreams, and a real Cordon in front of them. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Test } from "tap";
import { parse } from "yaml";
import { Cordon, folder, merged, type Settings } from "../cordon.ts";
import { type Block, bodyOf } from "./script.ts";
import { ScriptedUpstream } from "./scripted-upstream.ts";
import type { Setting } from "./setting.ts";

const CLOCK = fileURLToPath(new URL("./shifted-clock.js", import.meta.url));

export class Stage {
	readonly upstreams: readonly ScriptedUpstream[];
	readonly #t: Test;
	readonly #directory: string;
	readonly #clockFile: string;
	readonly #setting: Setting;
	readonly #hasAdmin: boolean;
	#cordon: Cordon | undefined;
	#shift = 0;
	/** Milliseconds of the real clock: however little the scenario's own clock goes on, TTLs age by this one too. */
	#beganAt = 0;

	/**
	 * It goes with the test `t`.
	 *
	 * @param hasAdmin whether Cordon has an admin server, with which it starts slower: `metric` and `clear` need it.
	 */
	static async set(t: Test, setting: Setting, hasAdmin: boolean): Promise<Stage> {
		const upstreams: ScriptedUpstream[] = [];
		for (const block of setting.upstreams) upstreams.push(await ScriptedUpstream.start(t, block));
		return new Stage(t, setting, hasAdmin, upstreams);
	}

	private constructor(t: Test, setting: Setting, hasAdmin: boolean, upstreams: readonly ScriptedUpstream[]) {
		this.#t = t;
		this.#setting = setting;
		this.#hasAdmin = hasAdmin;
		this.upstreams = upstreams;
		this.#directory = folder(t);
		this.#clockFile = join(this.#directory, "clock");
		this.advance(0);
		for (const list of setting.lists) this.writeList(list);
	}

	/** All clocks of the server go ahead, by milliseconds; its timers do not. */
	advance(ms: number): void {
		this.#shift += ms;
		const bytes = Buffer.alloc(8);
		bytes.writeDoubleLE(this.#shift);
		writeFileSync(this.#clockFile, bytes);
	}

	/** `list NAME [kind K] [category C] [answer A] …`: the lines below are its file. */
	writeList(list: Block): void {
		writeFileSync(this.#listFile(list), bodyOf(list));
	}

	#listFile({ words: [, name] }: Block): string {
		return join(this.#directory, `${name}.txt`);
	}

	#listSettings(list: Block): Settings {
		const [, name, ...pairs] = list.words;
		const keys = Object.fromEntries(
			Array.from({ length: pairs.length / 2 }, (_, i) => [pairs[i * 2], pairs[i * 2 + 1]]),
		);
		return { name, file: this.#listFile(list), ...keys };
	}

	/** The running Cordon: it starts when it is first needed. */
	async cordon(): Promise<Cordon> {
		if (this.#cordon !== undefined) return this.#cordon;
		mkdirSync(join(this.#directory, "data"), { recursive: true });
		const servers = this.upstreams.map(({ port }) => `udp://127.0.0.1:${port}`);
		const base: Settings = {
			listen: { dns: ["127.0.0.1:0"], admin: this.#hasAdmin ? "127.0.0.1:0" : false },
			upstreams: {
				servers: servers.length > 0 ? servers : ["udp://127.0.0.1:9"],
				strategy: "strict",
				timeout: "300ms",
			},
			lists: this.#setting.lists.map((list) => this.#listSettings(list)),
			dataDir: "data",
			workers: 1,
		};
		const config = this.#setting.config.reduce(
			(before, block) => merged(before, parse(bodyOf(block)) as Settings),
			base,
		);
		const preload = ["--import", `file://${CLOCK}#${encodeURIComponent(this.#clockFile)}`];
		this.#cordon = await Cordon.start(this.#t, config, this.#directory, preload);
		this.#beganAt = performance.now();
		return this.#cordon;
	}

	/** Whole seconds of the real clock since the scenario's first question. */
	get secondsPassed(): number {
		return Math.floor((performance.now() - this.#beganAt) / 1000);
	}

	/** For another scenario whose setting has the same `startKey`: nothing is cached, and the upstreams are those of `setting`. */
	async clear(setting: Setting): Promise<void> {
		const cordon = await this.cordon();
		const token = readFileSync(join(this.#directory, "data", "operator.token"), "utf8").trim();
		const response = await fetch(`${cordon.admin}/api/v1/cache/flush`, {
			method: "POST",
			headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
			body: JSON.stringify({ scope: "all" }),
		});
		const answer = await response.text();
		if (response.status !== 200) throw new Error(`the cache was not flushed: ${response.status} ${answer}`);
		for (const [i, upstream] of this.upstreams.entries()) await upstream.become(setting.upstreams[i]);
		this.#beganAt = performance.now();
	}
}
