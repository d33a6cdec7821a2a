/** What a container, or a unit of systemd, is limited to (cgroups, version 2 and 1). */
import { dirname, join } from "node:path";
import { kernelText } from "./kernel-text.ts";
import type { Patient } from "./patient.ts";

type Ground = Pick<Patient, "proc" | "sys">;

interface Place {
	readonly root: string;
	readonly path: string;
}

async function placeOf({ proc, sys }: Ground, pid: number | "self", controller: string): Promise<Place[]> {
	const lines = ((await kernelText(`${proc}/${pid}/cgroup`)) ?? "").split("\n");
	return lines.flatMap((line): Place[] => {
		const [, controllers = "", path = ""] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
		if (path === "" || path.includes("..")) return [];
		if (controllers === "") return [{ root: join(sys, "fs/cgroup"), path }];
		return controllers.split(",").includes(controller)
			? [{ root: join(sys, "fs/cgroup", controller), path }]
			: [];
	});
}

/** The texts of a file in the group and in all above it. In a container the path may be one of the host: then the root counts. */
async function texts(place: Place, name: string): Promise<string[]> {
	const found: string[] = [];
	for (let path = place.path; ; path = dirname(path)) {
		const text = await kernelText(join(place.root, path, name));
		if (text !== undefined) found.push(text);
		if (path === "/" || path === ".") return found;
	}
}

/** In bytes; undefined without a limit. */
export async function memoryLimit(ground: Ground, pid: number | "self"): Promise<number | undefined> {
	const limits: number[] = [];
	for (const place of await placeOf(ground, pid, "memory")) {
		const all = [...(await texts(place, "memory.max")), ...(await texts(place, "memory.limit_in_bytes"))];
		// Version 1 writes no limit as a number beyond all memory.
		limits.push(
			...all
				.filter((text) => /^\d+$/.test(text))
				.map(Number)
				.filter((bytes) => bytes < 2 ** 60),
		);
	}
	return limits.length === 0 ? undefined : Math.min(...limits);
}

/** Processors' worth of time; undefined without a limit. */
export async function processorLimit(ground: Ground, pid: number | "self"): Promise<number | undefined> {
	const limits: number[] = [];
	for (const place of await placeOf(ground, pid, "cpu")) {
		for (const text of await texts(place, "cpu.max")) {
			const [quota, period] = text.split(/\s+/).map(Number);
			if (quota > 0 && period > 0) limits.push(quota / period);
		}
		const [quota] = await texts(place, "cpu.cfs_quota_us");
		const [period] = await texts(place, "cpu.cfs_period_us");
		if (Number(quota) > 0 && Number(period) > 0) limits.push(Number(quota) / Number(period));
	}
	return limits.length === 0 ? undefined : Math.min(...limits);
}
