/** The listen addresses that a worker serves, each over UDP and TCP. */
import type { ListenSettings } from "../config/settings.ts";
import { ConnectionLimits } from "../listen/limits.ts";
import { StreamListener } from "../listen/stream.ts";
import type { DoorSockets } from "./messages.ts";
import type { Resolver } from "./resolver.ts";

interface Door {
	readonly udp: { close(): void };
	readonly tcp: StreamListener;
	readonly port: number;
}

export class Doors {
	readonly #resolver: Resolver;
	readonly #limits: ConnectionLimits;
	readonly #open = new Map<string, Door>();
	#settings: ListenSettings;

	constructor(
		resolver: Resolver,
		settings: ListenSettings,
		limits: { memory: SharedArrayBuffer; worker: number; seed: number },
	) {
		this.#resolver = resolver;
		this.#settings = settings;
		this.#limits = new ConnectionLimits(limits.memory, limits.worker, limits.seed, settings.tcp);
	}

	use(settings: ListenSettings): void {
		this.#settings = settings;
		this.#limits.maxConnections = settings.tcp.maxConnections;
		this.#limits.maxPerClient = settings.tcp.maxConnectionsPerClient;
	}

	/** The port it is open on. Rejects with the system's error. */
	async open(sockets: DoorSockets): Promise<number> {
		const { endpoint, fds } = sockets;
		const maxAnswer = this.#settings.udpMaxAnswerBytes;
		const udp = await this.#resolver.engine.listen(endpoint, fds?.udp, maxAnswer);
		const tcp = new StreamListener({
			run: this.#resolver.run,
			round: this.#resolver.round,
			counters: this.#resolver.counters,
			limits: this.#limits,
			settings: () => this.#settings.tcp,
			maxAnswer,
		});
		await tcp.listen(fds === undefined ? { host: endpoint.address, port: udp.port } : { fd: fds.tcp });
		this.#open.set(sockets.key, { udp, tcp, port: udp.port });
		return udp.port;
	}

	close(key: string): void {
		const door = this.#open.get(key);
		this.#open.delete(key);
		door?.tcp.close();
		door?.udp.close();
	}

	closeAll(): void {
		for (const key of Array.from(this.#open.keys())) this.close(key);
	}

	/** By key, where each is open. */
	get ports(): Record<string, number> {
		return Object.fromEntries(Array.from(this.#open, ([key, door]) => [key, door.port]));
	}
}
