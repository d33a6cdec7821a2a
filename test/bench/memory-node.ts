import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { ChangingList } from "./changing-list.ts";
import type { Cleanup } from "./cleanup.ts";
import { cordonCommand } from "./cordon-server.ts";
import { type Drive, type DriveResult, dnsperfCommand, readDnsperf } from "./dnsperf.ts";
import { freePort } from "./free-port.ts";
import type { Workload } from "./loads.ts";
import { MemoryGroup } from "./memory-group.ts";
import type { MemoryPhase } from "./memory-table.ts";
import { firstAnswer, isBlockedReply } from "./probe.ts";
import { cpuSeconds } from "./process-usage.ts";
import { type Command, Program } from "./program.ts";

export interface MemoryPlan {
	readonly workers: number;
	readonly limitMiB: number | undefined;
	readonly seconds: number;
	readonly reloads: number;
	readonly main: string;
	readonly dnsperf: string;
	readonly workload: Workload;
	readonly upstreamPort: number;
	readonly directory: string;
	readonly list: ChangingList;
	readonly cleanup: Cleanup;
	readonly say: (text: string) => void;
}

const READY_TIMEOUT_MS = 120_000;
const SETTLE_TIMEOUT_MS = 20_000;
const RELOAD_RATE = 5000;

/** One Cordon in one control group, led through all that it may meet. */
export class MemoryNode {
	/** Which control groups were used. */
	static groups = "";
	readonly phases: MemoryPhase[] = [];
	readonly #plan: MemoryPlan;
	readonly #group: MemoryGroup;
	readonly #command: Command;
	readonly #port: number;
	#program: Program;
	#runs = 0;
	#version = 0;
	#seen = { reached: 0, killed: 0 };

	private constructor(plan: MemoryPlan, group: MemoryGroup, command: Command, port: number) {
		this.#plan = plan;
		this.#group = group;
		this.#command = command;
		this.#port = port;
		this.#program = this.#run(group.wrapped(command));
	}

	static async start(plan: MemoryPlan): Promise<MemoryNode> {
		const { directory, list, main, upstreamPort, workers } = plan;
		const port = await freePort();
		const command = await cordonCommand(main, {
			directory,
			port,
			upstreamPort,
			workers,
			list: `file: "${list.path}"`,
		});
		const group = new MemoryGroup(`${workers}-workers`, plan.limitMiB, plan.cleanup);
		MemoryNode.groups = group.title;
		return new MemoryNode(plan, group, command, port);
	}

	async measure(): Promise<void> {
		try {
			await this.#phase("start from the list", () => this.#untilBlocked());
			await this.#phase("load: blocked and cached names", () => this.#load("mix"));
			await this.#phase("load: names asked once, the cache full", () => this.#load("misses"));
			for (let turn = 1; turn <= this.#plan.reloads; turn++) {
				await this.#phase(`reload ${turn}, under load`, () => this.#reload());
			}
			const code = await this.#program.stop();
			if (code !== 0) throw new Error(`it ended with ${code}: ${this.#program.lastWords()}`);
			this.#group.takePeak();
			this.#program = this.#run(this.#group.wrapped(this.#command));
			await this.#phase("start from the snapshot", () => this.#untilBlocked());
			await this.#phase("load: names asked once, the cache full", () => this.#load("misses"));
		} catch (error) {
			if (this.#group.killed() === this.#seen.killed) throw error;
			this.#note("killed by the kernel", 0, "");
		} finally {
			await this.#program.stop();
			this.#group.close();
		}
	}

	async #phase(name: string, during: () => Promise<string>): Promise<void> {
		const remark = await during();
		const peak = this.#group.takePeak();
		await this.#settle();
		this.#note(name, Math.max(peak, this.#group.takePeak()), remark);
	}

	#note(name: string, peakBytes: number, remark: string): void {
		const { workers, say } = this.#plan;
		const [reached, killed] = [this.#group.reached(), this.#group.killed()];
		const phase = {
			workers,
			limitMiB: this.#plan.limitMiB,
			name,
			peakBytes,
			restBytes: this.#group.held(),
			reached: reached - this.#seen.reached,
			killed: killed - this.#seen.killed,
			remark,
		};
		this.#seen = { reached, killed };
		this.phases.push(phase);
		say(
			`${workers} workers, ${name}: ${Math.round(peakBytes / 2 ** 20)} MiB, at rest ${Math.round(phase.restBytes / 2 ** 20)}, killed ${phase.killed}, ${remark}`,
		);
	}

	/** Until a name that only this version of the list has is blocked. */
	async #untilBlocked(): Promise<string> {
		const began = performance.now();
		const ended = new AbortController();
		void this.#program.exited.then(() => ended.abort());
		const name = this.#plan.list.marker(this.#version);
		const reply = await firstAnswer(this.#port, [name], isBlockedReply, READY_TIMEOUT_MS, ended.signal);
		if (reply === undefined) throw new Error(`${name} was never blocked: ${this.#program.lastWords()}`);
		return `${((performance.now() - began) / 1000).toFixed(1)} s`;
	}

	async #load(name: "mix" | "misses", seconds = this.#plan.seconds, limit?: number): Promise<string> {
		const load = this.#plan.workload.loads.find((one) => one.name === name);
		if (load === undefined) throw new Error(`there is no load ${name}`);
		const drive: Drive = {
			port: this.#port,
			file: load.file(0),
			seconds,
			once: false,
			...(limit === undefined ? {} : { limit }),
		};
		const { completed, lost } = await this.#dnsperf(drive);
		return `${completed.toLocaleString("en")} answers, ${lost} lost`;
	}

	async #dnsperf(drive: Drive): Promise<DriveResult> {
		const program = this.#run(dnsperfCommand(this.#plan.dnsperf, drive));
		const code = await program.exited;
		if (code !== 0) throw new Error(`dnsperf ended with ${code}: ${program.lastWords()}`);
		if (!this.#program.running) throw new Error(`it ended under load: ${this.#program.lastWords()}`);
		return readDnsperf(program.output());
	}

	async #reload(): Promise<string> {
		const load = this.#load("mix", Math.max(5, this.#plan.seconds), RELOAD_RATE);
		this.#plan.list.change();
		this.#version++;
		process.kill(this.#program.pid, "SIGHUP");
		const took = await this.#untilBlocked();
		return `${took}; ${await load}`;
	}

	/** Until what comes behind, such as a snapshot and garbage collected, is over. */
	async #settle(): Promise<void> {
		const deadline = performance.now() + SETTLE_TIMEOUT_MS;
		let [before, quiet] = [cpuSeconds(this.#program.pid), 0];
		while (quiet < 4 && performance.now() < deadline) {
			await pause(250);
			const now = cpuSeconds(this.#program.pid);
			quiet = now - before <= 0.02 ? quiet + 1 : 0;
			before = now;
		}
	}

	#run(command: Command): Program {
		const { cleanup, directory } = this.#plan;
		return new Program(command, { cleanup, logFile: join(directory, `program-${this.#runs++}.log`) });
	}
}
