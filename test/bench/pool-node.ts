import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { WorkerPriority } from "../../src/config/workers-schema.ts";
import type { PoolStatus } from "../../src/pool/desk.ts";
import type { Cleanup } from "./cleanup.ts";
import { freePort } from "./free-port.ts";
import { firstAnswer } from "./probe.ts";
import { Program } from "./program.ts";

/** What all nodes of a benchmark share. */
export interface PoolGround {
	readonly cleanup: Cleanup;
	readonly directory: string;
	/** The program's path. */
	readonly main: string;
	readonly upstreamPort: number;
	readonly redisPort: number;
	readonly cores: string | undefined;
	readonly priority: WorkerPriority;
}

/** Who brings in all that is blocked here. */
export const MEMBER = "bench";
const READY_TIMEOUT_MS = 60_000;
/** A burst has to be taken in before it is answered. */
const ANSWER_TIMEOUT_MS = 600_000;

/** One Cordon with a data folder of its own, and its API. */
export class PoolNode {
	readonly name: string;
	readonly port: number;
	readonly #adminPort: number;
	readonly #ground: PoolGround;
	readonly #directory: string;
	#program: Program;
	#starts = 0;

	private constructor(name: string, pool: string, ports: readonly [number, number], ground: PoolGround) {
		this.name = name;
		[this.port, this.#adminPort] = ports;
		this.#ground = ground;
		this.#directory = join(ground.directory, name);
		mkdirSync(this.#directory);
		writeFileSync(this.#config, JSON.stringify(this.#settings(pool)));
		this.#program = this.#launch();
	}

	/** Starts it; resolves at once. */
	static async launch(name: string, pool: string, ground: PoolGround): Promise<PoolNode> {
		return new PoolNode(name, pool, [await freePort(), await freePort()], ground);
	}

	get pid(): number {
		return this.#program.pid;
	}

	/** Starts it again on what it left in its folder. */
	relaunch(): void {
		this.#program = this.#launch();
	}

	async stop(): Promise<void> {
		const code = await this.#program.stop();
		if (code !== 0) throw new Error(`${this.name} ended with ${code}:\n${this.#program.lastWords()}`);
	}

	/** Resolves when it answers queries. */
	async answers(): Promise<void> {
		const reply = await firstAnswer(this.port, ["ready.example.net"], () => true, READY_TIMEOUT_MS);
		if (reply === undefined) throw this.#fault("does not answer");
	}

	/** The largest memory it ever had, in bytes. */
	get peakBytes(): number {
		return this.#memory("VmHWM");
	}

	get residentBytes(): number {
		return this.#memory("VmRSS");
	}

	status(): Promise<PoolStatus> {
		return this.api("GET", "/pool");
	}

	/** With the operator's token, unless another is given. Rejects when the answer is no good one. */
	async api<T>(
		method: "GET" | "POST" | "DELETE",
		path: string,
		options: { readonly token?: string; readonly body?: unknown; readonly lines?: string } = {},
	): Promise<T> {
		const { body, lines } = options;
		const token =
			options.token ?? readFileSync(join(this.#directory, "data", "operator.token"), "utf8").trim();
		const type = lines === undefined ? "application/json" : "application/x-ndjson";
		const sent = lines ?? (body === undefined ? undefined : JSON.stringify(body));
		const response = await fetch(`http://127.0.0.1:${this.#adminPort}/api/v1${path}`, {
			method,
			headers: { authorization: `Bearer ${token}`, ...(sent === undefined ? {} : { "content-type": type }) },
			signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
			...(sent === undefined ? {} : { body: sent }),
		});
		const text = await response.text();
		if (!response.ok) throw this.#fault(`${method} ${path} was answered with ${response.status} ${text}`);
		return JSON.parse(text) as T;
	}

	#memory(field: string): number {
		const text = readFileSync(`/proc/${this.pid}/status`, "latin1");
		return Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(text)?.[1] ?? 0) * 1024;
	}

	#fault(what: string): Error {
		return new Error(`${this.name} ${what}:\n${this.#program.lastWords()}`);
	}

	get #config(): string {
		return join(this.#directory, "cordon.yaml");
	}

	#settings(pool: string): object {
		const { upstreamPort, redisPort, priority } = this.#ground;
		return {
			listen: { dns: [`127.0.0.1:${this.port}`], admin: `127.0.0.1:${this.#adminPort}` },
			workers: 1,
			workerPriority: priority,
			upstreams: { servers: [`udp://127.0.0.1:${upstreamPort}`] },
			blocking: { answer: "nxdomain" },
			dataDir: "data",
			pool: {
				store: "redis",
				name: pool,
				node: this.name,
				redis: { url: `redis://127.0.0.1:${redisPort}` },
				trust: { members: [{ name: MEMBER, weight: 1 }] },
				limits: { freeChanges: 10_000_000, maxChanges: 10_000_000 },
			},
		};
	}

	#launch(): Program {
		const { cleanup, main, cores } = this.#ground;
		this.#starts++;
		return new Program(
			{
				file: process.execPath,
				// As `npm start` and the program's first line have it.
				arguments: ["--max-semi-space-size=1", main, "serve", "--config", this.#config],
				directory: this.#directory,
			},
			{ cleanup, logFile: join(this.#directory, `log-${this.#starts}`), cores },
		);
	}
}
