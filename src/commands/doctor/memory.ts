/** Whether there is memory for what is configured. */
import { dirname, join } from "node:path";
import { recallLists } from "../../feeds/recall.ts";
import { Shelf } from "../../feeds/shelf.ts";
import { memoryLimit } from "./control-group.ts";
import { fault, ok, warning } from "./finding.ts";
import { kernelText } from "./kernel-text.ts";
import type { Check, Patient } from "./patient.ts";
import { lockHolder } from "./running-process.ts";

const MIB = 1024 ** 2;
/** As docs/operations.md measures them. */
const BASE_MIB = 90;
const WORKER_MIB = 15;
const RULE_BYTES = 55;
/** While lists are compiled, beside the old blocklist. */
const COMPILING_RULE_BYTES = 155;

/** In bytes: when all is quiet, and while lists are compiled. */
export async function memoryNeeded({
	loaded: { config, path },
	settings,
}: Pick<Patient, "loaded" | "settings">): Promise<{ readonly quiet: number; readonly compiling: number }> {
	const shelf = new Shelf(join(config.dataDir, "lists"));
	const lists = await recallLists(config.lists, shelf, dirname(path));
	const rules = lists.reduce((sum, { facts }) => sum + (facts?.rules ?? 0), 0);
	const base = (BASE_MIB + WORKER_MIB * (settings.workers - 1)) * MIB + settings.cache.sizeBytes;
	return { quiet: base + rules * RULE_BYTES, compiling: base + rules * (RULE_BYTES + COMPILING_RULE_BYTES) };
}

async function available(proc: string): Promise<number | undefined> {
	const kib = /^MemAvailable:\s+(\d+) kB/m.exec((await kernelText(`${proc}/meminfo`)) ?? "")?.[1];
	return kib === undefined ? undefined : Number(kib) * 1024;
}

export const MEMORY: Check = {
	name: "memory",
	linux: true,
	async look(patient) {
		const { quiet, compiling } = await memoryNeeded(patient);
		const running = lockHolder(patient.loaded.config.dataDir);
		const limit = await memoryLimit(patient, running ?? "self");
		const free = running === undefined ? await available(patient.proc) : undefined;
		const mib = (bytes: number) => `${Math.ceil(bytes / MIB)} MiB`;
		const has = Math.min(limit ?? Number.POSITIVE_INFINITY, free ?? Number.POSITIVE_INFINITY);
		if (has === Number.POSITIVE_INFINITY) {
			return [
				ok(`about ${mib(quiet)} are needed, ${mib(compiling)} while lists are compiled; no limit is set`),
			];
		}
		const source = has === limit ? "is the limit of this container or unit" : "is available";
		const mend =
			"give it more memory (MemoryMax of systemd, --memory of docker), a smaller cache.size, or fewer workers";
		if (has < quiet) return [fault(`${mib(has)} ${source}, and about ${mib(quiet)} are needed`, mend)];
		if (has < compiling) {
			return [
				warning(
					`${mib(has)} ${source}, and about ${mib(compiling)} are needed while lists are compiled`,
					mend,
				),
			];
		}
		return [ok(`${mib(has)} ${source}, and about ${mib(compiling)} are needed at most`)];
	},
};
