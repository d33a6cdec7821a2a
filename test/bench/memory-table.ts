import { markdownTable } from "./results.ts";

export interface MemoryPhase {
	readonly workers: number;
	readonly name: string;
	readonly peakBytes: number;
	readonly restBytes: number;
	/** How often the limit was reached. */
	readonly reached: number;
	readonly killed: number;
	/** What happened beside it: answers lost, seconds. */
	readonly remark: string;
}

export interface MemoryRun {
	readonly limitMiB: number | undefined;
	readonly domains: number;
	readonly phases: readonly MemoryPhase[];
	readonly notes: readonly string[];
}

const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)}`;

function verdict({ limitMiB, phases }: MemoryRun): string {
	if (limitMiB === undefined) return "Without a limit.";
	const killed = phases.some((phase) => phase.killed > 0);
	const peak = Math.max(...phases.map((phase) => phase.peakBytes));
	return `Goal: lives within ${limitMiB} MiB, without swap: ${killed ? "missed" : "reached"}, ${mebibytes(peak)} MiB at most.`;
}

/** What `npm run bench:memory` prints. */
export function memoryTable(run: MemoryRun): string {
	const rows = run.phases.map((phase) => [
		`${phase.workers}`,
		phase.name,
		mebibytes(phase.peakBytes),
		mebibytes(phase.restBytes),
		`${phase.reached}`,
		`${phase.killed}`,
		phase.remark,
	]);
	const head = ["workers", "what", "peak MiB", "at rest MiB", "limit reached", "killed", "remark"];
	return `## Memory in a container

${run.domains.toLocaleString("en")} blocked domains. Counted is what cannot be given back: objects, stacks, shared memory, and what the kernel
holds for the group. Beside it lies page cache, which goes when room is needed; that is what "limit reached" counts.
${verdict(run)}

${markdownTable(head, rows)}

${run.notes.map((note) => `- ${note}`).join("\n")}`;
}
