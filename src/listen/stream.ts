/** Queries over TCP (RFC 7766): a server whose connections are counted, each served by a `Connection`. */
import { createServer, type Server, Socket } from "node:net";
import { Answer } from "../resolve/answer.ts";
import { addressBytes } from "../sockets/address.ts";
import { Connection, type StreamParts } from "./connection.ts";

/** Where to listen: a descriptor that listens already, or an address. */
export type StreamSocket = { readonly fd: number } | { readonly host: string; readonly port: number };

/** A connection that waits at a listening descriptor. */
export type AcceptWaiting = (fd: number) => number | undefined;

const LONGEST_MESSAGE = 65_535;

export class StreamListener {
	readonly #parts: StreamParts;
	readonly #acceptWaiting: AcceptWaiting | undefined;
	readonly #server: Server;
	/** Of a descriptor that listened before. */
	#fd: number | undefined;
	readonly #connections = new Set<Connection>();
	readonly #answer = new Answer();

	constructor(parts: StreamParts, acceptWaiting: AcceptWaiting | undefined) {
		this.#parts = parts;
		this.#acceptWaiting = acceptWaiting;
		this.#answer.bytes = Buffer.allocUnsafeSlow(LONGEST_MESSAGE);
		this.#answer.limit = LONGEST_MESSAGE;
		this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket));
	}

	/** The port listened on. Rejects with the system's error. */
	listen(socket: StreamSocket): Promise<number> {
		this.#fd = "fd" in socket ? socket.fd : undefined;
		return new Promise((resolve, reject) => {
			this.#server.once("error", reject);
			this.#server.listen({ ...socket, ipv6Only: true, exclusive: true }, () => {
				this.#server.off("error", reject);
				this.#server.on("error", () => this.#parts.counters.add("tcpRefused", 1));
				const address = this.#server.address();
				resolve(address === null || typeof address === "string" ? 0 : address.port);
			});
		});
	}

	/** Whether a connection waits for an answer, or for its client to take one. */
	get isBusy(): boolean {
		for (const connection of this.#connections) if (connection.isBusy) return true;
		return false;
	}

	/**
	 * Accepts no more; open connections end when nothing of theirs is in flight. Those that wait to be accepted would be reset
	 * with the socket: they are accepted first, unless they are `left` to others who accept from it.
	 */
	close(isLeft: boolean): void {
		if (!isLeft && this.#fd !== undefined) this.#acceptAll(this.#fd);
		this.#server.close();
		for (const connection of this.#connections) connection.finish();
	}

	#acceptAll(listening: number): void {
		for (let fd = this.#acceptWaiting?.(listening); fd !== undefined; fd = this.#acceptWaiting?.(listening)) {
			const socket = new Socket({ fd, allowHalfOpen: true, readable: true, writable: true });
			this.#accept(socket.setNoDelay());
		}
	}

	#accept(socket: Socket): void {
		const { counters, crowd, limits } = this.#parts;
		const address = addressBytes(socket.remoteAddress ?? "0.0.0.0");
		const place = limits.placeOf(address);
		// RFC 7766, section 6.2.3: whoever has been idle the longest makes room, before there is none.
		const madeRoom = place >= 0 && limits.isCrowded && crowd.makeRoom();
		if (place < 0 || (limits.isFull && !madeRoom)) {
			counters.add("tcpRefused", 1);
			socket.resetAndDestroy();
			return;
		}
		limits.enter(place);
		counters.add("tcpAccepted", 1);
		const connection = new Connection(socket, address, this.#answer, this.#parts);
		this.#connections.add(connection);
		crowd.join(connection);
		socket.on("close", () => {
			this.#connections.delete(connection);
			crowd.leave(connection);
			limits.leave(place);
		});
	}
}
