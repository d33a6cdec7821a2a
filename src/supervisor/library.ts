/** The lists and their index: what is loaded, what is due, and the jobs that bring it up to date. */
import { randomInt } from "node:crypto";
import type { Worker } from "node:worker_threads";
import { BlocklistIndex } from "../blocklist/index.ts";
import { Overlay } from "../blocklist/overlay.ts";
import type { Regions } from "../blocklist/regions.ts";
import { openBlocklist, type SharedBlocklist } from "../blocklist/shared-blocklist.ts";
import { readSnapshot, type Snapshot, type SnapshotAbout, snapshotPath } from "../blocklist/snapshot.ts";
import type { Config } from "../config/schema.ts";
import { parseDuration } from "../config/units.ts";
import type { Job } from "../librarian/job.ts";
import type { Log } from "../observe/log.ts";
import { ListBooks } from "./books.ts";
import { type Compiled, startJob } from "./job-thread.ts";
import type { PoolSide } from "./pool/side.ts";
import { recipeOf } from "./recipe.ts";

/** A list that could not be had is tried again sooner than its refresh says. */
const RETRY_SECONDS = 300;
/** Nodes that were started together do not fetch together. */
const JITTER = 0.1;

export interface LoadedIndex extends SharedBlocklist {
	readonly index: BlocklistIndex;
	readonly about: SnapshotAbout;
}

export interface LibraryParts {
	readonly log: Log;
	readonly regions: Regions;
	readonly version: string;
	readonly mayYield: boolean;
	/** A job has ended and left memory behind. */
	readonly tidy: () => void;
	/** Another index is loaded; tells whether it is certain that no thread reads the one before any more. */
	readonly publish: (blocklist: SharedBlocklist, compiledFrom: Config) => Promise<boolean>;
	/** Undefined without one. */
	readonly pool: () => PoolSide | undefined;
}

export class Library {
	readonly books = new ListBooks();
	readonly #parts: LibraryParts;
	#config: Config;
	#loaded: LoadedIndex | undefined;
	#seed = randomInt(2 ** 32 - 1);
	#generation = 1;
	/** Jobs run one after the other: two would write the same files. */
	#queue: Promise<void> = Promise.resolve();
	#timer: NodeJS.Timeout | undefined;
	#thread: Worker | undefined;
	#isClosed = false;

	constructor(config: Config, parts: LibraryParts) {
		this.#config = config;
		this.#parts = parts;
		this.books.use(config);
	}

	get loaded(): LoadedIndex | undefined {
		return this.#loaded;
	}

	/** Of the hashes of names; fixed once the workers have it. */
	get seed(): number {
		return this.#seed;
	}

	/**
	 * Takes the snapshot of an earlier run, if it fits the configuration.
	 *
	 * @returns whether there is an index now.
	 */
	async recall(): Promise<boolean> {
		const snapshot = this.#readSnapshot();
		if (snapshot === undefined) return false;
		await this.#load(snapshot.memory, snapshot.about);
		this.books.compiled(snapshot.about);
		return true;
	}

	#readSnapshot(): Snapshot | undefined {
		const path = snapshotPath(this.#config.dataDir);
		try {
			const snapshot = readSnapshot(path, (bytes) => this.#parts.regions.acquire(bytes));
			if (snapshot === undefined) return undefined;
			const index = new BlocklistIndex(snapshot.memory);
			this.#seed = index.seed;
			this.#generation = index.generation + 1;
			if (snapshot.about.recipe === recipeOf(this.#config)) return snapshot;
			void this.#parts.regions.giveBack(snapshot.memory);
		} catch (error) {
			this.#parts.log.warn(
				"the snapshot of the blocklist cannot be used; it is made again from the lists on disk",
				{ path, why: (error as Error).message },
			);
		}
		return undefined;
	}

	/** Puts the pool's latest word on a compiled blocklist, and takes it for the one in use. */
	async #load(memory: SharedArrayBuffer, about: SnapshotAbout): Promise<LoadedIndex> {
		const pool = this.#parts.pool();
		const compiled = new BlocklistIndex(memory);
		await pool?.prepare(about, compiled);
		const dress = pool?.dress(compiled.entryCount) ?? { overlay: undefined, hits: undefined };
		const blocklist = { memory, ...dress };
		const loaded = { ...blocklist, index: openBlocklist(blocklist), about };
		this.#loaded = loaded;
		return loaded;
	}

	/** Other lists from now on; the index stays until the new one is compiled. */
	use(config: Config): void {
		this.#config = config;
		this.books.use(config);
	}

	/** Compiles from local files and from what was downloaded before, without the network. */
	compileLocal(): Promise<void> {
		const files = this.#config.lists.filter((list) => list.file !== undefined);
		return this.#run(files.map((list) => list.name));
	}

	/** Compiles anew from what lies on disk: the pool has changed a lot, or is judged in another way. */
	recompile(): Promise<void> {
		return this.#run([], true);
	}

	/** Room for more of the pool's words: whoever reads the blocklist in use reads this overlay from now on. */
	lay(overlay: SharedArrayBuffer): void {
		if (this.#loaded === undefined) return;
		this.#loaded = { ...this.#loaded, overlay };
		this.#loaded.index.overlay = new Overlay(overlay);
	}

	/** Brings the named lists up to date, all by default; compiles when one of them has another copy than before. */
	refresh(names: readonly string[] = this.#config.lists.map((list) => list.name)): Promise<void> {
		return this.#run(names);
	}

	/** From now on every list is refreshed when it is due. */
	keepFresh(): void {
		clearTimeout(this.#timer);
		if (this.#isClosed || this.#config.lists.length === 0) return;
		const now = Date.now();
		const dues = this.#config.lists.map((list) => ({
			name: list.name,
			at: this.#dueAt(list.name, parseDuration(list.refresh) ?? 0),
		}));
		const next = Math.min(...dues.map((due) => due.at));
		const wait = Math.min(Math.max(next - now, 1000), 2 ** 31 - 1);
		this.#timer = setTimeout(() => {
			const due = dues.filter((one) => one.at <= Date.now()).map((one) => one.name);
			void (due.length === 0 ? Promise.resolve() : this.refresh(due)).then(() => this.keepFresh());
		}, wait);
		this.#timer.unref();
	}

	/** No further jobs; the one under way may end with the process: all it writes, it writes aside first. */
	close(): void {
		this.#isClosed = true;
		clearTimeout(this.#timer);
	}

	/** No jobs until `resume`. Resolves when none runs; one that takes longer than `graceMs` is given up. */
	async suspend(graceMs: number): Promise<void> {
		this.close();
		const timer = setTimeout(() => void this.#thread?.terminate(), graceMs);
		await this.#queue;
		clearTimeout(timer);
	}

	/** Jobs again: the blocklist is compiled with what the pool says now, and lists are looked at when they are due. */
	resume(): void {
		this.#isClosed = false;
		void this.recompile().then(() => this.keepFresh());
	}

	#dueAt(name: string, refreshSeconds: number): number {
		const { triedAt, failed } = this.books.attempt(name);
		if (triedAt === undefined) return 0;
		const seconds = failed ? Math.min(RETRY_SECONDS, refreshSeconds) : refreshSeconds;
		const jitter = 1 + JITTER * (randomInt(1000) / 1000 - 0.5);
		return triedAt + seconds * 1000 * jitter;
	}

	#run(refresh: readonly string[], anyway = false): Promise<void> {
		const run = this.#queue.then(async () => {
			if (!this.#isClosed) await this.#runJob(refresh, anyway);
		});
		this.#queue = run.catch((error: unknown) => {
			this.#parts.log.error(
				"bringing the lists up to date failed, what was loaded stays; reload to try again, and report it when it comes back",
				{ error },
			);
		});
		return this.#queue;
	}

	async #runJob(refresh: readonly string[], anyway: boolean): Promise<void> {
		const config = this.#config;
		const recipe = recipeOf(config);
		const about = this.#loaded?.about;
		const job: Job = {
			lists: config.lists,
			blocking: config.blocking,
			dataDir: config.dataDir,
			refresh,
			compiledFrom: !anyway && about?.recipe === recipe ? about.lists : undefined,
			seed: this.#seed,
			generation: this.#generation++,
			recipe,
			version: this.#parts.version,
			// Without a blocklist nobody is answered yet: there is nobody to yield to, and on full cores no end.
			mayYield: this.#parts.mayYield && about !== undefined,
			pool: this.#parts.pool()?.job(),
		};
		const compiled = await this.#work(job);
		if (compiled !== undefined) await this.#take(compiled, config);
		this.#parts.tidy();
	}

	/** @returns the new blocklist, if one was compiled. */
	async #work(job: Job): Promise<Compiled | undefined> {
		const { log, regions, pool } = this.#parts;
		const { thread, compiled } = await startJob(job, { log, regions, pool, books: this.books });
		this.#thread = thread;
		return compiled.finally(() => {
			this.#thread = undefined;
		});
	}

	async #take({ memory, about }: Compiled, config: Config): Promise<void> {
		const { log, regions, publish, pool } = this.#parts;
		const old = this.#loaded;
		await this.#load(memory, about);
		this.books.compiled(about);
		// As it is by now: its overlay may have grown since it was loaded.
		const { index, overlay, hits } = this.#loaded as LoadedIndex;
		const isUnread = await publish({ memory, overlay, hits }, config);
		await pool()?.settled(about, old?.index);
		if (old !== undefined && isUnread) await regions.giveBack(old.memory);
		log.info("the blocklist is compiled and in use", {
			domains: index.blockedNames,
			allowed: index.allowedNames,
			networks: index.blockedNetworks,
			bytes: index.bytes,
		});
	}
}
