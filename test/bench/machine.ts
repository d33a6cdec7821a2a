import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem } from "node:os";
import { installed } from "./program.ts";

export interface Cores {
	/** As taskset takes them; undefined when there is nothing to choose. */
	readonly server: string | undefined;
	readonly load: string | undefined;
	/** What is not as it should be, in one sentence. */
	readonly problem?: string;
}

/** One core for the server, another one for everything that is not measured. */
export function chooseCores(): Cores {
	if (installed("taskset") === undefined) {
		return {
			server: undefined,
			load: undefined,
			problem: "taskset is missing: server and load share all cores",
		};
	}
	if (cpus().length < 2) {
		return { server: undefined, load: undefined, problem: "only one core: server and load share it" };
	}
	return { server: "0", load: "1" };
}

/** Puts a process, this one by default, and all it starts from here on, on some cores. */
export function pin(cores: string | undefined, pid = process.pid): void {
	if (cores !== undefined) spawnSync("taskset", ["-a", "-c", "-p", cores, `${pid}`], { stdio: "ignore" });
}

export function versionOf(file: string, words: readonly string[]): string {
	const printed = spawnSync(file, words, { encoding: "utf8", timeout: 5000 });
	const text = `${printed.stdout ?? ""}\n${printed.stderr ?? ""}`;
	return /\d+\.\d+(\.\d+)*/.exec(text)?.[0] ?? "version unknown";
}

function distribution(): string {
	try {
		return /PRETTY_NAME="([^"]+)"/.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "Linux";
	} catch {
		return "Linux";
	}
}

/** One line that says on what a result was measured. */
export function machineLine(): string {
	const cores = cpus();
	const gib = Math.round(totalmem() / 2 ** 30);
	return `${cores[0]?.model.trim() ?? "unknown CPU"}, ${cores.length} cores, ${gib} GiB, ${distribution()}, kernel ${release()}, Node ${process.version}, load average before the run ${loadavg()[0].toFixed(2)}`;
}
