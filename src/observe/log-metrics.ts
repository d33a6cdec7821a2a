/** The metrics of what is written down of queries. */
import { type Family, single } from "./family.ts";

export const LOG_METRICS: readonly Family[] = [
	single(
		"counter",
		"cordon_querylog_records_total",
		"Questions written to the query log.",
		({ status }) => status.scribe.queriesLogged,
	),
	{
		type: "counter",
		name: "cordon_querylog_dropped_total",
		help: "Questions that the query log should have and has not: ring-full means that its thread came too late, slow that whoever reads the console does, disk that the file could not be written, crash that the thread died.",
		labels: ["reason"],
		read: ({ status: { scribe }, tally }) => [
			[{ reason: "ring-full" }, tally.number("queryLogRingFull")],
			[{ reason: "slow" }, scribe.queriesSlow],
			[{ reason: "disk" }, scribe.queriesDisk],
			[{ reason: "crash" }, scribe.queriesCrash],
		],
	},
];
