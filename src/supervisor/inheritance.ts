/** What a Cordon that starts goes on with: sockets of the Cordon before, or of the service manager, and the data folder. */
import { formatHostPort } from "../config/address.ts";
import type { Settings } from "../config/settings.ts";
import type { Log } from "../observe/log.ts";
import type { Addresses } from "./addresses.ts";
import type { AdminDoor } from "./admin-door.ts";
import type { HandedSocket } from "./handed.ts";
import type { Machine } from "./machine.ts";
import type { Predecessor } from "./takeover/predecessor.ts";

export interface InheritanceParts {
	readonly log: Log;
	readonly machine: Pick<Machine, "engine" | "adminSockets" | "activated">;
	/** Undefined when there is none to take over from. */
	readonly predecessor: Predecessor | undefined;
	readonly addresses: Addresses;
	readonly admin: AdminDoor;
	readonly settings: Settings;
	readonly workers: number;
}

export class Inheritance {
	readonly #parts: InheritanceParts;
	readonly #inherits: boolean;

	constructor(parts: InheritanceParts) {
		this.#parts = parts;
		this.#inherits = parts.machine.engine === "batch" && parts.predecessor?.engine === "batch";
	}

	/**
	 * Takes what there is. When this is done dataDir is free, and nobody but us is going to write there. Rejects with a
	 * message for the operator; a Cordon that was to be taken over from then goes on.
	 */
	async take(): Promise<void> {
		const { log, machine, predecessor, addresses, settings } = this.#parts;
		const activated = machine.activated(process.env, settings.listen);
		if (activated.length > 0 && machine.engine !== "batch")
			throw new Error(
				"listen.udpEngine dgram cannot go on with sockets that the service manager has opened; use auto, or a unit without a .socket unit",
			);
		const handed = this.#inherits ? [...activated, ...(predecessor?.sockets ?? [])] : activated;
		if (!this.#inherits) predecessor?.forsake();
		const keepsAdmin = this.#takeAdmin(handed);
		addresses.adopt(handed, this.#parts.workers);
		if (predecessor === undefined) return;
		// What cannot be had is found out before anything is let go of.
		if (this.#inherits) addresses.open();
		else
			log.warn(
				"without listen.udpEngine batch on both sides sockets cannot be handed over: they are closed and opened again, and queries that come in between are lost",
			);
		await predecessor.letGo({ inherits: this.#inherits, keepsAdmin });
	}

	#takeAdmin(handed: readonly HandedSocket[]): boolean {
		const { admin, machine, settings } = this.#parts;
		const wanted = settings.listen.admin;
		let keeps = false;
		for (const { role, key, fd } of handed) {
			if (role !== "admin") continue;
			if (wanted !== undefined && formatHostPort(wanted) === key && !keeps) {
				keeps = true;
				admin.adopt(wanted, fd);
			} else machine.adminSockets?.close(fd);
		}
		return keeps;
	}

	/** The workers answer: the Cordon before may end. */
	async taken(): Promise<void> {
		const { log, predecessor, addresses, workers } = this.#parts;
		await predecessor?.succeeded({ workers, keys: addresses.keys });
		if (predecessor !== undefined) log.info("took over from the Cordon before", { pid: predecessor.pid });
	}

	/** The Cordon before takes everything back. */
	failed(error: unknown): void {
		this.#parts.predecessor?.failed((error as Error).message);
	}
}
