import { createLog, type Log } from "../../../src/observe/log.ts";

export interface Line {
	readonly level: string;
	readonly msg: string;
	readonly [field: string]: unknown;
}

/** A log that is read by a test. */
export interface Lines {
	readonly log: Log;
	readonly lines: readonly Line[];
	/** Of this level and above `info`, those that match. */
	matching(pattern: RegExp): readonly Line[];
}

export function logLines(): Lines {
	const lines: Line[] = [];
	const log = createLog({
		level: "debug",
		format: "json",
		maxRepeats: 1000,
		write: (json) => {
			lines.push(JSON.parse(json) as Line);
		},
	});
	return {
		log,
		lines,
		matching: (pattern) => lines.filter(({ level, msg }) => level !== "debug" && pattern.test(msg)),
	};
}
