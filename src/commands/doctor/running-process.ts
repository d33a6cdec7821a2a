/** Whether a Cordon runs with a data folder, by what it wrote there. */
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";

/** The process that has the data folder; undefined when there is none on this machine, or it cannot be told. */
export function lockHolder(dataDir: string): number | undefined {
	let found: { readonly pid?: unknown; readonly host?: unknown };
	try {
		found = { ...JSON.parse(readFileSync(join(dataDir, "cordon.lock"), "utf8")) };
	} catch {
		return undefined;
	}
	const { pid, host } = found;
	if (typeof pid !== "number" || !Number.isSafeInteger(pid) || pid <= 0 || host !== hostname())
		return undefined;
	try {
		process.kill(pid, 0);
		return pid;
	} catch (error) {
		// It is there, and another user's.
		return (error as NodeJS.ErrnoException).code === "EPERM" ? pid : undefined;
	}
}
