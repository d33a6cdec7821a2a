/** The command run in this process, its output caught. */
import { lookup } from "../../../src/commands/lookup.ts";

export interface Run {
	readonly code: number;
	readonly stdout: string;
	readonly stderr: string;
}

export async function run(...argv: readonly string[]): Promise<Run> {
	const text = { stdout: "", stderr: "" };
	const into = (name: "stdout" | "stderr") => ({
		write(part: string) {
			text[name] += part;
		},
	});
	const code = await lookup(argv, { stdout: into("stdout"), stderr: into("stderr") });
	return { code, ...text };
}
