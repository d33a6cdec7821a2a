/** The body of an answer, on its way to a file. */
import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { open } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";

export type BodyFailure = "too-big" | "truncated" | "unreadable" | "storage";

/** What went wrong with a body; whoever knows the list's name makes a sentence of it. */
export class BodyError extends Error {
	override readonly name = "BodyError";
	readonly reason: BodyFailure;

	constructor(reason: BodyFailure, detail: string, cause?: unknown) {
		super(detail, { cause });
		this.reason = reason;
	}
}

/** A file as it was stored. */
export interface StoredBytes {
	readonly bytes: number;
	/** Of the stored bytes, in hex. */
	readonly sha256: string;
}

/** A coding outside this table was never asked for; two of them stacked have no honest use. */
const DECODERS = new Map<string, () => Duplex>([
	["gzip", createGunzip],
	["x-gzip", createGunzip],
	["deflate", createInflate],
	["br", createBrotliDecompress],
]);

function decoder(response: IncomingMessage): Duplex | undefined {
	const coding = (response.headers["content-encoding"] ?? "identity").trim().toLowerCase();
	if (coding === "identity" || coding === "") return undefined;
	const make = DECODERS.get(coding);
	if (make === undefined)
		throw new BodyError("unreadable", "its Content-Encoding is none of gzip, deflate and br");
	return make();
}

type Stage = (source: AsyncIterable<Buffer>) => AsyncGenerator<Buffer>;

/** Passes bytes through and fails above a limit; `what` ends the sentence of the failure. */
export function bounded(maxBytes: number, what: string): Stage {
	return async function* (source) {
		let bytes = 0;
		for await (const chunk of source) {
			bytes += chunk.length;
			if (bytes > maxBytes) throw new BodyError("too-big", `more than ${maxBytes} bytes ${what}`);
			yield chunk;
		}
	};
}

/** Counts and hashes all chunks; none are kept. */
export async function digestChunks(source: AsyncIterable<Buffer>): Promise<StoredBytes> {
	const hash = createHash("sha256");
	let bytes = 0;
	for await (const chunk of source) {
		hash.update(chunk);
		bytes += chunk.length;
	}
	return { bytes, sha256: hash.digest("hex") };
}

/** Writes all chunks to a new file and waits until the disk has them; bytes pass through, none are kept. */
export async function storeChunks(path: string, source: AsyncIterable<Buffer>): Promise<StoredBytes> {
	let file: FileHandle | undefined;
	const onDisk = async <T>(write: Promise<T>): Promise<T> => {
		try {
			return await write;
		} catch (error) {
			throw new BodyError("storage", `cannot write ${path}: ${errorCode(error)}`, error);
		}
	};
	async function* writtenTo(to: FileHandle): AsyncGenerator<Buffer> {
		for await (const chunk of source) {
			await onDisk(to.appendFile(chunk));
			yield chunk;
		}
	}
	try {
		file = await onDisk(open(path, "w", 0o644));
		const stored = await digestChunks(writtenTo(file));
		await onDisk(file.sync());
		return stored;
	} finally {
		await file?.close();
	}
}

/** The code of a system error, or the name of any other; never its message, which may quote a server. */
export function errorCode(error: unknown): string {
	if (!(error instanceof Error)) return "unknown error";
	const code = "code" in error ? error.code : undefined;
	return typeof code === "string" ? code : error.name;
}

function bodyError(error: unknown): BodyError {
	if (error instanceof BodyError) return error;
	const code = errorCode(error);
	if (/^(Z_|ERR_BROTLI|ERR__ERROR_)/.test(code)) {
		// Z_BUF_ERROR: the packed stream ends before its own end mark.
		return code === "Z_BUF_ERROR"
			? new BodyError("truncated", "the packed body ends too early", error)
			: new BodyError("unreadable", `its packed body is damaged (${code})`, error);
	}
	return new BodyError("truncated", `the body broke off (${code})`, error);
}

/**
 * Streams a body to a file, undoing its Content-Encoding. A resource that is itself gzip stays as it is: the
 * reader of lists knows it by its first bytes. Fails unless every byte that was announced has come.
 */
export async function storeBody(
	response: IncomingMessage,
	path: string,
	maxBytes: number,
	signal: AbortSignal,
): Promise<StoredBytes> {
	const announced = response.headers["content-length"];
	if (announced !== undefined && Number(announced) > maxBytes) {
		throw new BodyError("too-big", `${announced} bytes announced, more than ${maxBytes}`);
	}
	const unpack = decoder(response);
	// What pipeline reports may be the echo of a fault further down: the first fault seen by a stage counts.
	let first: unknown;
	const seen = (error: unknown): never => {
		first ??= error;
		throw error;
	};
	const watched = (stage: Stage): Stage =>
		async function* (source) {
			try {
				yield* stage(source);
			} catch (error) {
				seen(error);
			}
		};
	let stored: StoredBytes | undefined;
	let storing: Promise<unknown> | undefined;
	const store = async (source: AsyncIterable<Buffer>): Promise<void> => {
		const storage = storeChunks(path, source);
		storing = storage;
		stored = await storage.catch(seen);
	};
	const sent = watched(bounded(maxBytes, "sent"));
	try {
		if (unpack === undefined) {
			await pipeline(response, sent, store, { signal });
		} else {
			const unpacked = watched(bounded(maxBytes, "unpacked"));
			await pipeline(response, sent, unpack, unpacked, store, { signal });
		}
	} catch (error) {
		// pipeline may give up while the file is still being opened: whoever removes it must come later.
		await storing?.catch(() => undefined);
		throw bodyError(first ?? error);
	}
	if (stored === undefined || !response.complete) throw new BodyError("truncated", "the body broke off");
	return stored;
}
