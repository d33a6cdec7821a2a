import { markdownTable } from "./results.ts";

export interface MemoryPhase {
	readonly workers: number;
	/** Of the control group; undefined: none. */
	readonly limitMiB: number | undefined;
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
	readonly domains: number;
	readonly phases: readonly MemoryPhase[];
	readonly notes: readonly string[];
}

const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)}`;

function verdict({ phases }: MemoryRun): string {
	const counts = [...new Set(phases.map((phase) => phase.workers))];
	const told = counts.map((workers) => {
		const mine = phases.filter((phase) => phase.workers === workers);
		const [{ limitMiB }] = mine;
		const peak = mebibytes(Math.max(...mine.map((phase) => phase.peakBytes)));
		const who = `${workers} ${workers === 1 ? "worker" : "workers"}`;
		if (limitMiB === undefined) return `${who}, no limit: ${peak} MiB at most.`;
		const outcome = mine.some((phase) => phase.killed > 0) ? "missed" : `reached, ${peak} MiB at most`;
		return `Goal: ${who} within ${limitMiB} MiB, without swap: ${outcome}.`;
	});
	return told.join("\n");
}

/** What `npm run bench:memory` prints. */
export function memoryTable(run: MemoryRun): string {
	const rows = run.phases.map((phase) => [
		`${phase.workers}`,
		phase.limitMiB === undefined ? "none" : `${phase.limitMiB}`,
		phase.name,
		mebibytes(phase.peakBytes),
		mebibytes(phase.restBytes),
		`${phase.reached}`,
		`${phase.killed}`,
		phase.remark,
	]);
	const head = [
		"workers",
		"limit MiB",
		"what",
		"peak MiB",
		"at rest MiB",
		"limit reached",
		"killed",
		"remark",
	];
	return `## Memory in a container

${run.domains.toLocaleString("en")} blocked domains. Counted is what cannot be given back: objects, stacks, shared memory, and what the kernel
holds for the group. Beside it lies page cache, which goes when room is needed; that is what "limit reached" counts.
${verdict(run)}

${markdownTable(head, rows)}

${run.notes.map((note) => `- ${note}`).join("\n")}`;
}
