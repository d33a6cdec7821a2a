/** Whether a new copy of a list may replace the last good one. */
import type { ListFormat } from "../config/vocabulary.ts";
import type { ReadOptions, ReadReport, readList } from "./read.ts";
import type { HoldReason } from "./shelf-record.ts";

export type ReadList = typeof readList;

export interface Candidate {
	readonly name: string;
	/** Where it came from, for messages. */
	readonly shown: string;
	readonly path: string;
	readonly format: ListFormat | "auto";
	readonly hostsMatch: "exact" | "subtree";
}

/** What the candidate is compared with: the last good copy and, where that is on record, its rules. */
export interface Baseline {
	readonly path: string;
	readonly rules?: number;
}

export interface AssessOptions {
	/** Unpacked. */
	readonly maxBytes: number;
	/** The share of rules that a new copy may lose. */
	readonly maxShrink: number;
	readonly readList: ReadList;
}

/** `refused` can be accepted by a person; in `unreadable` there is nothing to accept. */
export type Verdict =
	| { readonly kind: "good"; readonly report: ReadReport }
	| {
			readonly kind: "refused";
			readonly reason: HoldReason;
			readonly message: string;
			readonly report: ReadReport;
	  }
	| { readonly kind: "unreadable"; readonly reason: "unreadable" | "too-big"; readonly message: string };

function readOptions(candidate: Candidate, options: AssessOptions): ReadOptions {
	return { format: candidate.format, hostsMatch: candidate.hostsMatch, maxBytes: options.maxBytes };
}

/** Undefined when there is no last good copy, or none that can still be read. */
async function baselineRules(
	candidate: Candidate,
	baseline: Baseline | undefined,
	options: AssessOptions,
): Promise<number | undefined> {
	if (baseline === undefined || baseline.rules !== undefined) return baseline?.rules;
	try {
		return (await options.readList(baseline.path, readOptions(candidate, options), () => {})).rules;
	} catch {
		return undefined;
	}
}

function unreadable(candidate: Candidate, error: unknown): Verdict {
	const named = error instanceof Error ? error : new Error(String(error));
	const reason = "reason" in named && named.reason === "too-big" ? "too-big" : "unreadable";
	// The reader knows the temporary file; a person knows the list.
	const what = named.message.replaceAll(candidate.path, "it");
	const message = `list ${candidate.name}: ${candidate.shown}: cannot be read: ${what}`;
	return { kind: "unreadable", reason, message };
}

/** Reads the candidate once, counting its rules. Never throws because of what is in it. */
export async function assess(
	candidate: Candidate,
	baseline: Baseline | undefined,
	options: AssessOptions,
): Promise<Verdict> {
	let report: ReadReport;
	try {
		report = await options.readList(candidate.path, readOptions(candidate, options), () => {});
	} catch (error) {
		return unreadable(candidate, error);
	}
	const refuse = (reason: HoldReason, what: string): Verdict => {
		const stays = baseline === undefined ? "there is no earlier copy" : "the last good copy stays";
		const message = `list ${candidate.name}: ${candidate.shown}: ${what}; ${stays}; if it is meant, run: cordon lists accept ${candidate.name}`;
		return { kind: "refused", reason, message, report };
	};
	if (report.html) return refuse("html", "is a web page, not a list");
	const before = await baselineRules(candidate, baseline, options);
	if (report.rules === 0) {
		// Once a person has accepted an empty list, staying empty is no loss.
		if (before === 0) return { kind: "good", report };
		return refuse("empty", `has no rule in its ${report.lines} lines (${report.bad} not understood)`);
	}
	if (before !== undefined && report.rules < (1 - options.maxShrink) * before) {
		const lost = Math.round((1 - report.rules / before) * 100);
		return refuse(
			"shrunk",
			`has ${report.rules} rules, ${lost} % fewer than the ${before} before, which is more than blocking.maxShrink (${options.maxShrink}) lets pass`,
		);
	}
	return { kind: "good", report };
}
