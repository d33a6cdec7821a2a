/** Where a benchmark works: a folder, cores, kernel buffers, what is to be noted about them, and where its table goes. */
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { Cleanup } from "./cleanup.ts";
import { cordonMain } from "./cordon-server.ts";
import { raiseKernelBuffers } from "./kernel-buffers.ts";
import { type Cores, chooseCores, machineLine } from "./machine.ts";
import { writeResult } from "./results.ts";

export class Workplace {
	/** On what it is measured: the load before the run too, so it is taken first. */
	readonly machine = machineLine();
	readonly date = new Date().toISOString().slice(0, 10);
	readonly cleanup = new Cleanup();
	/** Goes with the program. */
	readonly directory = mkdtempSync(join(tmpdir(), "cordon-bench-"));
	/** What a reader of the table has to know, a sentence each. */
	readonly notes: string[] = [];
	readonly #name: string;

	/** `name`: that of `npm run`, such as `bench:pool`. */
	constructor(name: string) {
		this.#name = name;
		this.cleanup.add(() => rmSync(this.directory, { recursive: true, force: true, maxRetries: 5 }));
	}

	/** For whoever waits; what is printed is the table alone. */
	readonly say = (text: string): void => console.error(text);

	/** Cores for what is measured and for its load, apart where that can be. */
	separateCores(): Cores {
		const cores = chooseCores();
		if (cores.problem !== undefined) this.notes.push(cores.problem);
		return cores;
	}

	raiseKernelBuffers(): void {
		const refused = raiseKernelBuffers(this.cleanup);
		if (refused !== undefined) this.notes.push(refused);
	}

	/** How it was started. */
	command(words: readonly string[] = process.argv.slice(2)): string {
		return ["npm run", this.#name, ...(words.length === 0 ? [] : ["--", ...words])].join(" ");
	}

	/** The first line below a table. */
	headline(words?: readonly string[]): string {
		return `${this.date}, \`${this.command(words)}\``;
	}

	/** Prints the table, keeps it when that is wanted, and ends the program. */
	finish(table: string, isKept: boolean, code = 0): never {
		console.log(table);
		if (isKept) this.say(`written to ${writeResult(this.#name, table)}`);
		process.exit(code);
	}
}

/** All cores but the one of the load, as taskset takes them; undefined when there is none of its own. */
export function coresBeside(load: string | undefined): string | undefined {
	if (load === undefined) return undefined;
	return Array.from(cpus(), (_, core) => `${core}`)
		.filter((core) => core !== load)
		.join(",");
}

/** The program of Cordon; without it there is nothing to measure. */
export function builtCordon(): string {
	const main = cordonMain();
	if (main !== undefined) return main;
	console.error("Cordon is not built: dist/src/main.js is missing (or set CORDON_MAIN)");
	process.exit(1);
}
