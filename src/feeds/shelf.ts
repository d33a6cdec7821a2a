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

/** A copy that can also be asked about. */
interface KnownCopy extends GoodCopy {
	readonly facts: CopyFacts;
}

/**
 * A list that is taken out of the configuration may come back, when the mistake is noticed or the trouble is over; its
 * source may be out of reach then.
 */
const ORPHANED_AFTER_MS = 7 * 24 * 3600 * 1000;

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
	/** Copies that the disk has no room for, or not for what is known of them. */
	readonly #lent = new Map<string, KnownCopy>();

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
		const lent = this.#lent.get(name);
		return lent === undefined ? await this.#recorded(name) : { good: lent.facts };
	}

	async #recorded(name: string): Promise<ShelfRecord> {
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
		const lent = this.#lent.get(name);
		if (lent !== undefined) return lent.facts.source === source ? lent : undefined;
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

	/**
	 * Takes a copy for the last good one though the disk refuses to keep it or to write down what is known of it: as long
	 * as this shelf is open, or until something else is said of the list.
	 *
	 * @param why for the operator.
	 */
	lend(name: string, copy: KnownCopy, why: string): KnownCopy {
		this.#lent.set(name, copy);
		this.#note(`${why}; the list is up to date all the same`);
		return copy;
	}

	/** The source says that the last good copy is still what it gives out. */
	async confirm(name: string, facts: CopyFacts): Promise<void> {
		await this.#write(name, { good: facts });
		await rm(this.#path(name, "held"), { force: true });
	}

	/** Puts a refused copy aside; the last good one stays. */
	async hold(name: string, temporary: string, held: HeldFacts): Promise<void> {
		const { good } = await this.#recorded(name);
		await rename(temporary, this.#path(name, "held"));
		await this.#write(name, { ...(good !== undefined && { good }), held });
	}

	/** Remembers why the last refresh failed. */
	async trouble(name: string, reason: string, message: string): Promise<void> {
		const record = await this.#recorded(name);
		await this.#write(name, { ...record, problem: { reason, message, at: this.#now() } });
	}

	/** Makes the held copy the last good one, because a person says so. Undefined when none is held. */
	async accept(name: string): Promise<GoodCopy | undefined> {
		const { held } = await this.#recorded(name);
		const path = this.#path(name, "held");
		const file = await statIfThere(path);
		if (held === undefined || file?.size !== held.bytes) return undefined;
		const { reason: _reason, message: _message, ...facts } = held;
		return await this.keep(name, path, facts);
	}

	/**
	 * Removes what nobody needs any more: abandoned temporary files, and the files of lists that are none of these and that
	 * nothing has touched for a week. What cannot be removed stays, with a note.
	 *
	 * @returns the removed lists' names.
	 */
	async prune(names: readonly string[]): Promise<readonly string[]> {
		const kept = new Set(names);
		const orphans = new Map<string, { path: string; age: number }[]>();
		const removed: string[] = [];
		try {
			for (const file of await readdir(this.directory)) {
				const path = join(this.directory, file);
				const age = this.#now() - ((await statIfThere(path))?.mtimeMs ?? this.#now());
				const name = /^(.+)\.(?:list|held|json)$/.exec(file)?.[1];
				if (file.startsWith(".tmp-")) {
					if (age > ABANDONED_AFTER_MS) await rm(path, { force: true });
				} else if (name !== undefined && !kept.has(name)) {
					orphans.set(name, [...(orphans.get(name) ?? []), { path, age }]);
				}
			}
			for (const [name, files] of orphans) {
				if (files.some((file) => file.age < ORPHANED_AFTER_MS)) continue;
				for (const { path } of files) await rm(path, { force: true });
				removed.push(name);
			}
		} catch (error) {
			const code = errorCode(error);
			this.#note(`${this.directory}: old files cannot be removed (${code}); check its permissions`);
		}
		return removed.sort();
	}

	#path(name: string, ending: "list" | "held" | "json"): string {
		return join(this.directory, `${name}.${ending}`);
	}

	async #write(name: string, record: ShelfRecord): Promise<void> {
		this.#lent.delete(name);
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
