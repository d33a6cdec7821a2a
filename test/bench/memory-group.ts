import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Cleanup } from "./cleanup.ts";
import type { Command } from "./program.ts";

const MIB = 2 ** 20;
const UNIFIED = "/sys/fs/cgroup";
const LEGACY = "/sys/fs/cgroup/memory";

/** How one generation of the kernel's control groups calls what is needed here. */
interface Dialect {
	readonly title: string;
	readonly root: string;
	readonly limit: (group: string, bytes: number) => void;
	/** Fields of memory.stat whose sum cannot be given back: objects, stacks, shared memory, the kernel's own. */
	readonly held: readonly string[];
	/** File and field that count how often the limit was reached, and how often somebody was killed for it. */
	readonly reached: readonly [string, RegExp];
	readonly killed: readonly [string, RegExp];
}

const VERSION_2: Dialect = {
	title: "cgroup v2",
	root: UNIFIED,
	limit: (group, bytes) => {
		writeFileSync(join(group, "memory.max"), `${bytes}`);
		const swap = join(group, "memory.swap.max");
		if (existsSync(swap)) writeFileSync(swap, "0");
	},
	held: ["anon", "shmem", "kernel", "sock"],
	reached: ["memory.events", /^max (\d+)/m],
	killed: ["memory.events", /^oom_kill (\d+)/m],
};

const VERSION_1: Dialect = {
	title: "cgroup v1",
	root: LEGACY,
	limit: (group, bytes) => {
		writeFileSync(join(group, "memory.limit_in_bytes"), `${bytes}`);
		const both = join(group, "memory.memsw.limit_in_bytes");
		if (existsSync(both)) writeFileSync(both, `${bytes}`);
	},
	held: ["total_rss", "total_shmem"],
	reached: ["memory.failcnt", /^(\d+)/],
	killed: ["memory.oom_control", /^oom_kill (\d+)/m],
};

function dialect(): Dialect {
	const controllers = join(UNIFIED, "cgroup.subtree_control");
	if (existsSync(controllers)) {
		if (!/\bmemory\b/.test(readFileSync(controllers, "utf8"))) writeFileSync(controllers, "+memory");
		return VERSION_2;
	}
	if (existsSync(join(LEGACY, "memory.limit_in_bytes"))) return VERSION_1;
	throw new Error("no control groups for memory under /sys/fs/cgroup; this needs Linux");
}

const SAMPLE_EVERY_MS = 5;

/** A control group with a limit of memory, as a container has it: no swap, and killed when it does not suffice. */
export class MemoryGroup {
	readonly title: string;
	readonly #path: string;
	readonly #dialect: Dialect;
	#peak = 0;
	#isSampling = true;

	/** `limitMiB`: no limit when undefined. */
	constructor(name: string, limitMiB: number | undefined, cleanup: Cleanup) {
		this.#dialect = dialect();
		this.title = this.#dialect.title;
		this.#path = join(this.#dialect.root, `cordon-${name}-${process.pid}`);
		mkdirSync(this.#path);
		cleanup.add(() => this.close());
		if (limitMiB !== undefined) this.#dialect.limit(this.#path, limitMiB * MIB);
		void this.#sample();
	}

	/** The command, run inside. */
	wrapped(command: Command): Command {
		const enter = `echo $$ >"$0/cgroup.procs" && exec "$@"`;
		return {
			...command,
			file: "/bin/sh",
			arguments: ["-c", enter, this.#path, command.file, ...command.arguments],
		};
	}

	/** Bytes that cannot be given back now. */
	held(): number {
		const stat = this.#read("memory.stat");
		const fields = new Map(stat.split("\n").map((line) => line.split(" ") as [string, string]));
		const kernel = this.#dialect === VERSION_1 ? Number(this.#read("memory.kmem.usage_in_bytes")) : 0;
		return this.#dialect.held.reduce((sum, name) => sum + Number(fields.get(name) ?? 0), kernel);
	}

	/** The most that was held since the last call. */
	takePeak(): number {
		const peak = Math.max(this.#peak, this.held());
		this.#peak = 0;
		return peak;
	}

	/** How often the limit was reached, and page cache had to go. */
	reached(): number {
		return this.#count(this.#dialect.reached);
	}

	/** How often the kernel killed somebody inside. */
	killed(): number {
		return this.#count(this.#dialect.killed);
	}

	close(): void {
		this.#isSampling = false;
		if (existsSync(this.#path)) rmdirSync(this.#path);
	}

	async #sample(): Promise<void> {
		while (this.#isSampling) {
			this.#peak = Math.max(this.#peak, this.held());
			await pause(SAMPLE_EVERY_MS, undefined, { ref: false });
		}
	}

	#count([file, pattern]: readonly [string, RegExp]): number {
		return Number(pattern.exec(this.#read(file))?.[1] ?? Number.NaN);
	}

	#read(file: string): string {
		return readFileSync(join(this.#path, file), "latin1");
	}
}
