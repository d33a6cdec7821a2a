import { type LoadedPhase, latenciesOf, PHASE_COLUMNS, phaseCells } from "./phase-columns.ts";
import { markdownTable, whole } from "./results.ts";

export interface Phase extends LoadedPhase {
	readonly name: string;
	/** From the signal until the new list bit. */
	readonly seconds: number | undefined;
}

const GOAL_MICROS = 2000;
const HEAD = [...PHASE_COLUMNS, "reload took s"];

function row(name: string, phases: readonly Phase[]): string[] {
	const seconds = phases.flatMap((phase) => phase.seconds ?? []);
	return [...phaseCells(name, phases), seconds.length === 0 ? "" : Math.max(...seconds).toFixed(2)];
}

export function reloadTable(idle: Phase, reloads: readonly Phase[], about: readonly string[]): string {
	const p99 = latenciesOf(reloads).quantile(0.99);
	return [
		"## Answers while a list reloads",
		"",
		`Goal: p99 below 2 ms while reloading: ${p99 < GOAL_MICROS ? "reached" : "missed"}, ${whole(p99)} µs.`,
		"",
		markdownTable(HEAD, [
			row("idle", [idle]),
			...reloads.map((phase) => row(phase.name, [phase])),
			row("all reloads", reloads),
		]),
		"",
		...about.map((line) => `- ${line.replace(" -- `", "`")}`),
		"",
	].join("\n");
}
