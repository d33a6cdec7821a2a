import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, closeSync, constants, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Cleanup } from "./cleanup.ts";
import { processTree } from "./process-usage.ts";

export interface Command {
	readonly file: string;
	readonly arguments: readonly string[];
	readonly directory?: string;
}

export interface ProgramOptions {
	readonly cleanup: Cleanup;
	/** Where its output goes. */
	readonly logFile: string;
	/** As taskset takes them; anywhere when undefined. */
	readonly cores?: string | undefined;
	/** Whether it is a Node program of ours that speaks with us. */
	readonly speaks?: boolean;
}

const GRACE_MS = 10_000;

/** A program we started, which ends with us at the latest. */
export class Program {
	readonly pid: number;
	/** Its exit code; -1 when a signal ended it. */
	readonly exited: Promise<number>;
	readonly child: ChildProcess;
	readonly #logFile: string;

	constructor(command: Command, options: ProgramOptions) {
		const [file, ...rest] =
			options.cores === undefined
				? [command.file, ...command.arguments]
				: ["taskset", "-c", options.cores, command.file, ...command.arguments];
		this.#logFile = options.logFile;
		// A file, not a pipe: we must not have to read while others are measured.
		const log = openSync(options.logFile, "w");
		this.child = spawn(file, rest, {
			stdio: options.speaks === true ? ["ignore", log, log, "ipc"] : ["ignore", log, log],
			...(command.directory === undefined ? {} : { cwd: command.directory }),
		});
		closeSync(log);
		this.pid = this.child.pid ?? 0;
		this.exited = new Promise((resolve) => {
			this.child.once("error", () => resolve(-1));
			this.child.once("exit", (code) => resolve(code ?? -1));
		});
		options.cleanup.add(() => this.#kill());
	}

	get running(): boolean {
		return this.pid !== 0 && this.child.exitCode === null && this.child.signalCode === null;
	}

	output(): string {
		return readFileSync(this.#logFile, "utf8");
	}

	/** The last lines of its output, for a message. */
	lastWords(): string {
		return this.output().trim().split("\n").slice(-5).join("\n");
	}

	/** Its exit code; -1 when it had to be killed. */
	async stop(): Promise<number> {
		if (!this.running) return this.exited;
		const patience = setTimeout(() => this.#kill(), GRACE_MS);
		this.child.kill("SIGTERM");
		const code = await this.exited;
		clearTimeout(patience);
		return code;
	}

	#kill(): void {
		if (!this.running) return;
		for (const pid of processTree(this.pid)) {
			try {
				process.kill(pid, "SIGKILL");
			} catch {
				// It ended by itself meanwhile.
			}
		}
	}
}

/** Where a program is installed; servers often stand where only root's PATH leads. */
export function installed(name: string): string | undefined {
	const folders = [...(process.env.PATH ?? "").split(":"), "/usr/local/sbin", "/usr/sbin", "/sbin"];
	for (const folder of folders) {
		const path = join(folder, name);
		try {
			accessSync(path, constants.X_OK);
			return path;
		} catch {
			// Not here.
		}
	}
	return undefined;
}
