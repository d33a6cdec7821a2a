/**
 * Queries over UDP through Node's own sockets, where there is no Linux or no koffi. Node does not tell which of our
 * addresses was asked, so a wildcard address becomes one socket for each address of the machine.
 */
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { networkInterfaces } from "node:os";
import type { HostPort } from "../config/address.ts";
import type { Counters } from "../observe/counters.ts";
import type { TapPoint } from "../observe/tap.ts";
import { Answer } from "../resolve/answer.ts";
import { type Asker, Query, type ReturnPath } from "../resolve/query.ts";
import { addressBytes } from "../sockets/address.ts";
import type { Round } from "../sockets/round.ts";
import { readQuery, SILENCE, UDP } from "../wire/query.ts";
import { finishReply } from "../wire/reply.ts";
import { DATAGRAM_BYTES } from "./udp.ts";

export interface DgramParts {
	readonly run: (query: Query, fault: number) => void;
	readonly round: Round;
	readonly counters: Counters;
	readonly tapPoint: TapPoint;
	readonly maxAnswer: number;
}

/** The addresses that a listen address stands for. */
function addressesOf(endpoint: HostPort): string[] {
	if (endpoint.address !== "0.0.0.0" && endpoint.address !== "::") return [endpoint.address];
	const family = endpoint.family === 4 ? "IPv4" : "IPv6";
	return Object.entries(networkInterfaces()).flatMap(([name, infos]) =>
		(infos ?? [])
			.filter((info) => info.family === family)
			.map((info) => (info.address.startsWith("fe80") ? `${info.address}%${name}` : info.address)),
	);
}

export class DgramListener {
	readonly #sockets: Socket[] = [];
	readonly #parts: DgramParts;
	readonly #flights = { count: 0 };

	constructor(parts: DgramParts) {
		this.#parts = parts;
	}

	/** The port bound to, when `endpoint` asked for any. Rejects with the system's error. */
	async listen(endpoint: HostPort): Promise<number> {
		try {
			return await this.#bind(endpoint);
		} catch (error) {
			this.release();
			throw error;
		}
	}

	async #bind(endpoint: HostPort): Promise<number> {
		let port = endpoint.port;
		for (const address of addressesOf(endpoint)) {
			const socket = createSocket(
				endpoint.family === 4 ? { type: "udp4" } : { type: "udp6", ipv6Only: true },
			);
			this.#sockets.push(socket);
			await new Promise<void>((resolve, reject) => {
				socket.once("error", reject);
				socket.bind({ port, address, exclusive: true }, () => {
					socket.off("error", reject);
					resolve();
				});
			});
			port = socket.address().port;
			this.#serve(socket, { address: addressBytes(address), port });
		}
		return port;
	}

	/** Reads what is there already, and then no more. */
	close(): void {
		setImmediate(() => {
			for (const socket of this.#sockets) socket.removeAllListeners("message");
		});
	}

	/** Whether answers are still on their way. */
	get isBusy(): boolean {
		return this.#flights.count > 0;
	}

	/** After `close`: answers that come now come too late. */
	release(): void {
		for (const socket of this.#sockets.splice(0)) socket.close();
	}

	#serve(socket: Socket, local: Local): void {
		const { round, counters, run, tapPoint } = this.#parts;
		// An error of one reply (an unreachable client) is no reason to stop serving the others.
		socket.on("error", () => counters.add("repliesUnsent", 1));
		socket.on("message", (message, from) => {
			round.join();
			counters.add("packetsReceived", 1);
			const query = new Query(message, new DgramReturn(socket, local, from, this.#parts, this.#flights));
			query.transport = UDP;
			const fault = message.length > DATAGRAM_BYTES ? SILENCE : readQuery(query, message, 0, message.length);
			if (fault === SILENCE) {
				counters.add("packetsMalformed", 1);
				return;
			}
			query.addressBytes = addressBytes(from.address);
			query.addressLength = from.family === "IPv4" ? 4 : 16;
			query.receivedAt = round.now;
			this.#flights.count++;
			tapPoint.tap?.clientQuery(query, message.length, local.address, 0, local.port);
			run(query, fault);
		});
	}
}

/** Where a socket is bound. */
interface Local {
	readonly address: Uint8Array;
	readonly port: number;
}

class DgramReturn implements ReturnPath {
	readonly #socket: Socket;
	readonly #local: Local;
	readonly #to: RemoteInfo;
	readonly #parts: DgramParts;
	readonly #flights: { count: number };

	/** `flights`: taken up already, to be counted down when the answer has gone. */
	constructor(socket: Socket, local: Local, to: RemoteInfo, parts: DgramParts, flights: { count: number }) {
		this.#socket = socket;
		this.#local = local;
		this.#to = to;
		this.#parts = parts;
		this.#flights = flights;
	}

	get clientPort(): number {
		return this.#to.port;
	}

	keep(): ReturnPath {
		return this;
	}

	open(): Answer {
		const answer = new Answer();
		answer.bytes = Buffer.allocUnsafe(DATAGRAM_BYTES);
		answer.limit = DATAGRAM_BYTES;
		return answer;
	}

	commit(asker: Asker, answer: Answer): void {
		if (answer.length === 0) {
			this.#flights.count--;
			return;
		}
		const { maxAnswer, tapPoint } = this.#parts;
		finishReply(answer, asker, maxAnswer);
		tapPoint.tap?.clientResponse(asker, answer, this.#local.address, 0, this.#local.port);
		const gone = (error: Error | null) => {
			this.#flights.count--;
			if (error !== null) this.#parts.counters.add("repliesUnsent", 1);
		};
		try {
			this.#socket.send(answer.bytes, 0, answer.length, this.#to.port, this.#to.address, gone);
		} catch (error) {
			// Port 0 as a source, or a socket closed meanwhile: there is nobody to answer.
			gone(error as Error);
		}
	}
}
