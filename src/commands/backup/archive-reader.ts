/** Reads a backup, and believes nothing in it: neither names nor sizes nor kinds of files. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import {
	type BackedFile,
	HEADER,
	isBackupPath,
	MANIFEST,
	type Manifest,
	parseBackupHeader,
	parseManifest,
} from "./manifest.ts";
import { BLOCK, parseHeader, type TarEntry } from "./tar-format.ts";

const MOST_FILES = 100_000;
const MOST_TEXT_BYTES = 64 * 1024 ** 2;
export const MOST_BYTES = 64 * 1024 ** 3;

/** It is no backup, or not a whole one; the message is for the operator. */
export class BadArchive extends Error {
	override readonly name = "BadArchive";
}

/** Takes a file of the archive: all its bytes have to be read. */
export type Take = (entry: TarEntry, chunks: AsyncIterable<Buffer>) => Promise<void>;

/** Bytes as they come, in portions as they are wanted. */
class Source {
	readonly #chunks: AsyncIterator<Buffer>;
	#rest: Buffer = Buffer.alloc(0);
	#taken = 0;
	readonly #mostBytes: number;

	constructor(chunks: AsyncIterable<Buffer>, mostBytes: number) {
		this.#chunks = chunks[Symbol.asyncIterator]();
		this.#mostBytes = mostBytes;
	}

	/** Up to `most` bytes; none at the end. */
	async some(most: number): Promise<Buffer> {
		if (this.#rest.length === 0) {
			const next = await this.#chunks.next();
			if (next.done === true) return Buffer.alloc(0);
			this.#rest = next.value;
			this.#taken += next.value.length;
			if (this.#taken > this.#mostBytes) {
				throw new BadArchive(
					`it unpacks to more than ${this.#mostBytes} bytes; if that is meant, raise --max-size`,
				);
			}
		}
		const part = this.#rest.subarray(0, most);
		this.#rest = this.#rest.subarray(part.length);
		return part;
	}

	/** Exactly so many. */
	async exactly(bytes: number): Promise<Buffer> {
		const parts: Buffer[] = [];
		for (let left = bytes; left > 0; ) {
			const part = await this.some(left);
			if (part.length === 0) throw new BadArchive("it is cut short; copy it again from where it came from");
			parts.push(part);
			left -= part.length;
		}
		return Buffer.concat(parts);
	}

	async end(): Promise<void> {
		await this.#chunks.return?.();
	}
}

async function* contentOf(
	source: Source,
	{ bytes }: TarEntry,
	done: (sha256: string) => void,
): AsyncGenerator<Buffer> {
	const hash = createHash("sha256");
	for (let left = bytes; left > 0; ) {
		const part = await source.some(Math.min(left, 1 << 20));
		if (part.length === 0) throw new BadArchive("it is cut short; copy it again from where it came from");
		hash.update(part);
		left -= part.length;
		yield part;
	}
	await source.exactly((BLOCK - (bytes % BLOCK)) % BLOCK);
	done(hash.digest("hex"));
}

async function textOf(chunks: AsyncIterable<Buffer>, { bytes, path }: TarEntry): Promise<string> {
	if (bytes > MOST_TEXT_BYTES) throw new BadArchive(`${path} in it is too large`);
	const parts: Buffer[] = [];
	for await (const chunk of chunks) parts.push(chunk);
	return Buffer.concat(parts).toString("utf8");
}

function compare(manifest: Manifest, found: ReadonlyMap<string, BackedFile>): void {
	const listed = new Map(manifest.files.map((file) => [file.path, file]));
	for (const { path, bytes, sha256 } of found.values()) {
		const said = listed.get(path);
		if (said === undefined) throw new BadArchive(`${path} is in it, and its manifest does not name it`);
		if (said.bytes !== bytes || said.sha256 !== sha256) {
			throw new BadArchive(`${path} in it is not what was backed up: its hash differs`);
		}
	}
	for (const path of listed.keys()) if (!found.has(path)) throw new BadArchive(`${path} is missing in it`);
}

async function walk(source: Source, take: Take): Promise<Manifest> {
	const found = new Map<string, BackedFile>();
	let manifest: Manifest | undefined;
	for (let first = true; ; first = false) {
		const entry = parseHeader(await source.exactly(BLOCK));
		if (entry === undefined) break;
		const { path, bytes } = entry;
		if (manifest !== undefined) throw new BadArchive(`${path} follows behind its manifest`);
		if (first && path !== HEADER) throw new BadArchive("it is no backup of Cordon");
		if (!isBackupPath(path)) throw new BadArchive(`it has a file that no backup has: ${path.slice(0, 200)}`);
		if (found.has(path)) throw new BadArchive(`${path} is in it twice`);
		if (found.size >= MOST_FILES) throw new BadArchive(`it has more than ${MOST_FILES} files`);
		let sha256 = "";
		const chunks = contentOf(source, entry, (digest) => {
			sha256 = digest;
		});
		if (first) parseBackupHeader(await textOf(chunks, entry));
		else if (path === MANIFEST) {
			manifest = parseManifest(await textOf(chunks, entry));
			continue;
		} else await take(entry, chunks);
		if (sha256 === "") throw new Error(`${path} was not read to its end`);
		found.set(path, { path, bytes, sha256 });
	}
	if (manifest === undefined) throw new BadArchive("it is cut short: its manifest is missing");
	compare(manifest, found);
	return manifest;
}

function explained(error: unknown): unknown {
	if (error instanceof BadArchive || !(error instanceof Error)) return error;
	const { code = "" } = error as NodeJS.ErrnoException;
	if (code === "Z_BUF_ERROR") return new BadArchive("it is cut short; copy it again from where it came from");
	if (/^Z_/.test(code)) return new BadArchive(`it is damaged, or not gzipped (${error.message})`);
	// What parsing says has no code; what the system says is no fault of the archive.
	return code === "" ? new BadArchive(error.message) : error;
}

/**
 * Reads all of it. Whatever `take` was given counts only when this resolves: hashes are compared at the end.
 * Rejects with BadArchive, or as the file system does.
 */
export async function readArchive(path: string, take: Take, mostBytes = MOST_BYTES): Promise<Manifest> {
	const file = createReadStream(path);
	const unpacked = createGunzip();
	file.on("error", (error) => unpacked.destroy(error));
	const source = new Source(file.pipe(unpacked), mostBytes);
	try {
		const manifest = await walk(source, take);
		// A damaged end, the checksum of gzip too.
		while ((await source.some(1 << 20)).length > 0);
		return manifest;
	} catch (error) {
		throw explained(error);
	} finally {
		await source.end().catch(() => {});
		file.destroy();
		unpacked.destroy();
	}
}
