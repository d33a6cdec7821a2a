import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Test } from "tap";

export interface Outcome {
	readonly code: number | null;
	readonly output: string;
}

function run(file: string, words: readonly string[]): Outcome {
	const { status, stdout, stderr } = spawnSync(file, words, { encoding: "utf8", timeout: 30_000 });
	return { code: status, output: `${stdout ?? ""}${stderr ?? ""}`.trim() };
}

function must(words: readonly string[]): void {
	const { code, output } = run("ip", words);
	if (code !== 0) throw new Error(`ip ${words.join(" ")}: ${output}`);
}

/** A machine of the network: a namespace, with an address of its own. */
export class Host {
	readonly address: string;
	readonly #space: string;
	readonly #network: Network;

	constructor(network: Network, space: string, address: string) {
		this.#network = network;
		this.#space = space;
		this.address = address;
	}

	/** Runs a program to its end. */
	run(file: string, ...words: string[]): Outcome {
		return run("ip", ["netns", "exec", this.#space, file, ...words]);
	}

	/** What dig prints when it asks from here: addresses alone. */
	dig(server: string, name: string, ...words: string[]): string {
		return this.run("dig", "+time=2", "+tries=2", "+short", ...words, `@${server}`, name).output;
	}

	/** Starts a program that ends with the test at the latest. */
	launch(file: string, ...words: string[]): Running {
		return this.#network.launch(["netns", "exec", this.#space, file, ...words]);
	}
}

export class Running {
	readonly child: ChildProcess;
	readonly exited: Promise<number | null>;
	readonly #log: string;

	constructor(child: ChildProcess, log: string) {
		this.child = child;
		this.#log = log;
		this.exited = new Promise((resolve) => child.once("exit", (code) => resolve(code)));
	}

	get log(): string {
		return readFileSync(this.#log, "utf8");
	}

	/** `ip netns exec` becomes the program, so this reaches the program itself. */
	async end(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
		if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill(signal);
		return this.exited;
	}
}

/** Machines at one switch, all of it made for one test. Needs root. */
export class Network {
	/** The switch, which has an address too. */
	readonly switch: Host;
	readonly directory = mkdtempSync(join(tmpdir(), "cordon-deploy-"));
	readonly #prefix: string;
	readonly #running: Running[] = [];
	#hosts = 0;

	constructor(t: Test, name: string, address: string) {
		this.#prefix = `cordon-${name}-${process.pid}`;
		const space = `${this.#prefix}-switch`;
		const spaces = [space];
		t.teardown(async () => {
			await Promise.all(this.#running.map((one) => one.end("SIGKILL")));
			for (let host = 0; host < this.#hosts; host++) spaces.push(`${this.#prefix}-${host}`);
			for (const one of spaces) run("ip", ["netns", "del", one]);
			rmSync(this.directory, { recursive: true, force: true, maxRetries: 5 });
		});
		must(["netns", "add", space]);
		must(["-n", space, "link", "add", "switch", "type", "bridge"]);
		must(["-n", space, "addr", "add", `${address}/24`, "dev", "switch"]);
		for (const link of ["lo", "switch"]) must(["-n", space, "link", "set", link, "up"]);
		this.switch = new Host(this, space, address);
	}

	host(address: string): Host {
		const space = `${this.#prefix}-${this.#hosts}`;
		const cable = `cable${this.#hosts++}`;
		const hub = `${this.#prefix}-switch`;
		must(["netns", "add", space]);
		must(["-n", hub, "link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", space]);
		must(["-n", hub, "link", "set", cable, "master", "switch", "up"]);
		must(["-n", space, "addr", "add", `${address}/24`, "dev", "eth0"]);
		for (const link of ["lo", "eth0"]) must(["-n", space, "link", "set", link, "up"]);
		return new Host(this, space, address);
	}

	launch(words: readonly string[]): Running {
		const path = join(this.directory, `program-${this.#running.length}.log`);
		const log = openSync(path, "w");
		const running = new Running(spawn("ip", words, { stdio: ["ignore", log, log] }), path);
		closeSync(log);
		this.#running.push(running);
		return running;
	}

	/** What all of them said last, for a message. */
	get lastWords(): string {
		return this.#running
			.map((one) => `--- ${one.child.spawnargs.slice(4, 7).join(" ")}\n${one.log.slice(-700)}`)
			.join("\n");
	}
}

/** Asks until what it gets pleases; the last answer in any case. */
export async function until<T>(seconds: number, ask: () => T, pleases: (got: T) => boolean): Promise<T> {
	const deadline = performance.now() + seconds * 1000;
	for (;;) {
		const got = ask();
		if (pleases(got) || performance.now() > deadline) return got;
		await pause(200);
	}
}
