import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

export interface Outcome {
	readonly code: number | null;
	readonly output: string;
}

/** Buildah and podman with a store of their own, which goes with the folder. */
export class Engine {
	readonly #store: readonly string[];

	constructor(directory: string, driver: string) {
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
		const child = spawn("buildah", [...this.#store, "bud", ...words], { stdio: ["ignore", "pipe", "pipe"] });
		let output = "";
		for (const stream of [child.stdout, child.stderr]) {
			stream.setEncoding("utf8");
			stream.on("data", (text: string) => {
				output += text;
			});
		}
		const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
		return { code, output };
	}

	podman(...words: string[]): Outcome {
		const ways = ["--cgroup-manager=cgroupfs", "--events-backend=file", "--runtime", "runc"];
		return outcome("podman", [...ways, ...this.#store, ...words]);
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

export function outcome(file: string, words: readonly string[]): Outcome {
	const { status, stdout, stderr, error } = spawnSync(file, words, { encoding: "utf8" });
	return { code: status, output: `${stdout ?? ""}${stderr ?? ""}${error?.message ?? ""}`.trim() };
}
