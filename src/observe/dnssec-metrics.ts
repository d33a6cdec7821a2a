/** The metrics of validation; all stay zero while dnssec.validate is false. */
import type { WorkerNumber } from "./counters.ts";
import { type Family, single } from "./family.ts";

const RESULTS: readonly (readonly [WorkerNumber, string])[] = [
	["dnssecSecure", "secure"],
	["dnssecInsecure", "insecure"],
	["dnssecBogus", "bogus"],
	["dnssecIndeterminate", "indeterminate"],
	["dnssecOverBudget", "over-budget"],
];

export const DNSSEC_METRICS: readonly Family[] = [
	{
		type: "counter",
		name: "cordon_dnssec_validations_total",
		help: "Answers validated: secure; insecure (of zones that are not signed, or not in a way that is understood); bogus (does not hold); indeterminate (upstreams do not answer about a zone, or nobody signs such records); over-budget (more work than is done for one answer). The last three but for questions for RRSIG get SERVFAIL.",
		labels: ["result"],
		read: ({ tally }) => RESULTS.map(([number, result]) => [{ result }, tally.number(number)] as const),
	},
	single("counter", "cordon_dnssec_signatures_total", "Signatures verified.", ({ tally }) =>
		tally.number("dnssecSignatures"),
	),
	single(
		"counter",
		"cordon_dnssec_lookups_total",
		"Questions to upstreams for keys and delegations of zones.",
		({ tally }) => tally.number("dnssecLookups"),
	),
];
