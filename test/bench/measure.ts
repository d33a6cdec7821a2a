import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { BlockedLists } from "./blocked-lists.ts";
import type { Cleanup } from "./cleanup.ts";
import { type Drive, type DriveResult, dnsperfCommand, readDnsperf } from "./dnsperf.ts";
import { floodCommand, readFlood } from "./flood.ts";
import { freePort } from "./free-port.ts";
import type { Load, LoadName, Workload } from "./loads.ts";
import type { Cores } from "./machine.ts";
import { faultOf, firstAnswer, isBlockedReply } from "./probe.ts";
import { busySeconds, cpuSeconds, ownSeconds, residentBytes } from "./process-usage.ts";
import { type Command, Program } from "./program.ts";
import type { Server } from "./server.ts";

export interface Bench {
	readonly cleanup: Cleanup;
	readonly directory: string;
	readonly cores: Cores;
	readonly dnsperf: string;
	readonly authority: Program;
	readonly authorityPort: number;
	readonly lists: BlockedLists;
	readonly workload: Workload;
	readonly seconds: number;
	readonly rounds: number;
	readonly say: (text: string) => void;
}

export interface StartResult {
	readonly name: string;
	readonly seconds: number;
	readonly residentBytes: number;
}

export interface LoadResult {
	/** Median of the rounds. */
	readonly queriesPerSecond: number;
	readonly cpuMicrosPerQuery: number;
	/** Of all rounds together. */
	readonly sent: number;
	readonly lost: number;
}

export interface ServerResult {
	readonly starts: readonly StartResult[];
	readonly loads: ReadonlyMap<LoadName, LoadResult>;
	/** After all loads, misses included. */
	readonly residentBytes: number;
	readonly warnings: readonly string[];
}

const READY_TIMEOUT_MS = 180_000;
const SETTLE_TIMEOUT_MS = 20_000;
const LOST_WARNING = 0.001;
const SHARE_WARNING = 0.005;
/** Share of a core: more than stray refreshes need. */
const UPSTREAM_WARNING = 0.05;
/** Share of a core: what the kernel's own threads and a quiet machine do not reach. */
const OTHERS_WARNING = 0.1;

function median(values: readonly number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	const middle = sorted.length >> 1;
	return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function percent(share: number): string {
	return `${(share * 100).toFixed(share < 0.01 ? 2 : 1)} %`;
}

/** One server, started, checked and driven. */
class Measurement {
	readonly #bench: Bench;
	readonly #server: Server;
	readonly #directory: string;
	readonly #warnings = new Set<string>();
	/** Share of a core that other programs took. */
	readonly #disturbed = new Map<LoadName, number>();
	#runs = 0;

	constructor(bench: Bench, server: Server) {
		this.#bench = bench;
		this.#server = server;
		this.#directory = join(bench.directory, server.name);
	}

	async run(file: string): Promise<ServerResult> {
		await mkdir(this.#directory, { recursive: true });
		const { lists, authorityPort } = this.#bench;
		const port = await freePort();
		const place = { directory: this.#directory, port, upstreamPort: authorityPort, lists, file };
		const command = await this.#server.prepare(place);
		const starts: StartResult[] = [];
		for (const [turn, name] of this.#server.starts.entries()) {
			const program = this.#program(command, this.#bench.cores.server);
			try {
				starts.push(await this.#start(program, port, name));
				if (turn < this.#server.starts.length - 1) {
					const code = await program.stop();
					if (code !== 0) this.#warnings.add(`ended with ${code} after SIGTERM`);
					continue;
				}
				const loads = await this.#drive(program, port);
				const remarks = (await this.#server.remarks?.()) ?? [];
				return {
					starts,
					loads,
					residentBytes: residentBytes(program.pid),
					warnings: [...this.#warnings, ...this.#disturbances(), ...remarks],
				};
			} finally {
				await program.stop();
			}
		}
		throw new Error("it has no way to start");
	}

	async #start(program: Program, port: number, name: string): Promise<StartResult> {
		const started = performance.now();
		const ended = new AbortController();
		program.exited.then(
			() => ended.abort(),
			() => undefined,
		);
		const reply = await firstAnswer(
			port,
			this.#bench.workload.blocked,
			isBlockedReply,
			READY_TIMEOUT_MS,
			ended.signal,
		);
		const seconds = (performance.now() - started) / 1000;
		if (reply === undefined) {
			throw new Error(`${program.running ? "never blocked a name" : "ended"}: ${program.lastWords()}`);
		}
		await this.#settle(program);
		const resident = residentBytes(program.pid);
		this.#bench.say(
			`ready ${name === "" ? "" : `from ${name} `}in ${seconds.toFixed(2)} s, ${Math.round(resident / 2 ** 20)} MiB`,
		);
		return { name, seconds, residentBytes: resident };
	}

	/** Waits until what a server does after its first answer, such as writing a snapshot, is over. */
	async #settle(program: Program): Promise<void> {
		const deadline = performance.now() + SETTLE_TIMEOUT_MS;
		let [before, quiet] = [cpuSeconds(program.pid), 0];
		while (quiet < 2 && performance.now() < deadline) {
			await pause(250);
			const now = cpuSeconds(program.pid);
			quiet = now - before <= 0.02 ? quiet + 1 : 0;
			before = now;
		}
	}

	async #drive(program: Program, port: number): Promise<Map<LoadName, LoadResult>> {
		const { workload } = this.#bench;
		// Slowly, and twice, so that no cache misses a name because a server was overrun.
		const warming = { port, file: workload.warmingFile, seconds: 60, once: true, limit: 20_000 };
		for (let pass = 0; pass < 2; pass++) await this.#dnsperf(warming);
		const results = new Map<LoadName, LoadResult>();
		for (const load of workload.loads) {
			const fault = await faultOf(port, workload.blocked, workload.good);
			if (fault !== undefined) throw new Error(`before ${load.name}: ${fault}`);
			results.set(load.name, await this.#load(program, port, load));
		}
		return results;
	}

	async #load(program: Program, port: number, load: Load): Promise<LoadResult> {
		const { seconds, rounds, authority, say } = this.#bench;
		const speeds: number[] = [];
		const costs: number[] = [];
		let [sent, lost, disturbance] = [0, 0, 0];
		for (let round = 0; round < rounds; round++) {
			const [before, upstreamBefore] = [cpuSeconds(program.pid), cpuSeconds(authority.pid)];
			const [busy, own, began] = [this.#busy(), ownSeconds(), performance.now()];
			const drive = { port, file: load.file(round), seconds, once: load.once };
			const result = await (load.tool === "flood" ? this.#flood(drive) : this.#dnsperf(drive));
			const used = cpuSeconds(program.pid) - before;
			const upstreamUsed = cpuSeconds(authority.pid) - upstreamBefore;
			const others = this.#busy() - busy - (ownSeconds() - own) - used - upstreamUsed;
			disturbance = Math.max(disturbance, (others * 1000) / (performance.now() - began));
			if (!program.running) throw new Error(`ended during ${load.name}: ${program.lastWords()}`);
			speeds.push(result.queriesPerSecond);
			costs.push((used * 1e6) / Math.max(1, result.completed));
			sent += result.sent;
			lost += result.lost;
			this.#judge(load, result);
			if (!load.needsUpstream && upstreamUsed > UPSTREAM_WARNING * seconds) {
				this.#warnings.add(`${load.name}: asks the upstream`);
			}
		}
		if (disturbance > OTHERS_WARNING) this.#disturbed.set(load.name, disturbance);
		const result = {
			queriesPerSecond: median(speeds),
			cpuMicrosPerQuery: median(costs),
			sent,
			lost,
		};
		say(
			`${load.name}: ${Math.round(result.queriesPerSecond)} q/s, ${result.cpuMicrosPerQuery.toFixed(1)} µs, ${lost} of ${sent} lost`,
		);
		return result;
	}

	#disturbances(): string[] {
		if (this.#disturbed.size === 0) return [];
		const loads = [...this.#disturbed].map(([name, share]) => `${name} ${percent(share)}`);
		return [`other programs took part of a core: ${loads.join(", ")}`];
	}

	#busy(): number {
		const { server, load } = this.#bench.cores;
		return busySeconds(server === undefined || load === undefined ? undefined : [server, load]);
	}

	/** A server that is fast at giving wrong answers must not look good. */
	#judge(load: Load, result: DriveResult): void {
		const warn = (text: string): void => {
			this.#warnings.add(`${load.name}: ${text}`);
		};
		const lost = result.lost / Math.max(1, result.sent);
		if (lost > LOST_WARNING) warn(`${percent(lost)} lost`);
		const expected = new Map([
			["NXDOMAIN", load.blockedShare],
			["NOERROR", 1 - load.blockedShare],
		]);
		for (const code of new Set([...expected.keys(), ...result.rcodes.keys()])) {
			const share = result.rcodes.get(code) ?? 0;
			if (Math.abs(share - (expected.get(code) ?? 0)) > SHARE_WARNING) {
				warn(`${percent(share)} ${code}, not ${percent(expected.get(code) ?? 0)}`);
			}
		}
	}

	async #dnsperf(drive: Drive): Promise<DriveResult> {
		return readDnsperf(await this.#printed("dnsperf", dnsperfCommand(this.#bench.dnsperf, drive)));
	}

	async #flood({ port, file, seconds }: Drive): Promise<DriveResult> {
		return readFlood(await this.#printed("the flood", floodCommand(port, file, seconds)));
	}

	/** What a program of the load printed. */
	async #printed(name: string, command: Command): Promise<string> {
		const program = this.#program(command, this.#bench.cores.load);
		const code = await program.exited;
		if (code !== 0) throw new Error(`${name} ended with ${code}: ${program.lastWords()}`);
		return program.output();
	}

	#program(command: Command, cores: string | undefined): Program {
		const logFile = join(this.#directory, `program-${this.#runs++}.log`);
		return new Program(command, { cleanup: this.#bench.cleanup, logFile, cores });
	}
}

export async function measure(bench: Bench, server: Server, file: string): Promise<ServerResult> {
	return new Measurement(bench, server).run(file);
}
