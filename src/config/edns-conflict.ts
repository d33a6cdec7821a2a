/** Faults of cookies that one key alone does not show: keys that need one another, and files. */
import { resolve } from "node:path";
import type { Conflict } from "./conflict.ts";
import { secretIn } from "./edns-files.ts";
import { valueAt } from "./issue.ts";

const FILES = ["secretFile", "previousSecretFile"] as const;

/** `value` is what the file says, not yet validated; `folder` is that of the configuration file. */
export function findEdnsConflicts(value: unknown, folder: string): readonly Conflict[] {
	const at = (key: string) => ["listen", "cookies", key];
	const read = (key: string): unknown => valueAt(value, at(key));
	const conflicts: Conflict[] = [];
	if (read("required") === true && read("enabled") === false)
		conflicts.push({ path: at("required"), message: "says nothing while listen.cookies.enabled is false" });
	if (read("previousSecretFile") !== undefined && read("secretFile") === undefined)
		conflicts.push({ path: at("previousSecretFile"), message: "says nothing without secretFile" });
	for (const key of FILES) {
		const file = read(key);
		if (typeof file !== "string" || file === "") continue;
		try {
			secretIn(resolve(folder, file));
		} catch (error) {
			conflicts.push({ path: at(key), message: error instanceof Error ? error.message : String(error) });
		}
	}
	return conflicts;
}
