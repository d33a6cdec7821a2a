/** Faults of dnstap that one key alone does not show. */
import type { Conflict } from "./conflict.ts";
import { valueAt } from "./issue.ts";

/** `value` is what the file says, not yet validated. */
export function findDnstapConflicts(value: unknown): readonly Conflict[] {
	const read = (key: string): unknown => valueAt(value, ["log", "dnstap", key]);
	const only = read("only");
	const messages = read("messages");
	if (!Array.isArray(only) || only.length === 0) return [];
	if (Array.isArray(messages) && messages.every((message) => message === "client-response")) return [];
	return [
		{
			path: ["log", "dnstap", "only"],
			message:
				"chooses among responses to clients: set log.dnstap.messages to [client-response], or remove it",
		},
	];
}
