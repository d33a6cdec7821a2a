/** Faults between keys of one list. */
import type { Conflict } from "./conflict.ts";
import { valueAt } from "./issue.ts";

/** The pool knows domains, and so do the names that are protected from it. */
export function findListConflicts(value: unknown): readonly Conflict[] {
	const lists = valueAt(value, ["lists"]);
	if (!Array.isArray(lists)) return [];
	return lists.flatMap((_, i) => {
		if (valueAt(value, ["lists", i, "format"]) !== "networks") return [];
		const path = ["lists", i, "format"];
		if (valueAt(value, ["lists", i, "to"]) === "pool")
			return [{ path, message: "cannot go to the pool, which knows domains only; leave out to: pool" }];
		if (valueAt(value, ["lists", i, "kind"]) === "protect")
			return [{ path, message: "cannot protect anything: contributions to the pool are domains" }];
		return [];
	});
}
