/** The files that `log` names, and the faults of it that one key alone does not show. */
import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { Conflict } from "./conflict.ts";
import { secretIn } from "./edns-files.ts";
import { valueAt } from "./issue.ts";
import type { Config } from "./schema.ts";

/** Words in place of a file. */
const NO_FILES: readonly unknown[] = ["off", "console"];

type LogConfig = Config["log"];

/** With all files absolute; `folder` is that of the configuration file. */
export function withAbsoluteLogs(log: LogConfig, folder: string): LogConfig {
	const { queries } = log;
	return {
		...log,
		queries: {
			...queries,
			to: NO_FILES.includes(queries.to) ? queries.to : resolve(folder, queries.to),
			...(queries.secretFile === undefined ? {} : { secretFile: resolve(folder, queries.secretFile) }),
		},
	};
}

/**
 * `value` is what the file says, not yet validated. That a folder is missing is no fault: it may be on a disk that comes
 * later.
 */
export function findLogConflicts(value: unknown, folder: string): readonly Conflict[] {
	const at = (key: string) => ["log", "queries", key];
	const conflicts: Conflict[] = [];
	const to = valueAt(value, at("to"));
	if (typeof to === "string" && to !== "" && !NO_FILES.includes(to)) {
		const path = resolve(folder, to);
		if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true)
			conflicts.push({ path: at("to"), message: `names a directory, not a file: ${path}` });
	}
	const secretFile = valueAt(value, at("secretFile"));
	if (typeof secretFile !== "string" || secretFile === "") return conflicts;
	if (valueAt(value, at("privacy")) !== "hash")
		conflicts.push({ path: at("secretFile"), message: "says nothing unless log.queries.privacy is hash" });
	try {
		secretIn(resolve(folder, secretFile));
	} catch (error) {
		conflicts.push({ path: at("secretFile"), message: (error as Error).message });
	}
	return conflicts;
}
