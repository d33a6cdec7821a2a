import type { Command } from "./program.ts";

export interface Drive {
	readonly port: number;
	readonly file: string;
	readonly seconds: number;
	/** Whether to stop at the end of the file instead of starting over. */
	readonly once: boolean;
	/** Queries a second at most. */
	readonly limit?: number;
}

export interface DriveResult {
	readonly sent: number;
	readonly completed: number;
	readonly lost: number;
	readonly queriesPerSecond: number;
	/** Share of each rcode among the answers. */
	readonly rcodes: ReadonlyMap<string, number>;
}

export function dnsperfCommand(dnsperf: string, drive: Drive): Command {
	const words = ["-s", "127.0.0.1", "-p", `${drive.port}`, "-d", drive.file, "-l", `${drive.seconds}`];
	words.push("-c", "16", "-q", "400", "-b", "4096");
	if (drive.once) words.push("-n", "1");
	if (drive.limit !== undefined) words.push("-Q", `${drive.limit}`);
	return { file: dnsperf, arguments: words };
}

function figure(output: string, label: string): number {
	const found = new RegExp(`${label}:\\s+([\\d.]+)`).exec(output)?.[1];
	if (found === undefined) throw new Error(`dnsperf did not print "${label}":\n${output.slice(-1000)}`);
	return Number(found);
}

export function readDnsperf(output: string): DriveResult {
	const completed = figure(output, "Queries completed");
	const rcodes = new Map<string, number>();
	const line = /Response codes:\s+(.*)/.exec(output)?.[1] ?? "";
	for (const [, code, count] of line.matchAll(/(\w+) (\d+) \(/g)) {
		rcodes.set(code, Number(count) / Math.max(1, completed));
	}
	return {
		sent: figure(output, "Queries sent"),
		completed,
		lost: figure(output, "Queries lost"),
		queriesPerSecond: figure(output, "Queries per second"),
		rcodes,
	};
}
