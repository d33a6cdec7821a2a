import { once } from "node:events";
import { join } from "node:path";
import type { Cleanup } from "./cleanup.ts";
import type { ClientRequest, PhaseReport } from "./latency-client.ts";
import { Program } from "./program.ts";

export interface LatencyLoadOptions {
	readonly cleanup: Cleanup;
	readonly directory: string;
	readonly cores: string | undefined;
	readonly port: number;
	/** Queries a second. */
	readonly rate: number;
	readonly blocked: readonly string[];
	readonly good: readonly string[];
}

/** The latency client in its own process. */
export class LatencyLoad {
	readonly #program: Program;
	/** Whether it comes before everything else on its core. */
	hasPrecedence = false;

	private constructor(program: Program) {
		this.#program = program;
	}

	static async start(options: LatencyLoadOptions): Promise<LatencyLoad> {
		const { cleanup, directory, cores, port, rate, blocked, good } = options;
		const program = new Program(
			{ file: process.execPath, arguments: [join(import.meta.dirname, "latency-client.js")] },
			{ cleanup, logFile: join(directory, "latency-client.log"), cores, speaks: true },
		);
		const load = new LatencyLoad(program);
		const prepared = await load.#ask({ kind: "prepare", port, rate, blocked, good });
		load.hasPrecedence = (prepared as { readonly hasPrecedence: boolean }).hasPrecedence;
		return load;
	}

	get pid(): number {
		return this.#program.pid;
	}

	begin(): void {
		this.#send({ kind: "begin" });
	}

	async end(): Promise<PhaseReport> {
		return (await this.#ask({ kind: "end" })) as PhaseReport;
	}

	async stop(): Promise<void> {
		await this.#program.stop();
	}

	#send(request: ClientRequest): void {
		this.#program.child.send(request);
	}

	async #ask(request: ClientRequest): Promise<unknown> {
		const gone = this.#program.exited.then(() => {
			throw new Error(`the latency client ended: ${this.#program.lastWords()}`);
		});
		const answer = once(this.#program.child, "message").then(([message]) => message as unknown);
		this.#send(request);
		return Promise.race([answer, gone]);
	}
}
