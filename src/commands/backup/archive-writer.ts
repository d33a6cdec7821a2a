/** Writes a backup: a tar archive, gzipped, of which each file is hashed on its way. */
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { BackedFile } from "./manifest.ts";
import { END, formatHeader, padding, type TarEntry } from "./tar-format.ts";

/** A file on its way into an archive: exactly `bytes` have to come. */
export interface NewFile extends TarEntry {
	readonly chunks: Iterable<Buffer> | AsyncIterable<Buffer>;
}

export function fileOf(path: string, content: string): NewFile {
	const bytes = Buffer.from(content);
	return { path, bytes: bytes.length, chunks: [bytes] };
}

export class ArchiveWriter {
	/** Those that are written. */
	readonly files: BackedFile[] = [];
	readonly #seconds: number;

	/** @param now milliseconds since the epoch: the time of all files. */
	constructor(now: number) {
		this.#seconds = now / 1000;
	}

	/** The bytes of a file in the archive. Throws when it was cut short, or grew, while it was read. */
	async *pack({ path, bytes, chunks }: NewFile): AsyncGenerator<Buffer> {
		yield formatHeader({ path, bytes }, this.#seconds);
		const hash = createHash("sha256");
		let written = 0;
		for await (const chunk of chunks) {
			written += chunk.length;
			if (written > bytes) break;
			hash.update(chunk);
			yield chunk;
		}
		if (written !== bytes) throw new Error(`${path} changed while it was read; make the backup again`);
		yield padding(bytes);
		this.files.push({ path, bytes, sha256: hash.digest("hex") });
	}

	/**
	 * Writes to a file beside `path`, which takes its place when it is whole and on the disk; for its owner alone.
	 *
	 * @param contents the bytes of the archive but for its end.
	 */
	async write(path: string, contents: AsyncIterable<Buffer>): Promise<void> {
		const temporary = `${path}.part`;
		await rm(temporary, { force: true });
		async function* whole(): AsyncGenerator<Buffer> {
			yield* contents;
			yield END;
		}
		try {
			// A name that somebody else has made is not followed.
			const target = createWriteStream(temporary, { flags: "wx", mode: 0o600 });
			await pipeline(Readable.from(whole(), { objectMode: false }), createGzip(), target);
			const file = await open(temporary, "r+");
			try {
				await file.sync();
			} finally {
				await file.close();
			}
			await rename(temporary, path);
		} catch (error) {
			await rm(temporary, { force: true });
			throw error;
		}
	}
}
