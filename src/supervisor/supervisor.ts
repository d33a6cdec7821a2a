/** The main thread of a running Cordon: everything but answering queries. */
import { type Admin, createAdmin } from "../admin/server.ts";
import { Regions, type ReleasePages } from "../blocklist/regions.ts";
import { formatHostPort } from "../config/address.ts";
import { type LoadedConfig, loadConfig } from "../config/load.ts";
import { type Settings, toSettings } from "../config/settings.ts";
import type { Log } from "../observe/log.ts";
import { createMetrics } from "../observe/metrics.ts";
import type { NodeStatus, NodeView } from "../observe/status.ts";
import { readVersion } from "../version.ts";
import type { EngineName } from "../worker/messages.ts";
import { Crew } from "./crew.ts";
import { explain } from "./explain.ts";
import { Library } from "./library.ts";
import type { ListeningSockets } from "./listening.ts";
import { UpstreamSlots } from "./slots.ts";

/** Answers begin before lists that were never loaded have been fetched; readiness waits for them so long. */
const READY_PATIENCE_MS = 15_000;
/** What is in flight when we are told to stop may take so long. */
const DRAIN_MS = 5000;

export interface SupervisorParts {
	readonly log: Log;
	readonly engine: EngineName;
	/** Undefined where workers open their own sockets. */
	readonly sockets: ListeningSockets | undefined;
	readonly releasePages: ReleasePages;
}

export class Supervisor implements NodeView {
	readonly #parts: SupervisorParts;
	readonly #startedAt = Date.now();
	readonly #version = readVersion();
	readonly #slots = new UpstreamSlots();
	readonly #library: Library;
	readonly #crew: Crew;
	#loaded: LoadedConfig;
	#settings: Settings;
	#admin: Admin | undefined;
	#adminAddress: string | undefined;
	#isReady = false;
	#waitingFor: string | undefined = "starting";
	#reloading: Promise<void> | undefined;
	#reloadAgain = false;
	#isStopping = false;

	constructor(loaded: LoadedConfig, parts: SupervisorParts) {
		this.#loaded = loaded;
		this.#settings = toSettings(loaded.config);
		this.#parts = parts;
		const { log, engine, sockets } = parts;
		this.#library = new Library(loaded.config, {
			log: log.child("lists"),
			regions: new Regions(parts.releasePages),
			version: this.#version,
			mayYield: engine === "batch",
			publish: (memory) => this.#crew.publish(memory),
		});
		this.#crew = new Crew(this.#settings, {
			log: log.child("workers"),
			engine,
			seed: () => this.#library.seed,
			index: () => this.#library.loaded?.memory,
			doors: (worker) => sockets?.forWorker(worker) ?? this.#ownDoors(),
			upstreamSlots: (settings) =>
				this.#slots.assign(settings.upstreams.servers.map((server) => server.name)),
		});
	}

	/** Resolves when ready. Rejects with a message for the operator when it cannot serve. */
	async start(): Promise<void> {
		const { sockets } = this.#parts;
		for (const endpoint of this.#settings.listen.dns) sockets?.open(endpoint);
		const hasIndex = this.#library.recall();
		if (!hasIndex) await this.#library.compileLocal();
		await this.#openAdmin();
		await this.#crew.start(this.#workers(this.#settings));
		this.#waitingFor = "lists that were never loaded before";
		const refreshed = this.#library.refresh().then(() => this.#library.keepFresh());
		if (this.#library.books.waiting.length > 0) await Promise.race([refreshed, patience()]);
		this.#isReady = true;
		this.#waitingFor = undefined;
	}

	/** Takes the configuration and all lists anew; with faults in it, everything stays as it is. */
	reload(): Promise<void> {
		if (this.#reloading !== undefined) {
			this.#reloadAgain = true;
			return this.#reloading;
		}
		this.#reloading = this.#reload().finally(() => {
			this.#reloading = undefined;
			if (!this.#reloadAgain) return;
			this.#reloadAgain = false;
			void this.reload();
		});
		return this.#reloading;
	}

	/** Takes no more, answers what it has, and lets go of everything. */
	async stop(): Promise<void> {
		this.#isStopping = true;
		this.#isReady = false;
		this.#waitingFor = "stopping";
		this.#library.close();
		this.#parts.sockets?.closeStreams();
		await this.#crew.drain(DRAIN_MS);
		await this.#admin?.close();
	}

	async #reload(): Promise<void> {
		const { log, sockets } = this.#parts;
		let next: LoadedConfig;
		try {
			next = await loadConfig({ path: this.#loaded.path });
		} catch (error) {
			log.error("the configuration has faults and was not taken over; everything stays as it was", {
				why: (error as Error).message,
			});
			return;
		}
		const settings = toSettings(next.config);
		try {
			await this.#changeDoors(settings);
		} catch (error) {
			log.error("the configuration was not taken over; everything stays as it was", {
				why: (error as Error).message,
			});
			return;
		}
		if (this.#isStopping) return;
		if (next.config.listen.udpEngine !== this.#loaded.config.listen.udpEngine) {
			log.warn("listen.udpEngine changes with the next start only", { now: this.#parts.engine });
		}
		const before = this.#library.loaded?.memory;
		this.#loaded = next;
		this.#settings = settings;
		log.setLevel(next.config.log.level);
		this.#library.use(next.config);
		this.#crew.use(settings);
		const size = this.#workers(settings);
		await this.#crew.resize(size);
		if (sockets !== undefined)
			for (let gone = size; gone < this.#crew.counters.length; gone++) sockets.closeWorker(gone);
		await this.#openAdmin();
		await this.#library.refresh();
		this.#library.keepFresh();
		log.info("reloaded", {
			config: next.path,
			index: before === this.#library.loaded?.memory ? "unchanged" : "new",
			domains: this.#library.loaded?.index.blockedNames ?? 0,
		});
	}

	/** New addresses are opened before old ones are closed; when one cannot be, none is changed. */
	async #changeDoors(settings: Settings): Promise<void> {
		const { sockets } = this.#parts;
		const wanted = new Map(settings.listen.dns.map((endpoint) => [formatHostPort(endpoint), endpoint]));
		const had = this.#settings.listen.dns.map(formatHostPort);
		const opened = Array.from(wanted.keys()).filter((key) => !had.includes(key));
		const closed = had.filter((key) => !wanted.has(key));
		if (opened.length + closed.length === 0) return;
		const undo = () => {
			for (const key of opened) sockets?.close(key);
		};
		try {
			for (const key of opened) {
				const endpoint = wanted.get(key);
				if (endpoint !== undefined) sockets?.open(endpoint);
			}
			const own = opened.flatMap((key) => ({ key, endpoint: wanted.get(key) ?? settings.listen.dns[0] }));
			await this.#crew.changeDoors((worker) => sockets?.forWorker(worker, opened) ?? own, closed);
		} catch (error) {
			undo();
			throw error;
		}
		for (const key of closed) sockets?.close(key);
	}

	async #openAdmin(): Promise<void> {
		const { admin } = this.#settings.listen;
		const address = admin === undefined ? undefined : formatHostPort(admin);
		if (address === this.#adminAddress) return;
		await this.#admin?.close();
		this.#admin = undefined;
		this.#adminAddress = undefined;
		if (admin === undefined) return;
		const metrics = createMetrics({ view: this, process: this.#loaded.config.metrics.process });
		this.#admin = createAdmin({ view: this, metrics, log: this.#parts.log.child("admin") });
		const { port } = await this.#admin.listen(admin.address, admin.port);
		this.#adminAddress = address;
		this.#adminBase = `http://${formatHostPort({ ...admin, port })}`;
	}

	#adminBase: string | undefined;

	/** Where the page and the metrics are; undefined without an admin server. */
	get adminUrl(): string | undefined {
		return this.#adminAddress === undefined ? undefined : this.#adminBase;
	}

	/** Where it answers queries, ports resolved. */
	get addresses(): string[] {
		const { sockets } = this.#parts;
		if (sockets !== undefined) return sockets.endpoints.map(formatHostPort);
		return this.#settings.listen.dns.map((endpoint) => {
			const port = this.#crew.ports[formatHostPort(endpoint)] ?? endpoint.port;
			return formatHostPort({ ...endpoint, port });
		});
	}

	get workers(): number {
		return this.#workers(this.#settings);
	}

	status(): NodeStatus {
		const loaded = this.#library.loaded;
		const counters = this.#crew.counters;
		const { servers } = this.#settings.upstreams;
		const slots = this.#slots.assign(servers.map((server) => server.name));
		return {
			version: this.#version,
			startedAt: this.#startedAt,
			ready: this.#isReady,
			...(this.#waitingFor === undefined ? {} : { waitingFor: this.#waitingFor }),
			udpEngine: this.#parts.engine,
			dns: this.addresses,
			blockedDomains: loaded?.index.blockedNames ?? 0,
			allowedDomains: loaded?.index.allowedNames ?? 0,
			indexBytes: loaded?.index.bytes ?? 0,
			...(loaded === undefined ? {} : { compiledAt: loaded.about.compiledAt }),
			lists: this.#library.books.status(),
			upstreams: servers.map(({ name }, i) => ({
				name,
				slot: slots[i] ?? 0,
				up: counters.some((worker) => worker.readUpstream(slots[i] ?? 0, "up") === 1),
			})),
			workers: this.#crew.status,
		};
	}

	counters() {
		return this.#crew.counters;
	}

	explain(name: string) {
		return explain(name, this.#library.loaded?.index, this.#settings.blocking);
	}

	/** Node's own sockets cannot share a port among threads. */
	#workers(settings: Settings): number {
		return this.#parts.engine === "batch" ? settings.workers : 1;
	}

	#ownDoors() {
		return this.#settings.listen.dns.map((endpoint) => ({ key: formatHostPort(endpoint), endpoint }));
	}
}

function patience(): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, READY_PATIENCE_MS).unref());
}
