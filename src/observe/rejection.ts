/** Why a version of a list was not taken over: the words that the program tells and counts it by. */

/** It came, and waits for a person. */
export const HOLD_REASONS = ["empty", "html", "shrunk"] as const;

/** It did not come whole. `unreadable`: its coding is damaged or unknown. `storage`: our own disk refused. */
export const FETCH_FAILURES = [
	"too-big",
	"http-status",
	"timeout",
	"network",
	"forbidden-address",
	"forbidden-scheme",
	"too-many-redirects",
	"truncated",
	"unreadable",
	"storage",
] as const;

/** The values of `reason` in metrics; what is none of these counts as other, so that the label stays bounded. */
export const REJECTION_REASONS = [...HOLD_REASONS, ...FETCH_FAILURES, "other"] as const;
