/** A load that a server cannot keep up with: what it answers then is all that it can. */
import { fileURLToPath } from "node:url";
import type { DriveResult } from "./dnsperf.ts";
import type { FloodReport } from "./flood-client.ts";
import type { Command } from "./program.ts";

const RCODE_NAMES = new Map([
	[0, "NOERROR"],
	[2, "SERVFAIL"],
	[3, "NXDOMAIN"],
	[5, "REFUSED"],
]);

export function floodCommand(port: number, file: string, seconds: number): Command {
	const client = fileURLToPath(new URL("./flood-client.js", import.meta.url));
	return { file: process.execPath, arguments: [client, `${port}`, file, `${seconds}`] };
}

/** Throws when the flood told nothing. */
export function readFlood(output: string): DriveResult {
	const line = output.trim().split("\n").at(-1) ?? "";
	let report: FloodReport;
	try {
		report = JSON.parse(line);
	} catch {
		throw new Error(`the flood did not end as it should:\n${output.slice(-1000)}`);
	}
	const { sent, completed, seconds, rcodes } = report;
	const all = Math.max(
		1,
		rcodes.reduce((sum, count) => sum + count, 0),
	);
	return {
		sent,
		completed,
		lost: sent - completed,
		queriesPerSecond: completed / seconds,
		rcodes: new Map(
			rcodes.flatMap((count, rcode) =>
				count === 0 ? [] : [[RCODE_NAMES.get(rcode) ?? `rcode ${rcode}`, count / all] as const],
			),
		),
	};
}
