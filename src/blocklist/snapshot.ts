/**
 * The compiled blocklist on disk: the block as it lies in memory, then what is known of it as JSON, then a trailer
 * with the length of the JSON, a SHA-256 over all before, and a mark.
 */
import { createHash, type Hash } from "node:crypto";
import { closeSync, fstatSync, fsyncSync, openSync, readSync, renameSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { ListFormat } from "../config/vocabulary.ts";
import { FIELD, HEADER_BYTES, LAYOUT_VERSION, MAGIC } from "./layout.ts";

const TRAILER_BYTES = 4 + 32 + 8;
const MARK = Buffer.from("cordonbl");
/** Written at once: the kernel copies it in one go, and nobody else has the core meanwhile. */
const WRITE_BYTES = 128 << 10;
/** Read and hashed at once. */
const STEP_BYTES = 4 << 20;

export function snapshotPath(dataDir: string): string {
	return join(dataDir, "blocklist.snapshot");
}

/** What one list gave. */
export interface SnapshotList {
	readonly name: string;
	readonly format?: ListFormat;
	readonly rules: number;
	readonly skipped: number;
	readonly bad: number;
	/** Of the copy that was compiled. */
	readonly sha256?: string;
}

export interface SnapshotAbout {
	/** Of the part of the configuration that the compilation depends on: another one makes the snapshot useless. */
	readonly recipe: string;
	/** Milliseconds since the epoch. */
	readonly compiledAt: number;
	readonly lists: readonly SnapshotList[];
	/** What of the pool is in it. */
	readonly pool?: {
		/** Of the last change. */
		readonly seq: number;
		/** Milliseconds since the epoch: what had begun and not ended to count by then. */
		readonly judgedAt: number;
		/** Domains that are blocked, and that are only counted. */
		readonly block: number;
		readonly logOnly: number;
	};
}

export interface Snapshot {
	readonly memory: SharedArrayBuffer;
	readonly about: SnapshotAbout;
}

/** The snapshot cannot be used; the message says why. */
export class SnapshotError extends Error {}

/** Writes beside `path` and then renames, so that `path` is always whole: the old one or the new one. */
export function writeSnapshot(path: string, parts: readonly Uint8Array[], about: SnapshotAbout): void {
	const temporary = `${path}.new`;
	const fd = openSync(temporary, "w", 0o644);
	try {
		const hash = createHash("sha256");
		const json = Buffer.from(JSON.stringify(about));
		for (const part of [...parts, json]) put(fd, part, hash);
		const length = Buffer.alloc(4);
		length.writeUInt32LE(json.length);
		put(fd, Buffer.concat([length, hash.digest(), MARK]));
		fsyncSync(fd);
	} catch (error) {
		rmSync(temporary, { force: true });
		throw error;
	} finally {
		closeSync(fd);
	}
	renameSync(temporary, path);
}

function put(fd: number, bytes: Uint8Array, hash?: Hash): void {
	hash?.update(bytes);
	for (let at = 0; at < bytes.length; )
		at += writeSync(fd, bytes, at, Math.min(WRITE_BYTES, bytes.length - at));
}

/**
 * Reads and verifies the snapshot at `path`.
 *
 * @param acquire gives shared memory of at least so many bytes.
 * @returns undefined when there is none; a damaged one throws SnapshotError.
 */
export function readSnapshot(
	path: string,
	acquire: (bytes: number) => SharedArrayBuffer,
): Snapshot | undefined {
	let fd: number;
	try {
		fd = openSync(path, "r");
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code === "ENOENT" || code === "ENOTDIR") return undefined;
		throw error;
	}
	try {
		return read(fd, acquire);
	} finally {
		closeSync(fd);
	}
}

function read(fd: number, acquire: (bytes: number) => SharedArrayBuffer): Snapshot {
	const size = fstatSync(fd).size;
	if (size < HEADER_BYTES + TRAILER_BYTES) throw new SnapshotError("it is too short");
	const trailer = take(fd, size - TRAILER_BYTES, TRAILER_BYTES);
	if (!trailer.subarray(36).equals(MARK)) throw new SnapshotError("its end is missing");
	const jsonLength = trailer.readUInt32LE(0);
	const head = take(fd, 0, HEADER_BYTES);
	if (head.readUInt32LE(FIELD.MAGIC * 4) !== MAGIC) throw new SnapshotError("it is no compiled blocklist");
	if (head.readUInt32LE(FIELD.VERSION * 4) !== LAYOUT_VERSION)
		throw new SnapshotError("it is of another version");
	const total = head.readUInt32LE(FIELD.TOTAL_BYTES * 4);
	if (total + jsonLength + TRAILER_BYTES !== size)
		throw new SnapshotError("its parts do not add up to its size");

	const memory = acquire(total);
	const hash = createHash("sha256");
	for (let at = 0; at < total; at += STEP_BYTES) {
		const part = new Uint8Array(memory, at, Math.min(STEP_BYTES, total - at));
		fill(fd, part, at);
		hash.update(part);
	}
	const json = take(fd, total, jsonLength);
	hash.update(json);
	if (!hash.digest().equals(trailer.subarray(4, 36))) throw new SnapshotError("its checksum is wrong");
	return { memory, about: JSON.parse(json.toString()) as SnapshotAbout };
}

function take(fd: number, at: number, length: number): Buffer {
	const out = Buffer.alloc(length);
	fill(fd, out, at);
	return out;
}

function fill(fd: number, into: Uint8Array, position: number): void {
	for (let at = 0; at < into.length; ) {
		const got = readSync(fd, into, at, into.length - at, position + at);
		if (got === 0) throw new SnapshotError("it ends too early");
		at += got;
	}
}
