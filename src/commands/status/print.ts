import { printable } from "../../observe/printable.ts";
import type { ListStatus, NodeStatus } from "../../observe/status.ts";
import type { Summary } from "../../observe/summary.ts";
import { table } from "../table.ts";

/** What the admin server says, as `cordon status` needs it. */
export interface Report {
	readonly status: NodeStatus;
	readonly summary: Summary;
}

const NUMBER = new Intl.NumberFormat("en");

function percent(share: number): string {
	return `${(share * 100).toFixed(1)} %`;
}

function mebibytes(bytes: number): string {
	return `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
}

/** A length of time, to its two largest units. */
export function formatSpan(ms: number): string {
	let seconds = Math.max(0, Math.round(ms / 1000));
	const parts: string[] = [];
	for (const [unit, length] of [
		["d", 86_400],
		["h", 3600],
		["min", 60],
		["s", 1],
	] as const) {
		const count = Math.floor(seconds / length);
		seconds -= count * length;
		if (count > 0 || (unit === "s" && parts.length === 0)) parts.push(`${count} ${unit}`);
	}
	return parts.slice(0, 2).join(" ");
}

function listRows(lists: readonly ListStatus[], now: number): string[] {
	const rows = lists.map((list) => [
		list.name,
		list.state,
		`${NUMBER.format(list.domains)} ${list.kind === "allow" ? "allowed" : "blocked"}`,
		list.lastSuccess === undefined ? "never fetched" : `${formatSpan(now - list.lastSuccess)} ago`,
		list.badLines > 0 ? `${NUMBER.format(list.badLines)} bad lines` : "",
	]);
	return table(rows).flatMap((row, i) => {
		const problem = lists[i].problem;
		return problem === undefined ? [row] : [row, `    ${problem}`];
	});
}

function logLevel({ level, configured, until }: NodeStatus["log"], now: number): string {
	const end =
		until === undefined ? "until it is set again or reloaded" : `for ${formatSpan(until - now)} more`;
	return `level ${level} ${end}, then ${configured}`;
}

function upstreamRows({ upstreams }: Summary): string[] {
	return table(
		upstreams.map((one) => [
			one.name,
			one.queries === 0 && !one.up ? "not asked yet" : one.up ? "up" : "down",
			`${NUMBER.format(one.queries)} queries`,
			`${NUMBER.format(one.failures)} failed`,
			one.meanSeconds > 0 ? `${(one.meanSeconds * 1000).toFixed(1)} ms on average` : "",
		]),
	);
}

/** For people; `now` in milliseconds since the epoch. */
export function printReport({ status, summary }: Report, now: number): string {
	const serving = status.workers.filter((worker) => worker.serving).length;
	const restarts = status.workers.reduce((sum, worker) => sum + worker.restarts, 0);
	const lines = [
		`Cordon ${status.version}, up ${formatSpan(now - status.startedAt)}: ${
			status.ready ? "ready" : `not ready: ${status.waitingFor ?? "still starting"}`
		}`,
		...table([
			["answers on", status.dns.join(", ")],
			...(status.log.level === status.log.configured ? [] : [["log", logLevel(status.log, now)]]),
			["workers", `${serving} of ${status.workers.length} (${status.udpEngine}), ${restarts} restarts`],
			[
				"blocks",
				`${NUMBER.format(status.blockedDomains)} domains, ${NUMBER.format(status.allowedDomains)} allowed, ${NUMBER.format(status.blockedNetworks)} networks, ${mebibytes(status.indexBytes)}`,
			],
			[
				"queries",
				`${NUMBER.format(summary.queries)}, ${percent(summary.shareBlocked)} blocked, ${percent(summary.shareFailed)} failed`,
			],
			[
				"cache",
				`${percent(summary.shareCacheHits)} hits, ${NUMBER.format(summary.cacheEntries)} answers, ${mebibytes(summary.cacheBytes)}`,
			],
		]),
		"lists",
		...(status.lists.length === 0 ? ["  none"] : listRows(status.lists, now)),
		"upstreams",
		...upstreamRows(summary),
	];
	// It came over the network and goes to a terminal.
	return `${lines.map(printable).join("\n")}\n`;
}
