/** What a table tells of a phase under load: how many questions, how many went wrong, how long answers took. */
import { Latencies } from "./latency.ts";
import type { PhaseReport } from "./latency-client.ts";
import { whole } from "./results.ts";

export interface LoadedPhase {
	readonly report: PhaseReport;
	/** Share of a core that other programs took: above a few hundredths the figures are theirs, not Cordon's. */
	readonly othersShare: number;
}

export const PHASE_COLUMNS = [
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
];

export function latenciesOf(phases: readonly LoadedPhase[]): Latencies {
	const all = new Latencies();
	for (const { report } of phases) all.addAll(report.latencies);
	return all;
}

/** One row for several phases: counts are summed, the worst delay and disturbance of all. */
export function phaseCells(name: string, phases: readonly LoadedPhase[]): string[] {
	const latencies = latenciesOf(phases);
	const sum = (field: "sent" | "lost" | "wrong"): number =>
		phases.reduce((total, { report }) => total + report[field], 0);
	return [
		name,
		whole(sum("sent")),
		whole(sum("lost")),
		whole(sum("wrong")),
		...[0.5, 0.99, 0.999, 1].map((share) => whole(latencies.quantile(share))),
		whole(Math.max(...phases.map(({ report }) => report.longestDelay))),
		whole(100 * Math.max(...phases.map(({ othersShare }) => othersShare))),
	];
}
