/** Brings lists up to date, each on its own: one that fails or is refused takes nothing from the others. */
import { rm } from "node:fs/promises";
import type { Config, ListConfig } from "../config/schema.ts";
import { parseDuration, parseSize } from "../config/units.ts";
import type { ListFormat } from "../config/vocabulary.ts";
import { assess, type ReadList } from "./assess.ts";
import { BodyError, errorCode } from "./body.ts";
import { bring } from "./bring.ts";
import type { DownloadOptions } from "./download.ts";
import { DownloadError, type DownloadFailure } from "./download-error.ts";
import { LocalFileError, type LocalFileFailure } from "./local-file.ts";
import type { ReadReport } from "./read.ts";
import type { GoodCopy, Shelf } from "./shelf.ts";
import type { CopyFacts, HoldReason } from "./shelf-record.ts";
import { type ListSource, listSource } from "./source.ts";

/** The numbers of `blocking` that a refresh goes by. */
export interface RefreshLimits {
	/** Lists refreshed at once. */
	readonly concurrency: number;
	readonly maxBytes: number;
	readonly timeoutMs: number;
	readonly attempts: number;
	readonly cooldownMs: number;
	readonly maxShrink: number;
	readonly hostsMatch: "exact" | "subtree";
}

/** Reads the limits out of a checked configuration. */
export function refreshLimits(blocking: Config["blocking"]): RefreshLimits {
	const { downloads } = blocking;
	return {
		concurrency: downloads.concurrency,
		maxBytes: parseSize(downloads.maxSize) ?? 0,
		timeoutMs: (parseDuration(downloads.timeout) ?? 0) * 1000,
		attempts: downloads.attempts,
		cooldownMs: (parseDuration(downloads.cooldown) ?? 0) * 1000,
		maxShrink: blocking.maxShrink,
		hostsMatch: blocking.hostsMatch,
	};
}

export interface RefreshOptions extends RefreshLimits, Pick<DownloadOptions, "lookup" | "pause" | "version"> {
	readonly shelf: Shelf;
	/** What a list's `file` is relative to. */
	readonly configDir: string;
	readonly readList: ReadList;
	readonly now: () => number;
	readonly signal?: AbortSignal | undefined;
}

/** `internal`: a fault of ours. */
export type RefreshReason = DownloadFailure | LocalFileFailure | HoldReason | "internal";

/**
 * `fresh`: a new version is the last good copy. `unchanged`: the old one still is what the source gives out.
 * `held`: a new version waits to be accepted. `failed`: none came. `missing`: a local file is not there.
 */
export type RefreshState = "fresh" | "unchanged" | "held" | "failed" | "missing";

export interface RefreshOutcome {
	readonly name: string;
	readonly state: RefreshState;
	/** Of the last good copy, whatever happened now; undefined when there never was one from this source. */
	readonly path?: string;
	/** Of the last good copy, when it is on record. */
	readonly format?: ListFormat;
	/** Of the new version, when one was read. */
	readonly report?: ReadReport;
	readonly reason?: RefreshReason;
	readonly message?: string;
	/** Milliseconds since the epoch: when the source last gave, or confirmed, the last good copy. */
	readonly lastSuccess?: number;
	readonly startedAt: number;
	readonly finishedAt: number;
}

export interface RefreshEvents {
	/** A try failed and another one follows. */
	readonly retry?: (name: string, message: string, pauseMs: number) => void;
	/** A list is done; the others may still be under way. */
	readonly settled?: (outcome: RefreshOutcome) => void;
}

type Result = Omit<RefreshOutcome, "name" | "startedAt" | "finishedAt">;

function ofCopy(copy: GoodCopy | undefined): Pick<Result, "path" | "format" | "lastSuccess"> {
	if (copy === undefined) return {};
	const { path, facts } = copy;
	return facts === undefined ? { path } : { path, format: facts.format, lastSuccess: facts.checkedAt };
}

async function update(
	list: ListConfig,
	source: ListSource,
	copy: GoodCopy | undefined,
	temporary: string,
	options: RefreshOptions,
	events: RefreshEvents,
): Promise<Result> {
	const { shelf } = options;
	const brought = await bring(list, source, temporary, copy?.facts, {
		...options,
		onRetry: (error, pauseMs) => events.retry?.(list.name, error.message, pauseMs),
	});
	const now = options.now();
	const uncopied = brought.kind === "brought" ? brought.uncopied : undefined;
	if (copy?.facts !== undefined) {
		const same = brought.kind === "unchanged" || brought.stored.sha256 === copy.facts.sha256;
		if (same) {
			const { etag: _etag, lastModified: _lastModified, ...rest } = copy.facts;
			const facts = { ...rest, ...brought.validators, checkedAt: now };
			if (uncopied === undefined) await shelf.confirm(list.name, facts);
			else shelf.lend(list.name, { path: copy.path, facts }, uncopied.message);
			return { state: "unchanged", ...ofCopy({ path: copy.path, facts }) };
		}
	}
	if (brought.kind === "unchanged") throw new Error("not modified, but no copy was asked about");
	const { path, stored } = brought;
	const candidate = {
		name: list.name,
		shown: source.shown,
		path,
		format: list.format,
		hostsMatch: list.match ?? options.hostsMatch,
	};
	const baseline = copy && {
		path: copy.path,
		...(copy.facts !== undefined && { rules: copy.facts.rules }),
	};
	const verdict = await assess(candidate, baseline, options);
	if (verdict.kind === "unreadable") {
		const { reason, message } = verdict;
		return { state: "failed", reason, message, ...ofCopy(copy) };
	}
	const { report } = verdict;
	const facts: CopyFacts = {
		url: source.shown,
		source: source.id,
		...brought.validators,
		fetchedAt: now,
		checkedAt: now,
		format: report.format,
		rules: report.rules,
		...stored,
	};
	if (verdict.kind === "refused") {
		// What cannot be put aside cannot be accepted either.
		if (uncopied !== undefined) throw uncopied;
		const { reason, message } = verdict;
		await shelf.hold(list.name, path, { ...facts, reason, message });
		return { state: "held", reason, message, report, ...ofCopy(copy) };
	}
	const good =
		uncopied === undefined
			? await shelf.keep(list.name, path, facts)
			: shelf.lend(list.name, { path, facts }, uncopied.message);
	return { state: "fresh", report, ...ofCopy(good) };
}

function failed(list: ListConfig, error: unknown): Pick<Result, "state" | "reason" | "message"> & object {
	if (error instanceof LocalFileError) {
		const state = error.reason === "missing" ? "missing" : "failed";
		return { state, reason: error.reason, message: error.message };
	}
	if (error instanceof DownloadError)
		return { state: "failed", reason: error.reason, message: error.message };
	const ofDisk =
		error instanceof BodyError ? error.reason === "storage" : error instanceof Error && "syscall" in error;
	const reason = ofDisk ? "storage" : "internal";
	const advice = ofDisk ? "check space and permissions of dataDir" : "please report this";
	const detail = error instanceof Error ? error.message : String(error);
	return { state: "failed", reason, message: `list ${list.name}: ${detail}; ${advice}` };
}

async function refreshOne(
	list: ListConfig,
	options: RefreshOptions,
	events: RefreshEvents,
): Promise<RefreshOutcome> {
	const startedAt = options.now();
	const { shelf } = options;
	const temporary = shelf.temporary(list.name);
	let copy: GoodCopy | undefined;
	let result: Result;
	try {
		const source = listSource(list, options.configDir);
		copy = await shelf.copy(list.name, source.id);
		result = await update(list, source, copy, temporary, options, events);
	} catch (error) {
		result = { ...failed(list, error), ...ofCopy(copy) };
	}
	if (result.state === "failed" || result.state === "missing") {
		// With a full disk this fails too; the outcome says it all the same.
		await shelf.trouble(list.name, result.reason ?? "internal", result.message ?? "").catch(errorCode);
	}
	await rm(temporary, { force: true }).catch(errorCode);
	const outcome = { name: list.name, ...result, startedAt, finishedAt: options.now() };
	events.settled?.(outcome);
	return outcome;
}

/**
 * Refreshes these lists, some at once, and says of each what became of it, in the order given. Never rejects
 * because of a list. Not to be called for a list that is already being refreshed.
 */
export async function refreshLists(
	lists: readonly ListConfig[],
	options: RefreshOptions,
	events: RefreshEvents = {},
): Promise<readonly RefreshOutcome[]> {
	const outcomes: RefreshOutcome[] = new Array(lists.length);
	const waiting = lists.entries();
	const work = async (): Promise<void> => {
		for (const [at, list] of waiting) outcomes[at] = await refreshOne(list, options, events);
	};
	await Promise.all(Array.from({ length: Math.min(options.concurrency, lists.length) }, work));
	return outcomes;
}
