/** Whether the workers have processors to run on. */
import { availableParallelism } from "node:os";
import { processorLimit } from "./control-group.ts";
import { ok, warning } from "./finding.ts";
import type { Check } from "./patient.ts";
import { lockHolder } from "./running-process.ts";

export const PROCESSORS: Check = {
	name: "processors",
	async look(patient) {
		const { settings, loaded } = patient;
		const { workers } = settings;
		const pid = lockHolder(loaded.config.dataDir) ?? "self";
		const limit = patient.platform === "linux" ? await processorLimit(patient, pid) : undefined;
		const cores = availableParallelism();
		const has = Math.min(cores, limit ?? cores);
		const said = `${workers} ${workers === 1 ? "worker" : "workers"} on ${Number(has.toFixed(2))} of ${cores} processors`;
		const fitting = Math.max(1, Math.floor(has));
		if (workers > Math.max(1, Math.ceil(has))) {
			const why =
				limit !== undefined && limit < cores ? ", which is the limit of this container or unit" : "";
			return [warning(`${said}${why}: they wait for one another`, `workers: ${fitting}`)];
		}
		return [ok(said)];
	},
};
