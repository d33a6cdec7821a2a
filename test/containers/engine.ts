import { type SpawnOptionsWithoutStdio, spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

export interface Outcome {
	readonly code: number | null;
	readonly output: string;
}

/** Buildah and podman with a store of their own, which goes with the folder. */
export class Engine {
	readonly #store: readonly string[];
	readonly #before: readonly string[];

	/** @param before the command in which podman runs, such as one that enters a network namespace. */
	constructor(directory: string, driver: string, before: readonly string[] = []) {
		this.#before = before;
		this.#store = [
			"--storage-driver",
			driver,
			"--root",
			join(directory, "storage"),
			"--runroot",
			join(directory, "run"),
		];
	}

	buildah(...words: string[]): Outcome {
		return outcome("buildah", [...this.#store, ...words]);
	}

	/** Runs beside the test, which may take long: a blocked test is taken for a hanging one. */
	async build(...words: string[]): Promise<Outcome> {
		return await running("buildah", [...this.#store, "bud", ...words]);
	}

	podman(...words: string[]): Outcome {
		const [file, ...rest] = this.command(...words);
		return outcome(file, rest);
	}

	/** `podman`, as it is to be called. */
	command(...words: string[]): string[] {
		const ways = ["--cgroup-manager=cgroupfs", "--events-backend=file", "--runtime", "runc"];
		return [...this.#before, "podman", ...ways, ...this.#store, ...words];
	}

	/** Asks until an outcome pleases; the last one otherwise. */
	async until(seconds: number, ask: () => Outcome, pleases: (outcome: Outcome) => boolean): Promise<Outcome> {
		const deadline = performance.now() + seconds * 1000;
		for (;;) {
			const answer = ask();
			if (pleases(answer) || performance.now() > deadline) return answer;
			await pause(200);
		}
	}
}

/** Runs beside the test. @param input what it reads. */
export async function running(
	file: string,
	words: readonly string[],
	options: SpawnOptionsWithoutStdio = {},
	input = "",
): Promise<Outcome> {
	const child = spawn(file, words, options);
	let output = "";
	for (const stream of [child.stdout, child.stderr]) {
		stream.setEncoding("utf8");
		stream.on("data", (text: string) => {
			output += text;
		});
	}
	child.stdin.end(input);
	const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
	return { code, output };
}

export function outcome(file: string, words: readonly string[]): Outcome {
	const { status, stdout, stderr, error } = spawnSync(file, words, { encoding: "utf8" });
	return { code: status, output: `${stdout ?? ""}${stderr ?? ""}${error?.message ?? ""}`.trim() };
}
