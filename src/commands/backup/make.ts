/** Makes a backup of a node, whether it runs or not. */
import { hostname } from "node:os";
import type { LoadedConfig } from "../../config/load.ts";
import { readVersion } from "../../version.ts";
import { ArchiveWriter, fileOf } from "./archive-writer.ts";
import { configFiles, dataFiles, fileOnDisk } from "./contents.ts";
import {
	type BackupHeader,
	type ConfigFile,
	FORMAT,
	HEADER,
	MANIFEST,
	type Manifest,
	type PoolContents,
} from "./manifest.ts";
import { type PoolCounts, poolFiles } from "./pool-lines.ts";
import { type FoundPool, findPool } from "./pool-source.ts";

export interface BackupOptions {
	/** Files with secrets go along. */
	readonly secrets: boolean;
	/** Of a shared pool, what this node has is enough. */
	readonly local: boolean;
	readonly now: number;
}

export interface Made {
	readonly manifest: Manifest;
	/** Files that the configuration names and that were left out. */
	readonly leftOut: readonly string[];
}

class Making {
	readonly writer: ArchiveWriter;
	readonly leftOut: string[] = [];
	manifest: Manifest | undefined;
	readonly #loaded: LoadedConfig;
	readonly #options: BackupOptions;
	readonly #pool: FoundPool | undefined;

	constructor(loaded: LoadedConfig, options: BackupOptions, pool: FoundPool | undefined) {
		this.#loaded = loaded;
		this.#options = options;
		this.#pool = pool;
		this.writer = new ArchiveWriter(options.now);
	}

	async *bytes(): AsyncGenerator<Buffer> {
		const { writer } = this;
		const { now: created } = this.#options;
		const header: BackupHeader = { format: FORMAT, cordon: readVersion(), created, host: hostname() };
		yield* writer.pack(fileOf(HEADER, `${JSON.stringify(header)}\n`));
		// First, since all else can be fetched again.
		const counts: PoolCounts = { records: 0, audit: 0, batches: 0, sightings: 0 };
		if (this.#pool !== undefined) {
			for await (const file of poolFiles(this.#pool.copy, counts)) yield* writer.pack(file);
		}
		const config: ConfigFile[] = [];
		for (const file of configFiles(this.#loaded)) {
			if (file.secret && !this.#options.secrets) this.leftOut.push(file.original);
			else if (yield* this.#file(file.path, file.original)) config.push(file);
		}
		const lists = new Set<string>();
		for (const [path, from] of dataFiles(this.#loaded, this.#options.secrets)) {
			const name = /^data\/lists\/(.+)\.list$/.exec(path)?.[1];
			if ((yield* this.#file(path, from)) && name !== undefined) lists.add(name);
		}
		const pool = this.#contents(counts);
		this.manifest = {
			...header,
			files: writer.files,
			config,
			...(pool === undefined ? {} : { pool }),
			lists: [...lists],
		};
		yield* writer.pack(fileOf(MANIFEST, `${JSON.stringify(this.manifest, undefined, "\t")}\n`));
	}

	async *#file(path: string, from: string): AsyncGenerator<Buffer, boolean> {
		const file = await fileOnDisk(path, from);
		if (file === undefined) return false;
		yield* this.writer.pack(file);
		return true;
	}

	#contents(counts: PoolCounts): PoolContents | undefined {
		if (this.#pool === undefined) return undefined;
		const { pool } = this.#loaded.config;
		const { copy, complete } = this.#pool;
		const { epoch, seq } = copy.position;
		const store = pool.store === "redis" ? "redis" : "embedded";
		return { store, name: pool.name, position: { epoch, seq }, complete, ...counts };
	}
}

/** Rejects with an Error for the operator; no file is left then. */
export async function makeBackup(loaded: LoadedConfig, path: string, options: BackupOptions): Promise<Made> {
	const pool = await findPool(loaded.config, options.local);
	try {
		const making = new Making(loaded, options, pool);
		await making.writer.write(path, making.bytes());
		if (making.manifest === undefined) throw new TypeError("a backup without a manifest");
		// The list of files grew with the manifest itself.
		const files = making.manifest.files.filter((file) => file.path !== MANIFEST);
		return { manifest: { ...making.manifest, files }, leftOut: making.leftOut };
	} finally {
		await pool?.copy.close();
	}
}
