/** The one file on disk that holds everything, and the only one here that knows lmdb. */
import { chmodSync, mkdirSync, realpathSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { type Database, open, type RangeOptions, type RootDatabase, type Transaction } from "lmdb";
import { prepareForReading, prepareForWriting } from "./data-file.ts";
import { MOST_KEY_BYTES } from "./packed-key.ts";

/** Keys are packed (packed-key.ts), values text. */
export type Table = Database<string, string>;

export interface EnvironmentOptions {
	/** Nothing is created, and nothing written. The same folder may be open for writing in another thread or process. */
	readonly readOnly?: boolean;
	/** False: a commit that the machine's loss of power follows at once may be undone; the file stays whole. */
	readonly durable?: boolean;
	/** What to do when the file is unreadable: for the operator, after the reason. */
	readonly remedy: string;
}

/** The disk did not take or give what it should; `message` is for the operator. */
export class DiskFault extends Error {
	override readonly name = "DiskFault";
}

/** Address space, not memory; LMDB takes more when that is used up. */
const MAP_BYTES = 2 ** 32;
const MOST_TABLES = 16;

/**
 * Each commit of lmdb checks the list of free pages that it has loaded, and takes the square of its length. With the
 * defaults of 50,000 and 75,000, a commit took 40 ms after 300,000 records had been replaced, instead of one.
 */
const FREE_PAGES = { maxFreeSpaceToLoad: 1000, maxFreeSpaceToRetain: 2000 };

/** Our keys are bytes already, and lmdb's own encoding would take control characters for marks. */
const KEYS = {
	writeKey(key: string | Uint8Array, target: Buffer, start: number): number {
		if (typeof key !== "string") {
			target.set(key, start);
			return start + key.length;
		}
		if (key.length > MOST_KEY_BYTES)
			throw new Error(`the key ${key.slice(0, 80)}… has more than ${MOST_KEY_BYTES} bytes`);
		return start + target.write(key, start, "latin1");
	},
	readKey(target: Buffer, start: number, end: number): string {
		return target.toString("latin1", start, end);
	},
};

export class Environment {
	readonly folder: string;
	/** As the kernel names it. */
	readonly file: string;
	readonly #root: RootDatabase<string, string>;
	readonly #readOnly: boolean;
	/** Cursors that are open: they have to be closed before the environment is, or the process would crash. */
	readonly #cursors = new Set<Iterator<unknown>>();
	#closed = false;
	/** What is read is of its moment. */
	#frozen: Transaction | undefined;

	/** How long the file was when pages were missing at its end: `table` looks whether one of them is needed. */
	readonly #cutAt: number | undefined;
	#damaged = false;
	readonly #remedy: string;

	/** Throws DiskFault. */
	constructor(folder: string, options: EnvironmentOptions) {
		const { readOnly = false, durable = true, remedy } = options;
		this.folder = folder;
		this.#remedy = remedy;
		this.#readOnly = readOnly;
		try {
			if (readOnly) prepareForReading(folder);
			else {
				mkdirSync(folder, { recursive: true, mode: 0o700 });
				chmodSync(folder, 0o700);
				this.#cutAt = prepareForWriting(folder);
			}
			this.#root = open<string, string>({
				path: folder,
				noSubdir: false,
				maxDbs: MOST_TABLES,
				mapSize: MAP_BYTES,
				// Each commit is whole on disk before the next begins: so no crash of any kind leaves a torn state.
				overlappingSync: false,
				noMetaSync: !durable,
				encoding: "string",
				keyEncoder: KEYS,
				readOnly,
				// lmdb's types do not know of these.
				...{ permissionsMode: 0o600, ...FREE_PAGES },
			});
			this.file = realpathSync(join(folder, "data.mdb"));
		} catch (error) {
			throw this.#unreadable(error);
		}
	}

	#unreadable(error: unknown): DiskFault {
		return new DiskFault(`cannot open the pool in ${this.folder}: ${reasonOf(error)}; ${this.#remedy}`);
	}

	/**
	 * Undefined when it does not exist and may not be made. All have to be opened before anything is read. Throws DiskFault
	 * when it is damaged.
	 */
	table(name: string): Table | undefined {
		try {
			const options = { name, encoding: "string", keyEncoder: KEYS } as const;
			const table: Table | undefined = this.#root.openDB<string, string>(options);
			if (this.#cutAt !== undefined && table !== undefined) for (const _ of table.getRange({ start: "\0" }));
			return table;
		} catch (error) {
			this.#damaged = true;
			throw this.#unreadable(error);
		}
	}

	/** From now on everything is read as it is at this moment, whatever is written meanwhile. For reading alone. */
	freeze(): void {
		this.assertOpen();
		this.#frozen ??= this.#root.useReadTransaction();
	}

	get closed(): boolean {
		return this.#closed;
	}

	/** Throws DiskFault when closed. */
	assertOpen(): void {
		if (this.#closed) throw new DiskFault(`the pool in ${this.folder} is closed`);
	}

	/** Throws DiskFault when closed, or opened for reading alone. */
	assertWritable(): void {
		this.assertOpen();
		if (this.#readOnly) throw new DiskFault(`the pool in ${this.folder} is open for reading alone`);
	}

	/** All that `work` writes is on disk when this returns, or nothing is when it throws: what `work` throws, or DiskFault. */
	transact<T>(work: () => T): T {
		this.assertWritable();
		let fault: unknown;
		let failed = false;
		try {
			return this.#root.transactionSync(() => {
				try {
					return work();
				} catch (error) {
					failed = !isLmdbError(error);
					fault = error;
					throw error;
				}
			});
		} catch (error) {
			throw failed ? fault : this.fault(error, "write to");
		}
	}

	/** What lmdb threw, for the operator; anything else as it is. */
	fault(error: unknown, attempt = "read"): unknown {
		if (!isLmdbError(error)) return error;
		const reason = reasonOf(error);
		const hint = /MDB_(CORRUPTED|BAD_TXN|PANIC|PAGE_NOTFOUND)/.test(reason)
			? `its file is damaged: ${this.#remedy}`
			: "see whether that disk is full, or failing";
		return new DiskFault(`cannot ${attempt} the pool in ${this.folder}: ${reason}; ${hint}`);
	}

	/** Entries in the order of keys, of one moment, whatever is written meanwhile. Throws DiskFault when closed on the way. */
	*range(table: Table, options: RangeOptions): Generator<{ key: string; value: string }> {
		this.assertOpen();
		yield* this.#steps(table.getRange(this.#asOf(options))[Symbol.iterator]());
	}

	/** The same for keys alone. */
	*keys(table: Table, options: RangeOptions): Generator<string> {
		this.assertOpen();
		yield* this.#steps(table.getKeys(this.#asOf(options))[Symbol.iterator]());
	}

	#asOf(options: RangeOptions): RangeOptions {
		return this.#frozen === undefined ? options : { ...options, transaction: this.#frozen };
	}

	*#steps<T>(cursor: Iterator<T>): Generator<T> {
		this.#cursors.add(cursor);
		try {
			for (;;) {
				const next = cursor.next();
				// Else a scan that was cut short would look like a short one.
				this.assertOpen();
				if (next.done === true) return;
				yield next.value;
				this.assertOpen();
			}
		} finally {
			this.#cursors.delete(cursor);
			if (!this.#closed) cursor.return?.();
		}
	}

	async close(): Promise<void> {
		if (this.#closed) return;
		for (const cursor of this.#cursors) cursor.return?.();
		this.#cursors.clear();
		this.#closed = true;
		this.#frozen?.done();
		await this.#root.close();
		// So that it is seen to be cut off the next time, too.
		if (this.#damaged && this.#cutAt !== undefined) truncateSync(this.file, this.#cutAt);
	}
}

/** lmdb's own errors bear LMDB's or the system's number. */
function isLmdbError(error: unknown): boolean {
	return error instanceof Error && "code" in error && typeof error.code === "number";
}

function reasonOf(error: unknown): string {
	return error instanceof Error ? error.message.replace(/[.;\s]+$/, "") : String(error);
}
