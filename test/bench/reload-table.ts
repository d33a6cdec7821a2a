import { Latencies } from "./latency.ts";
import type { PhaseReport } from "./latency-client.ts";
import { markdownTable } from "./results.ts";

export interface Phase {
	readonly name: string;
	readonly report: PhaseReport;
	/** From the signal until the new list bit. */
	readonly seconds: number | undefined;
	/** Share of a core that other programs took: above a few hundredths the figures are theirs, not Cordon's. */
	readonly othersShare: number;
}

const GOAL_MICROS = 2000;
const HEAD = [
	"phase",
	"queries",
	"lost",
	"wrong",
	"p50 µs",
	"p99 µs",
	"p99.9 µs",
	"max µs",
	"asked too late by at most µs",
	"other programs, % of a core",
	"reload took s",
];

function whole(value: number): string {
	return Math.round(value).toLocaleString("en");
}

function latenciesOf(phases: readonly Phase[]): Latencies {
	const all = new Latencies();
	for (const phase of phases) all.addAll(phase.report.latencies);
	return all;
}

function row(name: string, phases: readonly Phase[]): string[] {
	const latencies = latenciesOf(phases);
	const sum = (field: "sent" | "lost" | "wrong"): number =>
		phases.reduce((total, phase) => total + phase.report[field], 0);
	const seconds = phases.flatMap((phase) => phase.seconds ?? []);
	return [
		name,
		whole(sum("sent")),
		whole(sum("lost")),
		whole(sum("wrong")),
		...[0.5, 0.99, 0.999, 1].map((share) => whole(latencies.quantile(share))),
		whole(Math.max(...phases.map((phase) => phase.report.longestDelay))),
		whole(100 * Math.max(...phases.map((phase) => phase.othersShare))),
		seconds.length === 0 ? "" : Math.max(...seconds).toFixed(2),
	];
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
