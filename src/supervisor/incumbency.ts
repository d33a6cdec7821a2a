/** This Cordon as the one that runs: what it lets go of for a successor, and how it takes it back. */
import { formatHostPort, type HostPort } from "../config/address.ts";
import type { LoadedConfig } from "../config/load.ts";
import type { Log } from "../observe/log.ts";
import type { EngineName } from "../worker/messages.ts";
import type { Addresses } from "./addresses.ts";
import type { AdminDoor } from "./admin-door.ts";
import type { Crew } from "./crew.ts";
import type { DataLock } from "./data-lock.ts";
import type { HandedSocket, Kept } from "./handed.ts";
import type { Library } from "./library.ts";
import type { PoolDoor } from "./pool/door.ts";
import type { ServiceManager } from "./service-manager.ts";
import type { TakeoverDoor } from "./takeover/door.ts";
import type { Incumbent } from "./takeover/handover.ts";

/** For lists that are being brought up to date: they are begun anew by the successor. */
const LISTS_MS = 10_000;
/** A successor that was ended lets go of the folder with its last breath. */
const LOCK_TRIES = 50;
const LOCK_PAUSE_MS = 100;
const NOTHING: Kept = { workers: 0, keys: [] };

export interface IncumbencyParts {
	readonly log: Log;
	readonly version: string;
	readonly engine: EngineName;
	readonly dataLock: DataLock;
	readonly library: Library;
	readonly pool: PoolDoor;
	readonly admin: AdminDoor;
	readonly addresses: Addresses;
	readonly crew: Crew;
	readonly service: ServiceManager;
	readonly door: () => TakeoverDoor | undefined;
	readonly loaded: () => LoadedConfig;
	readonly adminEndpoint: () => HostPort | undefined;
	/** How many there are to be. */
	readonly workers: () => number;
	/** Why not now; undefined when it can be taken over. */
	readonly objection: () => string | undefined;
	readonly alone: Incumbent["alone"];
	/** What it serves, for the service manager. */
	readonly serves: () => string;
	/** For answers that are on their way. */
	readonly drainMs: number;
	readonly retired: () => void;
}

export class Incumbency implements Incumbent {
	readonly #parts: IncumbencyParts;
	#hasLetGo = false;
	/** Undefined while the workers read. */
	#drained: Kept | undefined;

	constructor(parts: IncumbencyParts) {
		this.#parts = parts;
	}

	get version(): string {
		return this.#parts.version;
	}

	get engine(): EngineName {
		return this.#parts.engine;
	}

	get cookieSecret(): Uint8Array {
		return this.#parts.crew.cookieSecret;
	}

	get sockets(): readonly HandedSocket[] {
		const { addresses, admin } = this.#parts;
		const { handed } = admin;
		if (handed === undefined) return addresses.handed;
		const { endpoint, fd } = handed;
		const key = formatHostPort(endpoint);
		return [...addresses.handed, { role: "admin", key, endpoint, worker: 0, isShared: false, fd }];
	}

	get objection(): string | undefined {
		return this.#parts.objection();
	}

	alone(takeover: () => Promise<void>): Promise<void> {
		return this.#parts.alone(takeover);
	}

	async letGo(how: { readonly inherits: boolean; readonly keepsAdmin: boolean }): Promise<void> {
		const { library, door, admin, pool, dataLock } = this.#parts;
		this.#hasLetGo = true;
		door()?.close();
		await library.suspend(LISTS_MS);
		await (how.keepsAdmin ? admin.pause() : admin.close());
		await pool.close();
		if (!how.inherits) await this.retire(NOTHING);
		dataLock.release();
	}

	async retire(kept: Kept): Promise<void> {
		if (this.#drained !== undefined) return;
		const { addresses, crew, drainMs } = this.#parts;
		this.#drained = kept;
		addresses.closeBut(kept);
		await crew.drain(drainMs, (worker) => (worker < kept.workers ? kept.keys : []));
		// Where we share them, the kept ones stay open here until the very end: the successor may still fail.
		addresses.renewBut(kept);
	}

	async takeBack(): Promise<void> {
		if (!this.#hasLetGo) return;
		const { log, library, door, admin, loaded } = this.#parts;
		const { config } = loaded();
		this.#hasLetGo = false;
		await this.#step("answering", () => this.#serveAgain());
		await this.#step("dataDir", () => this.#lockAgain(config.dataDir));
		await this.#step("the pool", async () => {
			const { pool } = this.#parts;
			await pool.open(config);
			pool.pool?.start();
		});
		await this.#step("the admin server", () => admin.resume(this.#parts.adminEndpoint()));
		library.resume();
		door()?.open(config.dataDir);
		log.info("taken back: dataDir, pool, lists and the admin server");
	}

	/** One that cannot be had keeps nobody from the others. */
	async #step(what: string, work: () => Promise<void>): Promise<void> {
		try {
			await work();
		} catch (error) {
			this.#parts.log.error("could not be taken back from the successor; restart Cordon soon", {
				what,
				why: (error as Error).message,
			});
		}
	}

	async #serveAgain(): Promise<void> {
		const { crew, workers } = this.#parts;
		if (this.#drained === undefined) return;
		this.#drained = undefined;
		await crew.resize(workers());
	}

	async #lockAgain(dataDir: string): Promise<void> {
		for (let tries = LOCK_TRIES; ; tries--) {
			try {
				this.#parts.dataLock.take(dataDir);
				return;
			} catch (error) {
				if (tries === 1) throw error;
				await new Promise((resolve) => setTimeout(resolve, LOCK_PAUSE_MS));
			}
		}
	}

	told(what: Parameters<Incumbent["told"]>[0]): void {
		const { service, serves } = this.#parts;
		if (what === "begins") service.reloading("a successor takes over");
		else if (what === "goes-on") service.ready(serves());
		else service.succeededBy(what.successor);
	}

	retired(): void {
		this.#parts.retired();
	}
}
