import { latenciesOf, PHASE_COLUMNS, phaseCells } from "./phase-columns.ts";
import type { BurstReport } from "./pool-burst.ts";
import type { ChangesReport } from "./pool-changes.ts";
import type { StartReport } from "./pool-million.ts";
import { markdownTable, whole } from "./results.ts";

export interface PoolReport {
	readonly changes: ChangesReport;
	readonly burst: BurstReport;
	readonly fresh: StartReport;
	readonly again: StartReport;
	/** Contributions that the fresh node loaded. */
	readonly million: number;
	/** Changes of the burst. */
	readonly burstSize: number;
	readonly about: readonly string[];
}

const GOALS = { changeMs: 1000, burstRatio: 2, freshSeconds: 20, freshMib: 250, againSeconds: 2 } as const;

function mib(bytes: number): string {
	return whole(bytes / 2 ** 20);
}

function quantile(values: readonly number[], share: number): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

function reached(isReached: boolean): string {
	return isReached ? "reached" : "missed";
}

function changesTable({ byNode, slowest, answered }: ChangesReport): string[] {
	const p99 = quantile(slowest, 0.99);
	const row = (name: string, times: readonly number[]): string[] => [
		name,
		...[0.5, 0.99, 1].map((share) => quantile(times, share).toFixed(1)),
	];
	return [
		`### ${whole(slowest.length)} changes, one by one`,
		"",
		`From the request until a node's answer over DNS shows it. Goal: p99 below 1 s on every node: ${reached(p99 < GOALS.changeMs)}, ${p99.toFixed(1)} ms.`,
		"",
		markdownTable(
			["shown by", "p50 ms", "p99 ms", "max ms"],
			[
				...[...byNode].map(([name, times]) => row(name, times)),
				row("the last of the three", slowest),
				row("the API's answer", answered),
			],
		),
		"",
	];
}

function burstTable(report: BurstReport, size: number): string[] {
	const { idle, burst, aftermath, answered, level, comparisons, answers, compared, wrong } = report;
	const [idleP99, burstP99] = [idle, burst].map((phase) => latenciesOf([phase]).quantile(0.99));
	const ratio = burstP99 / Math.max(1, idleP99);
	const isEqual =
		comparisons.every(({ equal, checksum }) => equal && checksum === comparisons[0].checksum) &&
		answers.every(({ checksum }) => checksum === answers[0].checksum);
	const verdict = isEqual && wrong === 0 ? "identical" : "NOT identical";
	return [
		`### A burst of ${whole(size)} changes`,
		"",
		`One import at the first node, nine in ten of its lines add and one withdraws; answered after ${answered.toFixed(2)} s. All three nodes had the same position, and blocked the last name, after ${level.toFixed(2)} s.`,
		`Goal: all end identical: ${verdict}. Their copies were compared with Redis record by record (${whole(comparisons[0].storeRecords)} records, checksums ${[...new Set(comparisons.map(({ checksum }) => checksum))].join(", ")}), and each was asked for ${whole(compared)} names (${wrong} answered wrongly, checksums of the answers ${[...new Set(answers.map(({ checksum }) => checksum.slice(0, 16)))].join(", ")}).`,
		`Goal: answers of the second node meanwhile within twice their idle p99: ${reached(ratio <= GOALS.burstRatio)}, ${ratio.toFixed(2)} times.`,
		"",
		markdownTable(PHASE_COLUMNS, [
			phaseCells("idle", [idle]),
			phaseCells("burst, until all are level", [burst]),
			phaseCells("after it, compiling anew", [aftermath]),
		]),
		"",
	];
}

function millionTable(count: number, fresh: StartReport, again: StartReport): string[] {
	const { freshSeconds, freshMib, againSeconds } = GOALS;
	const isFresh = fresh.seconds < freshSeconds && fresh.peakBytes < freshMib * 2 ** 20;
	return [
		`### ${whole(count)} contributions`,
		"",
		"From the start of the program until it stands where Redis does, if that is there, and blocks the last name.",
		"",
		markdownTable(
			["start", "seconds", "peak RSS MiB", "RSS MiB at rest", "goal"],
			[
				[
					"of a fresh node, from Redis",
					fresh.seconds.toFixed(2),
					mib(fresh.peakBytes),
					mib(fresh.residentBytes),
					`${freshSeconds} s, ${freshMib} MiB: ${reached(isFresh)}`,
				],
				[
					"again, Redis down",
					again.seconds.toFixed(2),
					mib(again.peakBytes),
					mib(again.residentBytes),
					`${againSeconds} s: ${reached(again.seconds < againSeconds)}`,
				],
			],
		),
		"",
	];
}

export function poolTable(report: PoolReport): string {
	return [
		"## The shared pool",
		"",
		...changesTable(report.changes),
		...burstTable(report.burst, report.burstSize),
		...millionTable(report.million, report.fresh, report.again),
		...report.about.map((line) => `- ${line}`),
		"",
	].join("\n");
}
