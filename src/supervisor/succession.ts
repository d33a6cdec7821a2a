/** How this Cordon comes after another, and makes room for the next; and what the service manager hears of it. */
import type { LoadedConfig } from "../config/load.ts";
import type { Settings } from "../config/settings.ts";
import type { Log } from "../observe/log.ts";
import type { NodeStatus } from "../observe/status.ts";
import { Incumbency, type IncumbencyParts } from "./incumbency.ts";
import { Inheritance } from "./inheritance.ts";
import type { Logbook } from "./logbook.ts";
import type { Machine } from "./machine.ts";
import type { Reloads } from "./reloads.ts";
import { ServiceManager } from "./service-manager.ts";
import { servesText } from "./status.ts";
import type { TakeoverDoor } from "./takeover/door.ts";
import type { Predecessor } from "./takeover/predecessor.ts";
import { SuccessorStart } from "./takeover/start.ts";

export interface SuccessionParts
	extends Pick<
		IncumbencyParts,
		"version" | "dataLock" | "library" | "pool" | "admin" | "addresses" | "crew" | "drainMs"
	> {
	readonly log: Log;
	readonly machine: Machine;
	/** Undefined when there is none to take over from. */
	readonly predecessor: Predecessor | undefined;
	readonly reloads: Reloads;
	/** Has its last words when this Cordon ends. */
	readonly logbook: Pick<Logbook, "close">;
	readonly loaded: () => LoadedConfig;
	readonly settings: () => Settings;
	readonly workers: () => number;
	readonly status: () => NodeStatus;
}

export class Succession {
	readonly #parts: SuccessionParts;
	readonly #service: ServiceManager;
	readonly #inheritance: Inheritance;
	readonly #successors: SuccessorStart;
	/** Undefined where nobody can take over from us. */
	readonly #door: TakeoverDoor | undefined;
	/** Resolves when a successor has taken over and all is answered. */
	readonly retired: Promise<void>;

	constructor(parts: SuccessionParts) {
		this.#parts = parts;
		const { machine, settings, status, reloads } = parts;
		const log = parts.log.child("takeover");
		this.#service = new ServiceManager({ env: process.env, send: machine.sendDatagram, log: parts.log });
		this.#successors = new SuccessorStart(log);
		this.#inheritance = new Inheritance({ ...parts, log, settings: settings(), workers: parts.workers() });
		let retired = () => {};
		this.retired = new Promise((resolve) => {
			retired = resolve;
		});
		const incumbency = new Incumbency({
			...parts,
			log,
			engine: machine.engine,
			service: this.#service,
			door: () => this.#door,
			adminEndpoint: () => settings().listen.admin,
			objection: () => {
				const { ready, waitingFor } = status();
				return ready ? undefined : `it is not ready: ${waitingFor}`;
			},
			alone: (takeover) => reloads.alone(takeover),
			serves: () => servesText(status()),
			retired: () => void parts.logbook.close(parts.drainMs).then(retired),
		});
		const { TakeoverDoor: Door } = machine.takeover;
		this.#door = Door === undefined ? undefined : new Door(incumbency, log);
	}

	/** Before dataDir is ours. Rejects with a message for the operator. */
	take(): Promise<void> {
		return this.#inheritance.take();
	}

	/** The workers answer. */
	taken(): Promise<void> {
		return this.#inheritance.taken();
	}

	/** When we cannot start, a Cordon before us goes on. */
	async during(start: () => Promise<void>): Promise<void> {
		try {
			await start();
		} catch (error) {
			this.#inheritance.failed(error);
			throw error;
		}
	}

	/** `mayBeTaken`: whether dataDir is ours, so that there is something to hand over. */
	ready(mayBeTaken: boolean): void {
		if (mayBeTaken) this.#door?.open(this.#parts.loaded().config.dataDir);
		this.#service.ready(servesText(this.#parts.status()));
		this.#service.watch((patienceMs) => this.#parts.crew.answers(patienceMs));
	}

	/** A reload, told to the service manager from its beginning to its end. */
	async reloading<T>(reload: () => Promise<T>): Promise<T> {
		this.#service.reloading("reloading");
		try {
			return await reload();
		} finally {
			this.#service.ready(servesText(this.#parts.status()));
		}
	}

	/** The data folder may be another one. */
	moved(): void {
		this.#door?.open(this.#parts.loaded().config.dataDir);
	}

	/** The program as it lies on disk now, which then takes over. */
	startSuccessor(): void {
		if (this.#door === undefined)
			this.#parts.log.warn("on this machine no Cordon can take over from another; restart it instead");
		else this.#successors.start(this.#parts.loaded().path);
	}

	stopping(): void {
		this.#service.stopping();
		this.#door?.close();
	}
}
