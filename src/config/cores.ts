/** How many cores this process may use, for `workers: auto`. */
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";

/** A file's text; undefined when it cannot be read. */
export type ReadText = (path: string) => string | undefined;

const MOUNTS = "/sys/fs/cgroup";

function readText(path: string): string | undefined {
	try {
		return readFileSync(path, "latin1");
	} catch {
		return undefined;
	}
}

/** In a container a worker counts for so much memory: docs/sizing.md. */
const WORKER_BYTES = 128 * 2 ** 20;

/**
 * Cores, as the kernel lets this process run on them, and not more than a container's limit of processor time pays for:
 * Node 20 does not look at that. Rounded down, at least one. More threads than that would use up a period's time before
 * its end, and nobody would be answered until the next begins. More threads than its memory has room for would have the
 * kernel end the process when a large list is loaded.
 *
 * @param roomBytes what the container may take; without a limit a number beyond all memory, or 0.
 */
export function usableCores(
	cores: number = availableParallelism(),
	read: ReadText = readText,
	roomBytes: number = process.constrainedMemory(),
): number {
	const room = roomBytes > 0 ? roomBytes / WORKER_BYTES : Number.POSITIVE_INFINITY;
	return Math.max(1, Math.floor(Math.min(cores, limitOfTime(read), room)));
}

/** In cores, such as 1.5; Infinity without a limit. */
function limitOfTime(read: ReadText): number {
	const limits = [Number.POSITIVE_INFINITY];
	for (const line of (read("/proc/self/cgroup") ?? "").split("\n")) {
		// hierarchy:controllers:path; controllers are empty for cgroup v2, and the path may hold colons.
		const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
		if (path === undefined) continue;
		if (controllers === "") {
			// Beside version 1 the second one is mounted below.
			for (const mount of [MOUNTS, join(MOUNTS, "unified")])
				for (const group of groupsAbove(path)) limits.push(ofVersion2(read(join(mount, group, "cpu.max"))));
		} else if (controllers.split(",").includes("cpu")) {
			for (const mount of [join(MOUNTS, controllers), join(MOUNTS, "cpu")])
				for (const group of groupsAbove(path)) {
					const folder = join(mount, group);
					limits.push(
						quotient(read(join(folder, "cpu.cfs_quota_us")), read(join(folder, "cpu.cfs_period_us"))),
					);
				}
		}
	}
	return Math.min(...limits);
}

/** A group and all above it: each may have a limit. Inside a container only the uppermost may be there. */
function groupsAbove(path: string): string[] {
	const groups = [path];
	for (let group = path; group !== "/"; groups.push(group)) group = dirname(group);
	return groups;
}

function ofVersion2(text: string | undefined): number {
	const [quota, period] = (text ?? "").trim().split(" ");
	return quotient(quota, period);
}

/** `max` and -1 stand for no limit. */
function quotient(quotaText: string | undefined, periodText: string | undefined): number {
	const [quota, period] = [Number(quotaText), Number(periodText)];
	return quota > 0 && period > 0 ? quota / period : Number.POSITIVE_INFINITY;
}
