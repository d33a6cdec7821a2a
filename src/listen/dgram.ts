/**
 * Queries over UDP through Node's own sockets, where there is no Linux or no koffi. Node does not tell which of our
 * addresses was asked, so a wildcard address becomes one socket for each address of the machine.
 */
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { networkInterfaces } from "node:os";
import type { HostPort } from "../config/address.ts";
import type { Counters } from "../observe/counters.ts";
import { Answer, type ReturnPath } from "../resolve/answer.ts";
import { type Asker, Query } from "../resolve/query.ts";
import { addressBytes } from "../sockets/address.ts";
import type { Round } from "../sockets/round.ts";
import { readQuery, SILENCE, UDP } from "../wire/query.ts";
import { finishReply } from "../wire/reply.ts";
import { DATAGRAM_BYTES } from "./udp.ts";

export interface DgramParts {
	readonly run: (query: Query, fault: number) => void;
	readonly round: Round;
	readonly counters: Counters;
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

	constructor(parts: DgramParts) {
		this.#parts = parts;
	}

	/** The port bound to, when `endpoint` asked for any. Rejects with the system's error. */
	async listen(endpoint: HostPort): Promise<number> {
		let port = endpoint.port;
		for (const address of addressesOf(endpoint)) {
			const socket = createSocket({ type: endpoint.family === 4 ? "udp4" : "udp6", ipv6Only: true });
			this.#sockets.push(socket);
			await new Promise<void>((resolve, reject) => {
				socket.once("error", reject);
				socket.bind({ port, address, exclusive: true }, () => {
					socket.off("error", reject);
					resolve();
				});
			});
			port = socket.address().port;
			this.#serve(socket);
		}
		return port;
	}

	close(): void {
		for (const socket of this.#sockets.splice(0)) socket.close();
	}

	#serve(socket: Socket): void {
		const { round, counters, run } = this.#parts;
		// An error of one reply (an unreachable client) is no reason to stop serving the others.
		socket.on("error", () => counters.add("repliesUnsent", 1));
		socket.on("message", (message, from) => {
			round.join();
			counters.add("packetsReceived", 1);
			const query = new Query(message, new DgramReturn(socket, from, this.#parts));
			query.transport = UDP;
			const fault = message.length > DATAGRAM_BYTES ? SILENCE : readQuery(query, message, 0, message.length);
			if (fault === SILENCE) {
				counters.add("packetsMalformed", 1);
				return;
			}
			query.addressBytes = addressBytes(from.address);
			query.addressLength = from.family === "IPv4" ? 4 : 16;
			query.receivedAt = round.now;
			run(query, fault);
		});
	}
}

class DgramReturn implements ReturnPath {
	readonly #socket: Socket;
	readonly #to: RemoteInfo;
	readonly #parts: DgramParts;

	constructor(socket: Socket, to: RemoteInfo, parts: DgramParts) {
		this.#socket = socket;
		this.#to = to;
		this.#parts = parts;
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
		if (answer.length === 0) return;
		finishReply(answer, asker, this.#parts.maxAnswer);
		try {
			this.#socket.send(answer.bytes, 0, answer.length, this.#to.port, this.#to.address, (error) => {
				if (error !== null) this.#parts.counters.add("repliesUnsent", 1);
			});
		} catch {
			// Port 0 as a source, or a socket closed meanwhile: there is nobody to answer.
			this.#parts.counters.add("repliesUnsent", 1);
		}
	}
}
