/** Clients over UDP and TCP. */
import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { parseHostPort } from "../../src/config/address.ts";
import { question, type Reply, readReply, TYPE } from "./message.ts";
import { Watchers } from "./watchers.ts";

const PATIENCE_MS = 10_000;

export function hostPort(server: string): { readonly address: string; readonly port: number } {
	const parsed = parseHostPort(server, 53);
	if (parsed === undefined) throw new Error(`no address: ${server}`);
	return parsed;
}

export function portOf(server: string): number {
	return hostPort(server).port;
}

/** A socket that hears nobody but `server`. */
export async function connectedUdp(server: string): Promise<UdpSocket> {
	const { address, port } = hostPort(server);
	const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
	socket.connect(port, address);
	await once(socket, "connect");
	return socket;
}

/** The reply to one packet over UDP, from the very address that was asked. Rejects with the system's error. */
export async function ask(server: string, packet: Buffer): Promise<Reply> {
	const socket = await connectedUdp(server);
	try {
		const heard = once(socket, "message", { signal: AbortSignal.timeout(PATIENCE_MS) });
		socket.send(packet);
		const [bytes] = (await heard) as [Buffer];
		return readReply(bytes);
	} finally {
		socket.close();
	}
}

/** The reply to a question over UDP, with EDNS. */
export function askName(server: string, name: string, type: number = TYPE.A): Promise<Reply> {
	return ask(server, question(name, type, 1232));
}

/** A connection over TCP. */
export class Stream {
	readonly socket: Socket;
	readonly replies: Reply[] = [];
	/** Resolves when the connection is over, with how many milliseconds it lasted. */
	readonly closed: Promise<number>;
	hasEnded = false;
	wasReset = false;
	#pending = Buffer.alloc(0);
	readonly #watchers = new Watchers();

	private constructor(socket: Socket) {
		this.socket = socket;
		const began = performance.now();
		socket.on("data", (piece) => this.#take(piece));
		socket.on("end", () => {
			this.hasEnded = true;
			socket.end();
		});
		socket.on("error", (error: NodeJS.ErrnoException) => {
			this.wasReset = error.code === "ECONNRESET" || error.code === "EPIPE";
		});
		this.closed = new Promise((resolve) => {
			socket.on("close", () => {
				resolve(performance.now() - began);
				this.#watchers.wake();
			});
		});
	}

	static async open(server: string): Promise<Stream> {
		const { address, port } = hostPort(server);
		const socket = connect({ host: address, port, noDelay: true, allowHalfOpen: true });
		const stream = new Stream(socket);
		await once(socket, "connect");
		return stream;
	}

	/** Sends packets, each behind its length, all in one piece. */
	send(...packets: readonly Buffer[]): void {
		this.socket.write(Buffer.concat(packets.map(framed)));
	}

	/** Waits for as many replies in all; rejects when the connection closes before. */
	async receive(count: number): Promise<readonly Reply[]> {
		const deadline = AbortSignal.timeout(PATIENCE_MS);
		while (this.replies.length < count) {
			if (this.socket.destroyed || deadline.aborted)
				throw new Error(
					`${this.replies.length} replies of ${count}, then ${deadline.aborted ? "none" : "closed"}`,
				);
			await this.#watchers.next(deadline);
		}
		return this.replies;
	}

	#take(piece: Buffer): void {
		this.#pending = Buffer.concat([this.#pending, piece]);
		while (this.#pending.length >= 2) {
			const length = this.#pending.readUInt16BE(0);
			if (this.#pending.length < 2 + length) break;
			this.replies.push(readReply(Buffer.from(this.#pending.subarray(2, 2 + length))));
			this.#pending = this.#pending.subarray(2 + length);
		}
		this.#watchers.wake();
	}
}

export function framed(packet: Buffer): Buffer {
	return Buffer.concat([Buffer.of(packet.length >> 8, packet.length & 255), packet]);
}
