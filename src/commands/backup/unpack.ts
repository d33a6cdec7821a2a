/** A backup, looked through or laid out on disk. */
import { createWriteStream, mkdtempSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { BadArchive, readArchive } from "./archive-reader.ts";
import type { Manifest } from "./manifest.ts";
import { BadLine, countPool, type PoolCounts } from "./pool-lines.ts";

/** Reads all of it, compares all hashes, and keeps nothing. Rejects with BadArchive. */
export async function verifyArchive(path: string, mostBytes: number): Promise<Manifest> {
	return await readArchive(
		path,
		async (_, chunks) => {
			for await (const _chunk of chunks);
		},
		mostBytes,
	);
}

/**
 * Writes the files that are wanted under `folder`, each new. What lies there counts only when this resolves.
 *
 * @param place where a file goes, relative to the folder; undefined: nowhere.
 */
export async function unpackArchive(
	path: string,
	folder: string,
	place: (path: string) => string | undefined,
	mostBytes: number,
): Promise<Manifest> {
	return await readArchive(
		path,
		async (entry, chunks) => {
			const to = place(entry.path);
			if (to === undefined) {
				for await (const _ of chunks);
				return;
			}
			const target = join(folder, to);
			await mkdir(dirname(target), { recursive: true, mode: 0o700 });
			// Nothing that is there already is written to, or followed.
			const file = createWriteStream(target, { flags: "wx", mode: 0o600, flush: true });
			await pipeline(Readable.from(chunks, { objectMode: false }), file);
		},
		mostBytes,
	);
}

/** Whether the pool that is laid out is the one that the manifest speaks of. Rejects with BadArchive. */
export async function checkPool(folder: string, { pool }: Manifest): Promise<void> {
	if (pool === undefined) return;
	let found: PoolCounts;
	try {
		found = await countPool(folder);
	} catch (error) {
		throw error instanceof BadLine ? new BadArchive(error.message) : error;
	}
	for (const kind of ["records", "audit", "batches", "sightings"] as const) {
		if (found[kind] === pool[kind]) continue;
		throw new BadArchive(
			`it has ${found[kind]} ${kind} of the pool, and its manifest speaks of ${pool[kind]}`,
		);
	}
}

/** As verifyArchive, and every line of the pool as well. */
export async function verifyWhole(path: string, mostBytes: number): Promise<Manifest> {
	const folder = mkdtempSync(join(tmpdir(), "cordon-verify-"));
	try {
		const onlyPool = (name: string) => (name.startsWith("pool/") ? name : undefined);
		const manifest = await unpackArchive(path, folder, onlyPool, mostBytes);
		await checkPool(join(folder, "pool"), manifest);
		return manifest;
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}
