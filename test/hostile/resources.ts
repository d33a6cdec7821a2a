/** What an attack uses up of a running Cordon: its own counters, and what the kernel says of the process. */
import { readdirSync, readFileSync } from "node:fs";
import type { Cordon } from "../scenario/cordon.ts";

/** Descriptors that come and go without any attack: of the admin server that is asked here, and towards upstreams. */
export const FEW = 15;
const PATIENCE_MS = 20_000;
/** Of /proc/net/tcp. */
const CLOSE_WAIT = "08";

/** A number of /metrics, summed up over all labels that match; 0 when there is none. */
export async function metric(cordon: Cordon, name: string, labels: RegExp = /.*/): Promise<number> {
	const { body } = await cordon.get("/metrics");
	let sum = 0;
	for (const line of body.split("\n")) {
		const [, key, of = "", value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
		if (key === name && labels.test(of)) sum += Number(value);
	}
	return sum;
}

/** Waits until the number is as it should be. */
export async function until(
	cordon: Cordon,
	name: string,
	isReached: (value: number) => boolean,
	labels?: RegExp,
): Promise<number> {
	const deadline = performance.now() + PATIENCE_MS;
	for (;;) {
		const value = await metric(cordon, name, labels);
		if (isReached(value)) return value;
		if (performance.now() > deadline) throw new Error(`waited in vain for ${name}, which is ${value}`);
	}
}

/** Bytes of memory that the process has of the system. */
export function memoryOf(cordon: Cordon): number {
	const status = readFileSync(`/proc/${cordon.child.pid}/status`, "utf8");
	return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

/** File descriptors that the process has open. */
export function descriptorsOf(cordon: Cordon): number {
	return readdirSync(`/proc/${cordon.child.pid}/fd`).length;
}

/** Connections of the port that their client has closed, and the server has not. */
export function halfDead(port: number): number {
	const local = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
	return readFileSync("/proc/net/tcp", "utf8")
		.split("\n")
		.map((line) => line.trim().split(/\s+/))
		.filter(([, address, , state]) => address?.endsWith(local) && state === CLOSE_WAIT).length;
}

/** The same three before, during and after an attack, for the test to compare and to print. */
export function look(cordon: Cordon): { readonly memory: number; readonly descriptors: number } {
	return { memory: memoryOf(cordon), descriptors: descriptorsOf(cordon) };
}

export function megabytes(bytes: number): string {
	return `${(bytes / 1e6).toFixed(1)} MB`;
}
