/**
 * A metric as we describe it: its name, its meaning, and how it is read from a node. The registry and the
 * reference in docs/metrics.md are both made from these, so that they cannot disagree.
 */
import type { DurationCounts } from "./counters.ts";
import type { NodeStatus } from "./status.ts";
import type { Tally } from "./tally.ts";

/** What one scrape reads from: taken once, so that all its numbers are of one moment. */
export interface Reading {
	readonly status: NodeStatus;
	readonly tally: Tally;
}

export type Labels = Readonly<Record<string, string>>;

interface Description {
	readonly name: string;
	/** One sentence, for the operator. */
	readonly help: string;
	readonly labels: readonly string[];
}

export interface NumberFamily extends Description {
	readonly type: "counter" | "gauge";
	read(reading: Reading): readonly (readonly [Labels, number])[];
}

/** A histogram over DURATION_BOUNDS. */
export interface DurationFamily extends Description {
	readonly type: "histogram";
	read(reading: Reading): readonly (readonly [Labels, DurationCounts])[];
}

export type Family = NumberFamily | DurationFamily;

/** A family without labels: one number. */
export function single(
	type: "counter" | "gauge",
	name: string,
	help: string,
	read: (reading: Reading) => number,
): NumberFamily {
	return { type, name, help, labels: [], read: (reading) => [[{}, read(reading)]] };
}
