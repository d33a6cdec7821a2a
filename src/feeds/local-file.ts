/** A list that lies on this machine: copied like a download, so that a half-written file never empties the list. */
import type { Stats } from "node:fs";
import { createReadStream } from "node:fs";
import { rm } from "node:fs/promises";
import { BodyError, bounded, digestChunks, errorCode, type StoredBytes, storeChunks } from "./body.ts";
import type { Pause } from "./download.ts";

export type LocalFileFailure = "missing" | "unreadable" | "too-big" | "truncated" | "storage";

export class LocalFileError extends Error {
	override readonly name = "LocalFileError";
	readonly reason: LocalFileFailure;

	constructor(reason: LocalFileFailure, message: string) {
		super(message);
		this.reason = reason;
	}
}

export interface LocalFileRequest {
	readonly name: string;
	readonly file: string;
	/** The temporary file to write. */
	readonly path: string;
}

export interface LocalFileOptions {
	readonly maxBytes: number;
	readonly attempts: number;
	readonly cooldownMs: number;
	readonly pause: Pause;
	readonly stat: (path: string) => Promise<Stats>;
	readonly signal?: AbortSignal | undefined;
}

/** What the file held while it did not change. */
export interface LocalVersion {
	readonly stored: StoredBytes;
	/** Where it can be read: in the copy, or in the file itself. */
	readonly path: string;
	/** Why there is no copy. */
	readonly uncopied?: LocalFileError;
}

type Take = (source: AsyncIterable<Buffer>) => Promise<StoredBytes>;

function changed(before: Stats, after: Stats): boolean {
	return before.size !== after.size || before.mtimeMs !== after.mtimeMs || before.ino !== after.ino;
}

function explain(request: LocalFileRequest, error: unknown): LocalFileError {
	if (error instanceof LocalFileError) return error;
	const at = `list ${request.name}: ${request.file}`;
	if (error instanceof BodyError && error.reason === "storage") {
		return new LocalFileError("storage", `${at}: ${error.message}; check space and permissions of dataDir`);
	}
	if (error instanceof BodyError) {
		const advice = "raise blocking.downloads.maxSize if this list is meant to be so big";
		return new LocalFileError("too-big", `${at}: ${error.message}; ${advice}`);
	}
	const code = errorCode(error);
	return code === "ENOENT" || code === "ENOTDIR"
		? new LocalFileError("missing", `${at}: is not there; put it there or change the list's file`)
		: new LocalFileError("unreadable", `${at}: cannot be read (${code}); check its permissions`);
}

async function takeOnce(
	request: LocalFileRequest,
	options: LocalFileOptions,
	take: Take,
): Promise<StoredBytes | undefined> {
	const before = await options.stat(request.file);
	// A pipe or a device may never end.
	if (!before.isFile()) {
		throw new LocalFileError("unreadable", `list ${request.name}: ${request.file}: is not a regular file`);
	}
	const source = bounded(options.maxBytes, "long")(createReadStream(request.file));
	const stored = await take(source);
	return changed(before, await options.stat(request.file)) ? undefined : stored;
}

/** Takes the file in, again if it changed meanwhile. Throws a LocalFileError and nothing else. */
async function takeWhole(
	request: LocalFileRequest,
	options: LocalFileOptions,
	take: Take,
): Promise<StoredBytes> {
	try {
		for (let attempt = 1; attempt <= options.attempts; attempt++) {
			const stored = await takeOnce(request, options, take);
			if (stored !== undefined) return stored;
			if (attempt < options.attempts && !options.signal?.aborted) {
				await options.pause(options.cooldownMs, options.signal).catch(() => undefined);
			}
		}
	} catch (error) {
		throw explain(request, error);
	}
	throw new LocalFileError(
		"truncated",
		`list ${request.name}: ${request.file}: kept changing while it was read; write it elsewhere and rename it into place`,
	);
}

/**
 * Copies the file. When our own disk refuses, the file is to be used where it lies: its news need no room, and must not
 * wait for it. Whoever then writes to it while it is being read is not guarded against. Throws a LocalFileError and nothing else.
 */
export async function bringLocalFile(
	request: LocalFileRequest,
	options: LocalFileOptions,
): Promise<LocalVersion> {
	const { file, path } = request;
	try {
		return { path, stored: await takeWhole(request, options, (source) => storeChunks(path, source)) };
	} catch (error) {
		if (!(error instanceof LocalFileError) || error.reason !== "storage") throw error;
		// The half of a copy would keep the disk full for everybody else.
		await rm(path, { force: true }).catch(errorCode);
		return { path: file, stored: await takeWhole(request, options, digestChunks), uncopied: error };
	}
}
