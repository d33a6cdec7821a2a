/**
 * The thread that brings lists up to date and compiles them: started for one job, gone when it is done, so that the
 * memory it took goes back to the system, and at the lowest priority, so that answers never wait for it.
 */

import { once } from "node:events";
import { dirname } from "node:path";
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { readSnapshot, snapshotPath, writeSnapshot } from "../blocklist/snapshot.ts";
import { systemPorts } from "../feeds/download.ts";
import { type ReadReport, readList } from "../feeds/read.ts";
import { listsOffShelf, type RecalledList, recallLists } from "../feeds/recall.ts";
import { refreshLimits, refreshLists } from "../feeds/refresh.ts";
import { openShelf } from "../feeds/shelf.ts";
import { type Compilation, compile } from "./compile.ts";
import { feedChanges } from "./feed.ts";
import type { FromLibrarian, Job, Region } from "./job.ts";
import { type JudgedPool, openPool } from "./judged-pool.ts";

const port = parentPort;
if (port === null) throw new Error("librarian.ts runs as a thread of the supervisor");
const say = (message: FromLibrarian) => port.postMessage(message);

const job = workerData as Job;
try {
	await work();
} catch (error) {
	say({ kind: "failed", message: (error as Error).message });
}

async function work(): Promise<void> {
	const shelf = await openShelf(job.dataDir, {
		note: (message) => say({ kind: "log", level: "warn", message }),
	});
	// Paths of lists came out of the configuration absolute.
	const configDir = dirname(job.dataDir);
	const offShelf = await listsOffShelf(job.lists, job.compiledFrom ?? [], shelf, configDir);
	const refreshed = job.lists.filter(({ name }) => job.refresh.includes(name) || offShelf.includes(name));
	await refreshLists(
		refreshed,
		{
			...refreshLimits(job.blocking),
			...systemPorts,
			shelf,
			configDir,
			version: job.version,
			readList,
			now: Date.now,
		},
		{
			retry: (name, message, pauseMs) =>
				say({
					kind: "log",
					level: "info",
					message: "a download failed and is tried again",
					fields: { list: name, why: message, pauseMs },
				}),
			settled: (outcome) => say({ kind: "settled", outcome }),
		},
	);
	await shelf.prune(job.lists.map((list) => list.name));
	const stored = await recallLists(job.lists, shelf, configDir);
	say({
		kind: "stored",
		lists: stored.map(({ name, path, facts, held, problem }) => ({
			name,
			hasCopy: path !== undefined,
			...(facts === undefined ? {} : { checkedAt: facts.checkedAt }),
			...(held === undefined ? {} : { held: held.message }),
			...(problem === undefined ? {} : { problem: problem.message }),
		})),
	});
	const pool = job.pool === undefined ? undefined : await openPool(job, job.pool);
	try {
		if (job.compiledFrom === undefined || stored.some(hasChanged)) await compileAll(stored, pool);
		if (pool !== undefined) await feedPool(stored, pool);
	} finally {
		await pool?.close();
	}
}

async function compileAll(stored: readonly RecalledList[], pool: JudgedPool | undefined): Promise<void> {
	const told = (name: string, report: ReadReport | Error): void => {
		if (report instanceof Error)
			say({
				kind: "log",
				level: "error",
				message: "a list's copy on disk cannot be read; it is left out until it is fetched again",
				fields: { list: name, error: report.message },
			});
		else say({ kind: "read", name, report });
	};
	const source =
		pool === undefined
			? undefined
			: (names: readonly string[]) => {
					const { source, protectedNames } = pool.judge(names);
					say({ kind: "protected", memory: protectedNames.memory });
					return source;
				};
	let compiled: Compilation | undefined = await compile(job, stored, told, source);
	const { about } = compiled;
	const bytes = compiled.parts.reduce((sum, part) => sum + part.length, 0);
	// Once it is on disk it is let go of, and read from there: it never is in memory twice.
	if (save(compiled)) compiled = undefined;
	if (job.mayYield) await giveMemoryBack();
	const memory = await region(bytes);
	if (compiled === undefined) readSnapshot(snapshotPath(job.dataDir), () => memory);
	else lay(compiled.parts, memory);
	say({ kind: "compiled", about, memory });
}

/** Lists that go to the pool, when they were just looked at: what changed in them. */
async function feedPool(stored: readonly RecalledList[], pool: JudgedPool): Promise<void> {
	for (const list of job.lists) {
		const path = stored.find(({ name }) => name === list.name)?.path;
		if (path === undefined || list.to !== "pool" || !job.refresh.includes(list.name)) continue;
		try {
			for await (const lines of feedChanges(list, path, job.blocking, pool.replica, pool.now))
				say({ kind: "feed", list: list.name, lines, state: "more" });
			say({ kind: "feed", list: list.name, lines: [], state: "whole" });
		} catch (error) {
			const message = "a list could not be compared with the pool; it is tried again when it is next read";
			say({
				kind: "log",
				level: "error",
				message,
				fields: { list: list.name, why: (error as Error).message },
			});
			say({ kind: "feed", list: list.name, lines: [], state: "broken" });
		}
	}
}

/** What was compiled has to be gone before room is taken for the same again: in a small container both do not fit. */
async function giveMemoryBack(): Promise<void> {
	const { collectGarbage } = await import("../sockets/garbage.ts");
	const { trimHeap } = await import("../sockets/pages.ts");
	// Arrays are freed behind a collection's back; the next one waits for that.
	collectGarbage();
	collectGarbage();
	trimHeap();
}

/** Shared memory that the supervisor gives. */
async function region(bytes: number): Promise<SharedArrayBuffer> {
	const given = once(port as MessagePort, "message") as Promise<[Region]>;
	say({ kind: "wanted", bytes });
	const [{ memory }] = await given;
	return memory;
}

function lay(parts: readonly Uint8Array[], memory: SharedArrayBuffer): void {
	const target = new Uint8Array(memory);
	let at = 0;
	for (const part of parts) {
		target.set(part, at);
		at += part.length;
	}
}

/**
 * A full or read-only disk costs the next start its head start, not this run its blocklist.
 *
 * @returns whether it is on disk.
 */
function save({ parts, about }: Compilation): boolean {
	const path = snapshotPath(job.dataDir);
	try {
		writeSnapshot(path, parts, about);
		return true;
	} catch (error) {
		const message =
			"the snapshot of the blocklist cannot be written; it is in use, but the next start has to compile again";
		say({ kind: "log", level: "error", message, fields: { path, why: (error as Error).message } });
		return false;
	}
}

/** Whatever made it so: a refresh, a copy that was accepted by hand, a run that ended before it could compile. */
function hasChanged({ name, path, facts }: RecalledList): boolean {
	if (job.lists.find((list) => list.name === name)?.to === "pool") return false;
	const compiled = job.compiledFrom?.find((list) => list.name === name);
	return path !== undefined && (compiled?.format === undefined || compiled.sha256 !== facts?.sha256);
}
