import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Cleanup } from "./cleanup.ts";
import { readDnsperf } from "./dnsperf.ts";
import { Program } from "./program.ts";

export interface SteadyLoadOptions {
	readonly dnsperf: string;
	readonly directory: string;
	readonly cleanup: Cleanup;
	readonly port: number;
	/** The file of queries. */
	readonly queries: string;
	/** Queries a second. */
	readonly rate: number;
}

export interface SteadyResult {
	readonly sent: number;
	/** Not answered within `TIMEOUT_S`. */
	readonly lost: number;
	/** Answers that say SERVFAIL, or anything else that the names must not have. */
	readonly wrong: number;
	readonly averageMs: number;
	readonly maxMs: number;
	readonly perSecond: number;
}

/** Much longer than a client would wait: what is late shows in the latency, what is lost is lost. */
const TIMEOUT_S = 5;
/** So that dnsperf keeps its pace while answers wait. */
const OUTSTANDING = 60_000;
const LONGEST_S = 3600;
const BEGIN_MS = 1000;

/** dnsperf for as long as something takes. */
export class SteadyLoad {
	readonly #options: SteadyLoadOptions;
	#turn = 0;

	constructor(options: SteadyLoadOptions) {
		this.#options = options;
	}

	async during(work: () => Promise<void>): Promise<SteadyResult> {
		const { dnsperf, directory, cleanup, port, queries, rate } = this.#options;
		const words = ["-s", "127.0.0.1", "-p", `${port}`, "-d", queries, "-l", `${LONGEST_S}`, "-c", "16"];
		words.push("-q", `${OUTSTANDING}`, "-b", "4096", "-t", `${TIMEOUT_S}`, "-Q", `${rate}`);
		const logFile = join(directory, `dnsperf-${this.#turn++}.log`);
		const program = new Program({ file: dnsperf, arguments: words }, { cleanup, logFile });
		await pause(BEGIN_MS);
		await work();
		program.child.kill("SIGINT");
		await program.exited;
		return read(program.output());
	}
}

function read(output: string): SteadyResult {
	const { sent, completed, lost, queriesPerSecond, rcodes } = readDnsperf(output);
	const latency = /Average Latency \(s\):\s+([\d.]+) \(min [\d.]+, max ([\d.]+)\)/.exec(output);
	if (latency === null) throw new Error(`dnsperf did not print its latency:\n${output.slice(-1000)}`);
	const right = (rcodes.get("NOERROR") ?? 0) + (rcodes.get("NXDOMAIN") ?? 0);
	return {
		sent,
		lost,
		wrong: Math.round((1 - right) * completed),
		averageMs: Number(latency[1]) * 1000,
		maxMs: Number(latency[2]) * 1000,
		perSecond: queriesPerSecond,
	};
}
