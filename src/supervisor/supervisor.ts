/** The main thread of a running Cordon: everything but answering queries. */
import { setTimeout as pause } from "node:timers/promises";
import type { Node } from "../admin/node.ts";
import { Regions } from "../blocklist/regions.ts";
import { fittedTo } from "../config/blocking-settings.ts";
import type { LoadedConfig } from "../config/load.ts";
import { type Settings, toSettings } from "../config/settings.ts";
import { everyServer } from "../config/upstream-settings.ts";
import type { NodeStatus } from "../observe/status.ts";
import type { Flush } from "../resolve/flush.ts";
import { readVersion } from "../version.ts";
import { Addresses } from "./addresses.ts";
import { AdminDoor } from "./admin-door.ts";
import { Crew } from "./crew.ts";
import { openDataDir, takeDataDir } from "./data-dir.ts";
import { DataDirTaken, DataLock } from "./data-lock.ts";
import { explain } from "./explain.ts";
import { logWarnings, nextConfig } from "./faults.ts";
import { Library } from "./library.ts";
import { Logbook } from "./logbook.ts";
import type { Machine } from "./machine.ts";
import { PoolDoor } from "./pool/door.ts";
import { recipeOf } from "./recipe.ts";
import { Reloads } from "./reloads.ts";
import { UpstreamSlots } from "./slots.ts";
import { statusOf } from "./status.ts";
import { Succession, type SuccessionParts } from "./succession.ts";

/** Answers begin before lists that were never loaded have been fetched; readiness waits for them so long. */
const READY_PATIENCE_MS = 15_000;
/** With the blocklist of an earlier run, answering comes first and looking for news second. */
const FIRST_REFRESH_MS = 1000;
/** What is in flight when we are told to stop may take so long. */
const DRAIN_MS = 5000;

export type SupervisorParts = Machine & Pick<SuccessionParts, "log" | "predecessor">;

export class Supervisor implements Node {
	readonly #parts: SupervisorParts;
	readonly #startedAt = Date.now();
	readonly #version = readVersion();
	readonly #slots = new UpstreamSlots();
	readonly #dataLock: DataLock;
	readonly #library: Library;
	readonly #crew: Crew;
	readonly #addresses: Addresses;
	readonly #logbook: Logbook;
	readonly #pool: PoolDoor;
	#loaded: LoadedConfig;
	#settings: Settings;
	readonly #admin: AdminDoor;
	readonly succession: Succession;
	#starting: Promise<void> | undefined;
	/** Undefined when ready. */
	#waitingFor: string | undefined = "starting";
	readonly #reloads = new Reloads(
		async () => {
			await this.#starting;
			return await this.succession.reloading(() => this.#reload());
		},
		(error) => this.#parts.log.error("reloading failed, the rest stays as it was; reload again", { error }),
	);
	/** Told to stop: what that cuts short is no fault. */
	isStopping = false;

	constructor(loaded: LoadedConfig, parts: SupervisorParts) {
		this.#loaded = loaded;
		this.#settings = toSettings(loaded.config);
		this.#parts = parts;
		const { log, engine, sockets, lockFile } = parts;
		this.#dataLock = new DataLock({ log, lockFile });
		this.#library = new Library(loaded.config, {
			log: log.child("lists"),
			regions: new Regions(parts.releasePages),
			version: this.#version,
			mayYield: engine === "batch",
			tidy: parts.tidy,
			publish: (blocklist, config) =>
				this.#crew.publish(blocklist, fittedTo(toSettings(config).blocking, this.#settings.blocking)),
			pool: () => this.#pool.pool,
		});
		this.#pool = new PoolDoor({
			log: log.child("pool"),
			seed: () => this.#library.seed,
			index: () => this.#library.loaded?.index,
			recompile: () => this.#library.recompile(),
			lay: (overlay) => {
				this.#library.lay(overlay);
				this.#crew.lay(overlay);
			},
			releaseFilePages: parts.releaseFilePages,
			tidy: parts.tidy,
		});
		this.#addresses = new Addresses(this.#settings, sockets, () => this.#crew);
		this.#logbook = new Logbook(log.child("scribe"));
		this.#crew = new Crew(this.#settings, {
			log: log.child("workers"),
			logbook: this.#logbook,
			engine,
			seed: () => this.#library.seed,
			blocklist: () => this.#library.loaded,
			doorKeys: () => this.#addresses.keys,
			doors: (worker, keys) => this.#addresses.doors(worker, keys),
			upstreamSlots: (settings) =>
				this.#slots.assign(everyServer(settings.upstreams).map((server) => server.name)),
			cookieSecret: parts.predecessor?.cookieSecret,
		});
		this.#admin = new AdminDoor(
			() => ({
				view: this,
				config: this.#loaded.config,
				log: log.child("admin"),
				pool: this.#pool.pool?.desk,
			}),
			parts.adminSockets,
		);
		this.succession = new Succession({
			log,
			machine: parts,
			predecessor: parts.predecessor,
			version: this.#version,
			dataLock: this.#dataLock,
			library: this.#library,
			pool: this.#pool,
			admin: this.#admin,
			addresses: this.#addresses,
			crew: this.#crew,
			drainMs: DRAIN_MS,
			reloads: this.#reloads,
			logbook: this.#logbook,
			loaded: () => this.#loaded,
			settings: () => this.#settings,
			workers: () => this.workers,
			status: () => this.status(),
		});
	}

	/** Resolves when ready. Rejects with a message for the operator when it cannot serve. */
	start(): Promise<void> {
		this.#starting = this.succession.during(() => this.#start());
		return this.#starting;
	}

	async #start(): Promise<void> {
		const { log } = this.#parts;
		const { config } = this.#loaded;
		logWarnings(log, config);
		await this.succession.take();
		const fault = await openDataDir(config, this.#dataLock, this.#pool, log);
		const hasIndex = await this.#library.recall();
		if (fault instanceof DataDirTaken || (fault !== undefined && !hasIndex)) throw fault;
		if (fault !== undefined)
			log.error("lists and pool stay as they are; correct dataDir and restart", { why: fault.message });
		const { admin } = this.#settings.listen;
		this.#addresses.open();
		// Answers come before the page, unless they wait for something else, or a Cordon before gives them meanwhile.
		await this.#admin.begin(admin, hasIndex && this.#parts.predecessor === undefined);
		if (!hasIndex) await this.#library.compileLocal();
		if (this.#library.loaded === undefined)
			throw new Error(
				`no blocklist could be made, so that nothing would be blocked; the log says why, dataDir is ${config.dataDir}`,
			);
		this.#logbook.use(this.#settings.log);
		await this.#crew.resize(this.#workers(this.#settings));
		if (this.isStopping) return;
		await this.#admin.move(admin);
		this.#pool.pool?.start();
		await this.succession.taken();
		this.#waitingFor = "lists that were never loaded before";
		// What was compiled just now has read the local files already.
		const names = hasIndex ? undefined : config.lists.filter((l) => l.url !== undefined).map((l) => l.name);
		if (this.#library.books.waiting.length > 0)
			await Promise.race([this.#refreshAll(names), pause(READY_PATIENCE_MS, undefined, { ref: false })]);
		else setTimeout(() => void this.#refreshAll(), FIRST_REFRESH_MS).unref();
		this.#waitingFor = undefined;
		this.succession.ready(fault === undefined);
	}

	/** Takes the configuration and all lists anew; with faults in it, everything stays as it is. */
	reload(): Promise<void> {
		return this.#reloads.ask();
	}

	/** Takes no more, answers what it has, and lets go of everything. */
	async stop(): Promise<void> {
		this.isStopping = true;
		this.#waitingFor = "stopping";
		this.succession.stopping();
		this.#library.close();
		this.#addresses.dismiss(0);
		await this.#crew.drain(DRAIN_MS);
		await this.#logbook.close(DRAIN_MS);
		await this.#admin.close();
		await this.#pool.close();
		this.#dataLock.release();
	}

	async #refreshAll(names?: readonly string[]): Promise<void> {
		await this.#library.refresh(names);
		this.#library.keepFresh();
	}

	/** @returns whether all of the configuration was taken over. */
	async #reload(): Promise<boolean> {
		const { log, engine } = this.#parts;
		const next = await nextConfig(this.#loaded, engine, log);
		if (next === undefined) return false;
		const settings = toSettings(next.config);
		const { dataDir } = this.#loaded.config;
		try {
			if (next.config.dataDir !== dataDir) takeDataDir(next.config.dataDir, this.#dataLock, log);
			else this.#dataLock.take(dataDir);
			await this.#addresses.change(settings);
		} catch (error) {
			this.#dataLock.keepOnly(dataDir);
			log.error("the configuration was not taken over; correct it and reload again", {
				why: (error as Error).message,
			});
			return false;
		}
		if (this.isStopping) return false;
		const before = this.#library.loaded?.memory;
		this.#loaded = next;
		this.#settings = settings;
		log.setLevel(next.config.log.level);
		logWarnings(log, next.config);
		this.#library.use(next.config);
		const hasOtherPool = await this.#pool.reload(next.config);
		const size = this.#workers(settings);
		// List numbers in the index are those of the configuration it was compiled from: the next index brings its own.
		const fits = recipeOf(next.config) === this.#library.loaded?.about.recipe;
		const blocking = fits ? settings.blocking : fittedTo(this.#crew.blocking, settings.blocking);
		this.#logbook.use(settings.log);
		this.#crew.use({ ...settings, blocking }, size);
		this.#addresses.dismiss(size);
		await this.#crew.resize(size);
		this.#addresses.forget(size);
		const hasAdmin = await this.#admin.follow(settings.listen.admin, hasOtherPool);
		await this.#refreshAll();
		this.#dataLock.keepOnly(next.config.dataDir);
		this.succession.moved();
		log.info("reloaded", {
			config: next.path,
			index: before === this.#library.loaded?.memory ? "unchanged" : "new",
			domains: this.#library.loaded?.index.blockedNames ?? 0,
		});
		return hasAdmin;
	}

	/** Where the page and the metrics are; undefined without an admin server. */
	get adminUrl(): string | undefined {
		return this.#admin.url;
	}

	/** Where it answers queries, ports resolved. */
	get addresses(): string[] {
		return this.#addresses.resolved;
	}

	get workers(): number {
		return this.#workers(this.#settings);
	}

	status(): NodeStatus {
		return statusOf({
			version: this.#version,
			startedAt: this.#startedAt,
			waitingFor: this.#waitingFor,
			engine: this.#parts.engine,
			log: this.#parts.log.level,
			dns: this.addresses,
			library: this.#library,
			pool: this.#pool.pool,
			reload: this.#reloads.last,
			upstreams: this.#slots.status(everyServer(this.#settings.upstreams), this.#crew.counters),
			workers: this.#crew.status,
			scribe: this.#logbook.counts,
		});
	}

	counters() {
		return this.#crew.counters;
	}

	explain(name: string) {
		const pool = (text: string) => this.#pool.pool?.explain(text);
		return explain(name, this.#library.loaded?.index, this.#crew.blocking, pool, this.#settings);
	}

	flush(flush: Flush): Promise<number> {
		return this.#crew.flush(flush);
	}

	/** Node's own sockets cannot share a port among threads. */
	#workers(settings: Settings): number {
		return this.#parts.engine === "batch" ? settings.workers : 1;
	}
}
