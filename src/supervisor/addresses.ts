/** The addresses that queries come to: opened at the start, changed by a reload. */
import { formatHostPort, type HostPort } from "../config/address.ts";
import type { Settings } from "../config/settings.ts";
import type { DoorSockets } from "../worker/messages.ts";
import type { Crew } from "./crew.ts";
import type { HandedSocket, Kept } from "./handed.ts";
import type { ListeningSockets } from "./listening.ts";

export class Addresses {
	readonly #sockets: ListeningSockets | undefined;
	readonly #crew: () => Crew;
	#wanted: readonly HostPort[];

	/** `sockets` undefined: workers open their own. */
	constructor(settings: Settings, sockets: ListeningSockets | undefined, crew: () => Crew) {
		this.#wanted = settings.listen.dns;
		this.#sockets = sockets;
		this.#crew = crew;
	}

	/** Throws an Error with a message for the operator when one cannot be had. */
	open(): void {
		for (const endpoint of this.#wanted) this.#sockets?.open(endpoint);
	}

	/** Of the addresses in use. */
	get keys(): readonly string[] {
		return this.#sockets?.keys ?? this.#wanted.map(formatHostPort);
	}

	/** The sockets for a worker that starts. */
	doors(worker: number, keys: readonly string[]): DoorSockets[] {
		return this.#sockets?.forWorker(worker, keys) ?? this.#ownDoors().filter(({ key }) => keys.includes(key));
	}

	/** All that are open, for a successor. */
	get handed(): HandedSocket[] {
		return this.#sockets?.handed ?? [];
	}

	/** Takes sockets that somebody else has opened; those that are not wanted are closed. */
	adopt(sockets: readonly HandedSocket[], workers: number): void {
		const wanted = this.#wanted.map(formatHostPort);
		this.#sockets?.adopt(sockets, ({ key, worker }) => worker < workers && wanted.includes(key));
	}

	/** Connections to those that a successor does not go on with are taken no more. */
	closeBut(kept: Kept): void {
		this.#sockets?.closeStreams((key, worker) => !isKept(kept, key, worker));
	}

	/** Those that were closed are opened anew when they are next asked for: there is no successor after all. */
	renewBut(kept: Kept): void {
		this.#sockets?.drop((key, worker) => !isKept(kept, key, worker));
	}

	/** Where it answers queries, ports resolved. */
	get resolved(): string[] {
		if (this.#sockets !== undefined) return this.#sockets.endpoints.map(formatHostPort);
		return this.#wanted.map((endpoint) => {
			const port = this.#crew().ports[formatHostPort(endpoint)] ?? endpoint.port;
			return formatHostPort({ ...endpoint, port });
		});
	}

	/** New addresses are opened before old ones are closed; when one cannot be, none is changed. */
	async change(settings: Settings): Promise<void> {
		const sockets = this.#sockets;
		const crew = this.#crew();
		const wanted = new Map(settings.listen.dns.map((endpoint) => [formatHostPort(endpoint), endpoint]));
		const had = this.#wanted.map(formatHostPort);
		const opened = Array.from(wanted).filter(([key]) => !had.includes(key));
		const openedKeys = opened.map(([key]) => key);
		const closed = had.filter((key) => !wanted.has(key));
		if (opened.length + closed.length === 0) return;
		try {
			for (const [, endpoint] of opened) sockets?.open(endpoint);
			const own = opened.map(([key, endpoint]) => ({ key, endpoint }));
			await crew.changeDoors((worker) => sockets?.forWorker(worker, openedKeys) ?? own, []);
		} catch (error) {
			await crew.changeDoors(() => [], openedKeys);
			for (const key of openedKeys) sockets?.close(key);
			throw error;
		}
		this.#wanted = settings.listen.dns;
		sockets?.closeStreams((key) => closed.includes(key));
		await crew.changeDoors(() => [], closed);
		for (const key of closed) sockets?.close(key);
	}

	/** Workers from the `size`th on leave: they get no more connections. */
	dismiss(size: number): void {
		this.#sockets?.closeStreams((_, worker) => worker >= size);
	}

	/** Workers from the `size`th on are gone. */
	forget(size: number): void {
		const { counters } = this.#crew();
		for (let gone = size; gone < counters.length; gone++) this.#sockets?.closeWorker(gone);
	}

	#ownDoors(): DoorSockets[] {
		return this.#wanted.map((endpoint) => {
			const key = formatHostPort(endpoint);
			// After a crash the port is the one it had, even if any would have done at first.
			return { key, endpoint: { ...endpoint, port: this.#crew().ports[key] ?? endpoint.port } };
		});
	}
}

function isKept({ workers, keys }: Kept, key: string, worker: number): boolean {
	return worker < workers && keys.includes(key);
}
