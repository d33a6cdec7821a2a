/** Whether a restore into dataDir came to its end. */
import { interruptedRestore } from "../../supervisor/restore/journal.ts";
import { fault, ok } from "./finding.ts";
import type { Check } from "./patient.ts";

export const INTERRUPTED: Check = {
	name: "restore",
	look({ loaded: { config, path } }) {
		const { dataDir } = config;
		const found = interruptedRestore(dataDir);
		if (found === undefined) return [ok(`no restore into ${dataDir} was interrupted`)];
		return [
			fault(
				`a restore into ${dataDir} was interrupted: part of it is that of the backup, the rest is as before, and what was set aside is in ${found.aside}`,
				`start Cordon, or cordon restore FILE --config ${path}: either finishes it first`,
			),
		];
	},
};
