/** Queries over TCP (RFC 7766): a server whose connections are counted, each served by a `Connection`. */
import { createServer, type Server, Socket } from "node:net";
import { Answer } from "../resolve/answer.ts";
import { addressBytes } from "../sockets/address.ts";
import type { LastConnections } from "../sockets/last-connections.ts";
import { Connection, type StreamParts } from "./connection.ts";

/** Where to listen: a descriptor that listens already, or an address. */
export type StreamSocket = { readonly fd: number } | { readonly host: string; readonly port: number };

/** Of a descriptor that listens and is to be closed. */
export type OpenLastConnections = (fd: number) => LastConnections;

/** For those that are in the middle of connecting. */
const CONNECTING_MS = 20;

const LONGEST_MESSAGE = 65_535;

export class StreamListener {
	readonly #parts: StreamParts;
	readonly #lastConnections: OpenLastConnections | undefined;
	readonly #server: Server;
	/** Of a descriptor that listened before. */
	#fd: number | undefined;
	#isClosing = false;
	readonly #connections = new Set<Connection>();
	readonly #answer = new Answer();

	constructor(parts: StreamParts, lastConnections: OpenLastConnections | undefined) {
		this.#parts = parts;
		this.#lastConnections = lastConnections;
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
		if (this.#isClosing) return true;
		for (const connection of this.#connections) if (connection.isBusy) return true;
		return false;
	}

	/**
	 * Accepts no more; open connections end when nothing of theirs is in flight. Those that wait to be accepted, or connect at
	 * this moment, would be reset with the socket: they are accepted first, unless they are `left` to others who accept from it.
	 */
	close(isLeft: boolean): void {
		const last = isLeft || this.#fd === undefined ? undefined : this.#lastConnections?.(this.#fd);
		this.#server.close();
		for (const connection of this.#connections) connection.finish();
		if (last === undefined) return;
		this.#isClosing = true;
		setTimeout(() => {
			this.#acceptLast(last);
			this.#isClosing = false;
		}, CONNECTING_MS);
	}

	#acceptLast(last: LastConnections): void {
		for (let fd = last.accept(); fd !== undefined; fd = last.accept()) {
			const socket = new Socket({ fd, allowHalfOpen: true, readable: true, writable: true });
			this.#accept(socket.setNoDelay())?.finish();
		}
		last.close();
	}

	/** @returns undefined when there is no room for it. */
	#accept(socket: Socket): Connection | undefined {
		const { counters, crowd, limits } = this.#parts;
		const address = addressBytes(socket.remoteAddress ?? "0.0.0.0");
		const place = limits.placeOf(address);
		// RFC 7766, section 6.2.3: whoever has been idle the longest makes room, before there is none.
		const madeRoom = place >= 0 && limits.isCrowded && crowd.makeRoom();
		if (place < 0 || (limits.isFull && !madeRoom)) {
			counters.add("tcpRefused", 1);
			socket.resetAndDestroy();
			return undefined;
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
		return connection;
	}
}
