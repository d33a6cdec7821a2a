/** The real program as a child process, with a configuration and a data folder of its own. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Test } from "tap";
import { Watchers } from "./watchers.ts";

export const MAIN = fileURLToPath(new URL("../../src/main.js", import.meta.url));
const PATIENCE_MS = 20_000;
/**
 * For `node`: V8 optimises a function when it has run for some fifteen times as long as it does by default. A program that
 * ends soon spends a fifth of its time on what then hardly runs; what is really busy is optimised all the same.
 */
const SHORT_LIVED = ["--interrupt-budget=1000000"];

export const ENGINES = ["batch", "dgram"] as const;
/** A part of the configuration, as JSON, which is YAML too. */
export type Settings = { readonly [key: string]: unknown };

export interface Ended {
	readonly code: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

function isMap(value: unknown): value is Settings {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `over` laid over `base`, maps merged, everything else replaced. */
export function merged(base: Settings, over: Settings): Settings {
	const out: Record<string, unknown> = { ...base };
	for (const [key, value] of Object.entries(over)) {
		const old = out[key];
		out[key] = isMap(old) && isMap(value) ? merged(old, value) : value;
	}
	return out;
}

/** A folder that goes with the test. */
export function folder(t: Test): string {
	const path = mkdtempSync(join(tmpdir(), "cordon-scenario-"));
	t.teardown(() => rmSync(path, { recursive: true, force: true }));
	return path;
}

/**
 * Any port on both loopback addresses, two workers, and an upstream. Answers may take their time: how long it takes until
 * a test lets go of one that it holds is nothing that the test is about.
 */
export function settings(upstream: string, ...over: readonly Settings[]): Settings {
	const base: Settings = {
		listen: { dns: ["127.0.0.1:0", "[::1]:0"], admin: "127.0.0.1:0" },
		access: { discardAfter: "1m" },
		upstreams: { servers: [upstream] },
		dataDir: "data",
		workers: 2,
	};
	return over.reduce(merged, base);
}

/** A running command: what it has printed so far, and how it ends. */
export class Command {
	readonly child: ChildProcessWithoutNullStreams;
	readonly ended: Promise<Ended>;
	stdout = "";
	stderr = "";
	readonly #watchers = new Watchers();

	constructor(t: Test, argv: readonly string[], nodeArguments: readonly string[] = []) {
		// The test runner's hooks are not for the program.
		const { NODE_OPTIONS: _, ...env } = process.env;
		this.child = spawn(process.execPath, [...SHORT_LIVED, ...nodeArguments, MAIN, ...argv], { env });
		const hear = (stream: "stdout" | "stderr") => (text: string) => {
			this[stream] += text;
			this.#watchers.wake();
		};
		this.child.stdout.setEncoding("utf8").on("data", hear("stdout"));
		this.child.stderr.setEncoding("utf8").on("data", hear("stderr"));
		this.ended = new Promise((resolve) => {
			this.child.on("close", (code) => {
				resolve({ code, stdout: this.stdout, stderr: this.stderr });
				this.#watchers.wake();
			});
		});
		t.teardown(async () => {
			this.child.kill("SIGKILL");
			await this.ended;
		});
	}

	/** Waits until what was printed after `from` matches. */
	printed(stream: "stdout" | "stderr", pattern: RegExp, from = 0): Promise<RegExpExecArray> {
		return this.heard(stream, pattern, from, () => {
			const { exitCode, signalCode } = this.child;
			return exitCode !== null || signalCode !== null;
		});
	}

	/** The same where somebody else may print on behalf of a process that has ended. */
	async heard(
		stream: "stdout" | "stderr",
		pattern: RegExp,
		from = 0,
		hasEnded = () => false,
	): Promise<RegExpExecArray> {
		const deadline = AbortSignal.timeout(PATIENCE_MS);
		for (;;) {
			const match = pattern.exec(this[stream].slice(from));
			if (match !== null) return match;
			if (deadline.aborted || hasEnded())
				throw new Error(`waited in vain for ${pattern}:\n${this.stdout}${this.stderr}`);
			await this.#watchers.next(deadline);
		}
	}
}

/** `cordon serve`. */
export class Cordon extends Command {
	readonly directory: string;
	readonly configPath: string;
	#settings: Settings;
	/** Where it answers, as `ADDRESS:PORT`, in the order of listen.dns. */
	dns: readonly string[] = [];
	admin = "";

	constructor(
		t: Test,
		config: Settings,
		directory = folder(t),
		nodeArguments: readonly string[] = [],
		options: readonly string[] = [],
	) {
		const path = join(directory, "cordon.yaml");
		writeFileSync(path, JSON.stringify(config));
		super(t, ["serve", "--config", path, ...options], nodeArguments);
		this.directory = directory;
		this.configPath = path;
		this.#settings = config;
	}

	static async start(t: Test, config: Settings, directory?: string, nodeArguments?: readonly string[]) {
		const cordon = new Cordon(t, config, directory, nodeArguments);
		await cordon.ready();
		return cordon;
	}

	/** Another one that takes over from this one; its configuration is the same but for `change`. */
	successor(t: Test, change: Settings = {}): Cordon {
		return new Cordon(t, merged(this.#settings, change), this.directory, [], ["--takeover"]);
	}

	async ready(): Promise<void> {
		const text = await this.printed("stdout", /^Cordon is ready\.\n(.|\n)*^ {2}config .*\n/m);
		const [, answering = ""] = /^ {2}answering {2}(.*) over UDP and TCP/m.exec(text[0]) ?? [];
		this.dns = answering.split(", ");
		this.admin = /^ {2}page {7}(.*)\/$/m.exec(text[0])?.[1] ?? "";
	}

	/** Where log lines that are yet to come begin. */
	get now(): number {
		return this.stderr.length;
	}

	logged(pattern: RegExp, from = 0): Promise<RegExpExecArray> {
		return this.printed("stderr", pattern, from);
	}

	/** Writes the configuration with these changes, and waits until it has been taken over, or not. */
	async reload(change: Settings = {}): Promise<string> {
		this.#settings = merged(this.#settings, change);
		writeFileSync(this.configPath, JSON.stringify(this.#settings));
		return await this.hangUp();
	}

	/** SIGHUP, and what the log then says at last. */
	async hangUp(): Promise<string> {
		const from = this.now;
		this.child.kill("SIGHUP");
		const [line] = await this.logged(/^.*(reloaded|was not taken over|reloading failed).*\n/m, from);
		return line;
	}

	async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<Ended> {
		this.child.kill(signal);
		return await this.ended;
	}

	async get(path: string): Promise<{ readonly status: number; readonly body: string }> {
		const response = await fetch(this.admin + path);
		return { status: response.status, body: await response.text() };
	}

	/** Runs another command of the program on the same configuration. */
	async run(...argv: readonly string[]): Promise<Ended> {
		return await runCommand([...argv, "--config", this.configPath]);
	}
}

/** Runs a command of the program to its end. */
export function runCommand(argv: readonly string[]): Promise<Ended> {
	const { NODE_OPTIONS: _, ...env } = process.env;
	return run(process.execPath, [...SHORT_LIVED, MAIN, ...argv], env);
}

/** Runs any program to its end. */
export function run(file: string, argv: readonly string[], env = process.env): Promise<Ended> {
	return new Promise((resolve, reject) => {
		const child = spawn(file, argv, { env, stdio: ["ignore", "pipe", "pipe"] });
		const ended = { stdout: "", stderr: "" };
		child.stdout.setEncoding("utf8").on("data", (text: string) => {
			ended.stdout += text;
		});
		child.stderr.setEncoding("utf8").on("data", (text: string) => {
			ended.stderr += text;
		});
		child.on("error", reject);
		child.on("close", (code) => resolve({ code, ...ended }));
	});
}
