/** What the doctor says of one thing. */

/** `note`: worth knowing, nothing to mend. `warning`: it works, and will not always. `fault`: it does not work. */
export const LEVELS = ["ok", "note", "warning", "fault"] as const;
export type Level = (typeof LEVELS)[number];

export interface Finding {
	/** Which kind of thing was looked at, such as `ports`. */
	readonly check: string;
	readonly level: Level;
	/** One sentence. */
	readonly text: string;
	/** A command, or a line of the configuration, that mends it. */
	readonly mend?: string;
}

/** Findings of one kind, as a check says them. */
export type Said = Omit<Finding, "check">;

export function ok(text: string): Said {
	return { level: "ok", text };
}

export function note(text: string, mend?: string): Said {
	return { level: "note", text, ...(mend === undefined ? {} : { mend }) };
}

export function warning(text: string, mend?: string): Said {
	return { level: "warning", text, ...(mend === undefined ? {} : { mend }) };
}

export function fault(text: string, mend?: string): Said {
	return { level: "fault", text, ...(mend === undefined ? {} : { mend }) };
}

/** The worst there is; `ok` of none. */
export function worst(findings: readonly { readonly level: Level }[]): Level {
	return LEVELS[findings.reduce((most, { level }) => Math.max(most, LEVELS.indexOf(level)), 0)];
}
