/** A real redis-server of a test's own: on a free port of 127.0.0.1, in a folder of its own, ended with the test. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { RedisSettings } from "../../../src/config/pool-settings.ts";
import { freePort } from "../../bench/free-port.ts";
import { until } from "./until.ts";

const run = promisify(execFile);

/** A process that ends without its teardown, because a test took too long, leaves no server behind. */
const running = new Set<ChildProcess>();
process.once("exit", () => {
	for (const child of running) child.kill("SIGKILL");
});

/** What ends with something: a test, or a benchmark. */
export interface Ends {
	teardown(step: () => unknown): unknown;
}

export interface ServerOptions {
	/** Lines of redis.conf, without the dashes: `["maxmemory 3mb", "appendonly yes"]`. */
	readonly conf?: readonly string[];
	/** `redis-server --sentinel` on this file; the folder is handed in. */
	readonly sentinelConf?: (folder: string) => string;
	/** Of every redis-cli call, such as `["--pass", "secret"]`. */
	readonly cliArguments?: readonly string[];
	/** TLS only: no plain port is opened. */
	readonly tls?: boolean;
	/** For a server that has to be where another was. */
	readonly port?: number;
}

/** A folder that goes with `t`. */
export function ownFolder(t: Ends): string {
	const folder = mkdtempSync(join(tmpdir(), "cordon-redis-"));
	t.teardown(() => rmSync(folder, { recursive: true, force: true }));
	return folder;
}

export class RedisServer {
	readonly port: number;
	readonly folder: string;
	readonly #options: ServerOptions;
	#child: ChildProcess | undefined;

	private constructor(port: number, folder: string, options: ServerOptions) {
		this.port = port;
		this.folder = folder;
		this.#options = options;
	}

	/** Resolves when it answers. */
	static async start(t: Ends, options: ServerOptions = {}): Promise<RedisServer> {
		const folder = ownFolder(t);
		const server = new RedisServer(options.port ?? (await freePort()), folder, options);
		t.teardown(() => server.kill());
		await server.start();
		return server;
	}

	/** As `pool.redis` would name it. */
	get settings(): RedisSettings {
		return singleSettings(this.port);
	}

	/** Starts it again after `kill`, on the same port and folder. */
	async start(): Promise<void> {
		await this.launch();
		await until(`redis-server on ${this.port} to answer`, async () => {
			if (this.#child?.exitCode !== null) throw new Error(`redis-server ended:\n${this.log()}`);
			return /^(PONG|.*NOAUTH|.*NOPERM)/m.test(await this.cli("ping").catch((e: unknown) => String(e)));
		});
	}

	/** Starts the process and does not wait for it to answer. */
	async launch(): Promise<void> {
		const { sentinelConf, tls = false, conf = [] } = this.#options;
		const common = [
			...(tls ? ["--port", "0", "--tls-port", String(this.port)] : ["--port", String(this.port)]),
			...["--bind", "127.0.0.1", "--dir", this.folder, "--logfile", join(this.folder, "log")],
			...["--daemonize", "no"],
		];
		const argv =
			sentinelConf === undefined
				? [...common, ...["--save", ""], "--enable-debug-command", "yes", ...conf.flatMap(asArguments)]
				: [sentinelConf(this.folder), "--sentinel", ...common];
		const { NODE_OPTIONS: _, ...env } = process.env;
		const child = spawn("redis-server", argv, { stdio: "ignore", env });
		this.#child = child;
		running.add(child);
		child.once("exit", () => running.delete(child));
		await once(child, "spawn");
	}

	/** SIGKILL: it has no time to save anything. Resolves when the process is gone. */
	async kill(): Promise<void> {
		const child = this.#child;
		this.#child = undefined;
		if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
		const ended = once(child, "exit");
		child.kill("SIGKILL");
		await ended;
	}

	/** SIGSTOP and SIGCONT: it is there, and does nothing. */
	pause(): void {
		this.#child?.kill("SIGSTOP");
	}

	resume(): void {
		this.#child?.kill("SIGCONT");
	}

	/** What redis-cli prints, without the newline at its end. Errors of Redis are printed too. */
	async cli(...command: readonly string[]): Promise<string> {
		const argv = ["-p", String(this.port), ...(this.#options.cliArguments ?? []), ...command];
		const { stdout } = await run("redis-cli", argv, { maxBuffer: 64 * 1024 * 1024 });
		return stdout.replace(/\n$/, "");
	}

	/** A command that has to succeed. */
	async must(...command: readonly string[]): Promise<string> {
		const said = await this.cli(...command);
		if (/^(\(error\) )?(ERR|NO|WRONG|OOM|MOVED|CLUSTERDOWN|READONLY)/.test(said)) {
			throw new Error(`redis-cli ${command.join(" ")}: ${said}`);
		}
		return said;
	}

	/** A field of INFO. */
	async info(name: string): Promise<string | undefined> {
		return new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(await this.cli("info"))?.[1];
	}

	/**
	 * `master` or `slave`; undefined where it cannot be asked just now: who gives a server another role (a Sentinel)
	 * closes all its connections in the same moment (CLIENT KILL), that of whoever asks too.
	 */
	async role(): Promise<string | undefined> {
		return await this.info("role").catch(() => undefined);
	}

	log(): string {
		try {
			return readFileSync(join(this.folder, "log"), "utf8");
		} catch {
			return "(no log)";
		}
	}
}

function asArguments(line: string): string[] {
	const [name, ...values] = line.split(" ");
	return [`--${name}`, ...values];
}

export function singleSettings(port: number, over: Partial<RedisSettings> = {}): RedisSettings {
	return {
		servers: { kind: "single", host: { host: "127.0.0.1", port } },
		database: 0,
		prefix: "cordon",
		waitReplicas: 0,
		timeoutMs: 5000,
		...over,
	};
}
