import type { LoadName } from "./loads.ts";
import type { ServerResult, StartResult } from "./measure.ts";
import { markdownTable, whole } from "./results.ts";
import type { Server } from "./server.ts";

export interface Row {
	readonly server: Server;
	readonly outcome: ServerResult | "not installed" | "failed";
	readonly reason?: string;
}

export interface Circumstances {
	readonly machine: string;
	readonly date: string;
	readonly command: string;
	readonly tools: string;
	readonly setting: string;
	readonly notes: readonly string[];
}

const HEAD = [
	"server",
	"q/s mix",
	"q/s blocked",
	"q/s cached",
	"q/s misses",
	"CPU µs/query, mix",
	"q/s mix, flooded",
	"CPU µs/query, flooded",
	"ready in s",
	"RSS MiB, ready",
	"RSS MiB, after load",
	"lost",
	"warnings",
];

function mebibytes(bytes: number): string {
	return whole(bytes / 2 ** 20);
}

function perStart(starts: readonly StartResult[], figure: (start: StartResult) => string): string {
	return starts.map((start) => `${figure(start)}${start.name === "" ? "" : ` (${start.name})`}`).join(", ");
}

function cells(row: Row): string[] {
	const { server, outcome } = row;
	if (outcome === "not installed") {
		return [server.title, ...HEAD.slice(2).map(() => ""), outcome];
	}
	const title = `${server.title} ${server.version()}`;
	if (outcome === "failed") {
		const reason = (row.reason ?? "").replaceAll(/\s+/g, " ").replaceAll("|", "/").slice(0, 200);
		return [title, ...HEAD.slice(2).map(() => ""), `failed: ${reason}`];
	}
	const speed = (name: LoadName): string => whole(outcome.loads.get(name)?.queriesPerSecond ?? 0);
	const cost = (name: LoadName): string => (outcome.loads.get(name)?.cpuMicrosPerQuery ?? 0).toFixed(1);
	let lost = 0;
	for (const load of outcome.loads.values()) lost += load.lost;
	return [
		title,
		speed("mix"),
		speed("blocked"),
		speed("cached"),
		speed("misses"),
		cost("mix"),
		speed("flood"),
		cost("flood"),
		perStart(outcome.starts, (start) => start.seconds.toFixed(2)),
		perStart(outcome.starts, (start) => mebibytes(start.residentBytes)),
		mebibytes(outcome.residentBytes),
		whole(lost),
		outcome.warnings.length === 0 ? "none" : outcome.warnings.join("; "),
	];
}

export function peersTable(rows: readonly Row[], about: Circumstances): string {
	return [
		"## Against the peers",
		"",
		`${about.setting}; one core for the server, another one for dnsperf and nsd. The mix asks 20 % blocked and 80 % cached names.`,
		"Flooded: the same mix from a client that always has 1,024 questions waiting, where dnsperf's core is the limit of the fastest.",
		"Ready: from the start of the program to its first right answer for a blocked name. Read the figures as ratios.",
		"",
		markdownTable(HEAD, rows.map(cells)),
		"",
		`- ${about.date}, \`${about.command.trim()}\``,
		`- ${about.machine}`,
		`- ${about.tools}`,
		...about.notes.map((note) => `- ${note}`),
		"",
	].join("\n");
}
