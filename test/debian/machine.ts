/** A Debian of its own, with systemd as process 1, in a folder and in namespaces of this machine. Root on Linux only. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../bench/results.ts";

const BOOT_MS = 60_000;
const COMMAND_MS = 180_000;
const LOOK_MS = 100;
const ENVIRONMENT = [
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	"HOME=/root",
	"LC_ALL=C.UTF-8",
	"DEBIAN_FRONTEND=noninteractive",
];

export interface Outcome {
	readonly code: number | null;
	/** Standard output and standard error. */
	readonly text: string;
}

export class Machine {
	readonly root: string;
	readonly #process: ChildProcess;
	readonly #cgroup: string;
	readonly #pid: number;

	private constructor(root: string, child: ChildProcess, cgroup: string, pid: number) {
		this.root = root;
		this.#process = child;
		this.#cgroup = cgroup;
		this.#pid = pid;
	}

	/** Starts systemd in a folder with a Debian, and waits until it has started everything. */
	static async boot(root: string): Promise<Machine> {
		const cgroup = join(cgroupMount(), `cordon-test-${process.pid}`);
		mkdirSync(cgroup);
		const script = join(repository(), "test", "debian", "boot.sh");
		const namespaces = ["--mount", "--pid", "--net", "--uts", "--ipc", "--cgroup"];
		// In its cgroup before it gets a namespace of cgroups: that begins where the process is.
		const child = spawn(
			"sh",
			[
				"-c",
				'echo $$ >"$1/cgroup.procs" && shift && exec unshare "$@"',
				"sh",
				cgroup,
				...[...namespaces, "--fork", "--kill-child", script, root],
			],
			{ stdio: ["ignore", "ignore", "pipe"] },
		);
		let complaint = "";
		child.stderr?.setEncoding("utf8").on("data", (text: string) => {
			complaint += text;
		});
		let pid: number | undefined;
		await until("systemd starts", BOOT_MS, () => {
			if (child.exitCode !== null) throw new Error(`systemd did not start: ${complaint}`);
			pid = systemdBelow(child.pid ?? 0);
			return pid !== undefined;
		});
		const machine = new Machine(root, child, cgroup, pid ?? 0);
		await until("systemd has started everything", BOOT_MS, () =>
			/^(running|degraded)/.test(machine.run("systemctl is-system-running").text),
		);
		return machine;
	}

	/** Runs a line of shell as root. */
	run(line: string): Outcome {
		const { status, stdout, stderr } = spawnSync("nsenter", this.#enter(line), {
			encoding: "utf8",
			timeout: COMMAND_MS,
		});
		return { code: status, text: `${stdout}${stderr}` };
	}

	/** What a line of shell prints; throws an Error when it fails. */
	must(line: string): string {
		const { code, text } = this.run(line);
		if (code !== 0) throw new Error(`${line}: exit code ${code}\n${text}`);
		return text;
	}

	/** Runs a program of the machine around in the network of this one. */
	inNetwork(file: string, words: readonly string[]): ChildProcess {
		return spawn("nsenter", [`--net=/proc/${this.#pid}/ns/net`, file, ...words], {
			stdio: ["ignore", "pipe", "pipe"],
		});
	}

	get mainPid(): number {
		return Number(this.must("systemctl show --property=MainPID --value cordon.service"));
	}

	async stop(): Promise<void> {
		const ended = once(this.#process, "exit");
		process.kill(this.#pid, "SIGKILL");
		await ended;
		await until("its cgroups are empty", BOOT_MS, () => removeCgroup(this.#cgroup));
	}

	#enter(line: string): string[] {
		const where = ["-t", String(this.#pid), "-m", "-p", "-n", "-u", "-i", "-C", "-r", "-w"];
		return [...where, "env", "-i", ...ENVIRONMENT, "sh", "-c", line];
	}
}

/** Waits for what has no event to wait for: another process comes to a state. */
export async function until(what: string, patienceMs: number, isSo: () => boolean): Promise<void> {
	const deadline = performance.now() + patienceMs;
	while (!isSo()) {
		if (performance.now() > deadline) throw new Error(`waited ${patienceMs / 1000} s in vain: ${what}`);
		await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
	}
}

/** Where the unified hierarchy of cgroups lies. */
function cgroupMount(): string {
	const line = readFileSync("/proc/self/mounts", "latin1")
		.split("\n")
		.find((mount) => mount.split(" ")[2] === "cgroup2");
	if (line === undefined) throw new Error("this machine has no cgroup2, which systemd needs");
	return line.split(" ")[1];
}

/** The child of `unshare`, once it is systemd. */
function systemdBelow(pid: number): number | undefined {
	try {
		const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").trim().split(" ");
		return readFileSync(`/proc/${child}/comm`, "latin1").trim() === "systemd" ? Number(child) : undefined;
	} catch {
		return undefined;
	}
}

/** @returns whether it is gone. */
function removeCgroup(folder: string): boolean {
	const { stdout } = spawnSync("find", [folder, "-depth", "-type", "d"], { encoding: "utf8" });
	try {
		for (const path of stdout.split("\n").filter((line) => line !== "")) rmdirSync(path);
		return true;
	} catch {
		return false;
	}
}

/** A file in the machine, as seen from its root. */
export function writeInside(machine: Machine, path: string, text: string): void {
	const target = join(machine.root, path);
	mkdirSync(join(target, ".."), { recursive: true });
	writeFileSync(target, text);
}
