/** The listen addresses that a worker serves, each over UDP and TCP. */
import type { ListenSettings } from "../config/settings.ts";
import { Crowd } from "../listen/crowd.ts";
import { ConnectionLimits, type ConnectionLimitsStart } from "../listen/limits.ts";
import { StreamListener } from "../listen/stream.ts";
import type { UdpDoor } from "./engine.ts";
import type { DoorSockets } from "./messages.ts";
import type { Resolver } from "./resolver.ts";

/** How often to look whether the last answer has gone out. */
const STEP_MS = 10;
/** How often another port is tried when any will do, and the one that UDP got is taken over TCP. */
const PORT_TRIES = 20;

interface Door {
	readonly udp: UdpDoor;
	readonly tcp: StreamListener;
	readonly port: number;
	/** Others read from the same sockets. */
	readonly isShared: boolean;
}

export class Doors {
	readonly #resolver: Resolver;
	readonly #limits: ConnectionLimits;
	readonly #crowd: Crowd;
	readonly #open = new Map<string, Door>();
	readonly #closed = new Set<Door>();
	#settings: ListenSettings;

	constructor(resolver: Resolver, settings: ListenSettings, limits: ConnectionLimitsStart) {
		this.#resolver = resolver;
		this.#settings = settings;
		this.#limits = new ConnectionLimits(limits, settings.tcp);
		this.#crowd = new Crowd(settings.tcp.maxHeldBytes, resolver.counters);
	}

	use(settings: ListenSettings, workers: number): void {
		this.#settings = settings;
		this.#limits.use(settings.tcp, workers);
		this.#crowd.mostHeld = settings.tcp.maxHeldBytes;
	}

	/** Rejects with the system's error. */
	async open(sockets: DoorSockets): Promise<void> {
		const isAnyPort = sockets.endpoint.port === 0;
		for (let tries = isAnyPort ? PORT_TRIES : 1; ; tries--) {
			try {
				this.#open.set(sockets.key, await this.#tryOpen(sockets));
				return;
			} catch (error) {
				if (tries === 1 || (error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
			}
		}
	}

	async #tryOpen({ endpoint, fds }: DoorSockets): Promise<Door> {
		const maxAnswer = this.#settings.udpMaxAnswerBytes;
		const { port, listener: udp } = await this.#resolver.engine.listen(endpoint, fds?.udp, maxAnswer);
		const { run, round, counters, tapPoint, engine } = this.#resolver;
		const settings = () => this.#settings.tcp;
		const shared = { limits: this.#limits, crowd: this.#crowd, settings, maxAnswer };
		const tcp = new StreamListener({ run, round, counters, tapPoint, ...shared }, engine.lastConnections);
		try {
			await tcp.listen(fds === undefined ? { host: endpoint.address, port } : { fd: fds.tcp });
		} catch (error) {
			udp.close(fds?.isShared === true);
			udp.release();
			throw error;
		}
		return { udp, tcp, port, isShared: fds?.isShared === true };
	}

	/** Takes no more questions; those it has are still answered. `isLeft`: those that wait are somebody else's. */
	close(key: string, isLeft = false): void {
		const door = this.#open.get(key);
		if (door === undefined) return;
		this.#open.delete(key);
		this.#closed.add(door);
		door.tcp.close(isLeft || door.isShared);
		door.udp.close(isLeft || door.isShared);
	}

	/** `left`: keys of those that somebody else reads from by now. */
	closeAll(left: readonly string[]): void {
		for (const key of Array.from(this.#open.keys())) this.close(key, left.includes(key));
	}

	/** Waits until what was closed has given its last answer, at most so long, and lets go of it. */
	async settle(graceMs: number): Promise<void> {
		const until = performance.now() + graceMs;
		const closed = Array.from(this.#closed);
		while (closed.some(({ udp, tcp }) => udp.isBusy || tcp.isBusy) && performance.now() < until)
			await new Promise((resolve) => setTimeout(resolve, STEP_MS));
		for (const door of closed) {
			if (this.#closed.delete(door)) door.udp.release();
		}
	}

	/** By key, where each is open. */
	get ports(): Record<string, number> {
		return Object.fromEntries(Array.from(this.#open, ([key, door]) => [key, door.port]));
	}
}
