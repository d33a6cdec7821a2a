/**
 * The last good copy of every list, in `<dataDir>/lists`:
 *
 *     <name>.list   the last good copy, as it came (gzip stays gzip)
 *     <name>.held   a newer copy that was refused, for a person to accept
 *     <name>.json   what is known about both, and what went wrong last
 *     .tmp-…        being written
 *
 * One writer at a time for one list; different lists never touch each other's files.
 */
import { randomUUID } from "node:crypto";
import type { Stats } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { errorCode, storeChunks } from "./body.ts";
import {
	type CopyFacts,
	formatRecord,
	type HeldFacts,
	parseRecord,
	type ShelfRecord,
} from "./shelf-record.ts";

export interface ShelfOptions {
	/** Takes what an operator should know: a damaged record that was ignored. */
	readonly note?: (message: string) => void;
	/** Makes names of temporary files differ. */
	readonly unique?: () => string;
	readonly now?: () => number;
}

export interface GoodCopy {
	readonly path: string;
	/** Missing when the record was lost or does not fit the file: the copy can be used, but not asked about. */
	readonly facts?: CopyFacts;
}

/** Longer than any try may take (`blocking.downloads.timeout`), so that no file in use is swept away. */
const ABANDONED_AFTER_MS = 24 * 3600 * 1000;

async function statIfThere(path: string): Promise<Stats | undefined> {
	try {
		return await stat(path);
	} catch (error) {
		if (errorCode(error) === "ENOENT") return undefined;
		throw error;
	}
}

async function* once(text: string): AsyncGenerator<Buffer> {
	yield Buffer.from(text);
}

/** Opens the shelf, making its directory if need be. */
export async function openShelf(dataDir: string, options: ShelfOptions = {}): Promise<Shelf> {
	const directory = join(dataDir, "lists");
	await mkdir(directory, { recursive: true });
	return new Shelf(directory, options);
}

export class Shelf {
	readonly directory: string;
	readonly #note: (message: string) => void;
	readonly #unique: () => string;
	readonly #now: () => number;

	constructor(directory: string, options: ShelfOptions = {}) {
		this.directory = directory;
		this.#note = options.note ?? (() => {});
		this.#unique = options.unique ?? randomUUID;
		this.#now = options.now ?? Date.now;
	}

	/** A path nobody else uses, on the same file system as the copies; list names never begin with a dot. */
	temporary(name: string): string {
		return join(this.directory, `.tmp-${name}-${this.#unique()}`);
	}

	/** What is known about a list; empty when nothing is, or when the record is damaged. */
	async record(name: string): Promise<ShelfRecord> {
		const path = this.#path(name, "json");
		let json: string;
		try {
			json = await readFile(path, "utf8");
		} catch (error) {
			if (errorCode(error) === "ENOENT") return {};
			throw error;
		}
		const record = parseRecord(json);
		if (record === undefined) {
			this.#note(`list ${name}: ${path} is damaged and was ignored; the next refresh writes it anew`);
		}
		return record ?? {};
	}

	/** The last good copy from this source. A copy from another one is not this list, whatever its name. */
	async copy(name: string, source: string): Promise<GoodCopy | undefined> {
		const path = this.#path(name, "list");
		const file = await statIfThere(path);
		if (file === undefined) return undefined;
		const { good } = await this.record(name);
		if (good === undefined) return { path };
		if (good.source !== source) return undefined;
		// A crash between the two renames of `keep` leaves a newer file beside an older record.
		return good.bytes === file.size ? { path, facts: good } : { path };
	}

	/** Makes a temporary file the last good copy; what was held or wrong before no longer matters. */
	async keep(name: string, temporary: string, facts: CopyFacts): Promise<GoodCopy> {
		const path = this.#path(name, "list");
		// The file first: an old record with a new file costs a download, the reverse would keep the old file for ever.
		await rename(temporary, path);
		await this.#syncDirectory();
		await this.#write(name, { good: facts });
		await rm(this.#path(name, "held"), { force: true });
		return { path, facts };
	}

	/** The source says that the last good copy is still what it gives out. */
	async confirm(name: string, facts: CopyFacts): Promise<void> {
		await this.#write(name, { good: facts });
		await rm(this.#path(name, "held"), { force: true });
	}

	/** Puts a refused copy aside; the last good one stays. */
	async hold(name: string, temporary: string, held: HeldFacts): Promise<void> {
		const { good } = await this.record(name);
		await rename(temporary, this.#path(name, "held"));
		await this.#write(name, { ...(good !== undefined && { good }), held });
	}

	/** Remembers why the last refresh failed. */
	async trouble(name: string, reason: string, message: string): Promise<void> {
		const record = await this.record(name);
		await this.#write(name, { ...record, problem: { reason, message, at: this.#now() } });
	}

	/** Makes the held copy the last good one, because a person says so. Undefined when none is held. */
	async accept(name: string): Promise<GoodCopy | undefined> {
		const { held } = await this.record(name);
		const path = this.#path(name, "held");
		const file = await statIfThere(path);
		if (held === undefined || file?.size !== held.bytes) return undefined;
		const { reason: _reason, message: _message, ...facts } = held;
		return await this.keep(name, path, facts);
	}

	/** Removes the files of all lists but these, and abandoned temporary files. Returns the removed lists' names. */
	async prune(names: readonly string[]): Promise<readonly string[]> {
		const kept = new Set(names);
		const removed = new Set<string>();
		for (const file of await readdir(this.directory)) {
			const path = join(this.directory, file);
			if (file.startsWith(".tmp-")) {
				const age = this.#now() - ((await statIfThere(path))?.mtimeMs ?? this.#now());
				if (age > ABANDONED_AFTER_MS) await rm(path, { force: true });
				continue;
			}
			const name = /^(.+)\.(?:list|held|json)$/.exec(file)?.[1];
			if (name === undefined || kept.has(name)) continue;
			await rm(path, { force: true });
			removed.add(name);
		}
		return [...removed].sort();
	}

	#path(name: string, ending: "list" | "held" | "json"): string {
		return join(this.directory, `${name}.${ending}`);
	}

	async #write(name: string, record: ShelfRecord): Promise<void> {
		const temporary = this.temporary(name);
		try {
			await storeChunks(temporary, once(formatRecord(record)));
			await rename(temporary, this.#path(name, "json"));
		} finally {
			await rm(temporary, { force: true });
		}
		await this.#syncDirectory();
	}

	/** A rename is only safe from a power cut once its directory is on the disk. */
	async #syncDirectory(): Promise<void> {
		const directory = await open(this.directory, "r");
		try {
			await directory.sync();
		} finally {
			await directory.close();
		}
	}
}
