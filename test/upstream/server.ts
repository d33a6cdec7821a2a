/** A small real DNS server, UDP and TCP on one port of 127.0.0.1, that answers as a test wants it to. */
import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { EventEmitter, once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import type { Test } from "tap";
import { Frames, framed } from "../../src/wire/frames.ts";
import { decodeName } from "../wire/decoded.ts";

export interface Arrival {
	readonly query: Buffer;
	readonly id: number;
	/** The name asked for, in lower case; in the query it has a random one. */
	readonly name: string;
	readonly transport: "udp" | "tcp";
	/** Where it came from. */
	readonly port: number;
	/** Of TCP. */
	readonly socket: Socket | undefined;
	/** Answers; over UDP from another socket when one is given. */
	send(bytes: Buffer, from?: UdpSocket): void;
}

/** The answer, if there is to be one at once. `number` counts the questions from 0. */
export type Handler = (arrival: Arrival, number: number) => Buffer | undefined;

export interface UpstreamServer {
	readonly port: number;
	readonly arrivals: readonly Arrival[];
	/** The question with that number, once it is there. */
	arrival(number: number): Promise<Arrival>;
	close(): void;
}

export interface ServerOptions {
	/** Without: the port refuses TCP. */
	readonly tcp?: boolean;
	readonly port?: number;
}

async function bindBoth(wanted: number, tcp: boolean): Promise<readonly [UdpSocket, Server]> {
	for (let tries = 0; ; tries++) {
		const udp = createSocket("udp4");
		udp.bind(wanted, "127.0.0.1");
		await once(udp, "listening");
		const server = createServer();
		if (!tcp) return [udp, server];
		server.listen(udp.address().port, "127.0.0.1");
		try {
			await once(server, "listening");
			return [udp, server];
		} catch (error) {
			udp.close();
			// Somebody else has the same number for TCP.
			if (wanted !== 0 || tries === 20) throw error;
		}
	}
}

export async function startServer(
	t: Test,
	handler: Handler,
	options: ServerOptions = {},
): Promise<UpstreamServer> {
	const [udp, tcp] = await bindBoth(options.port ?? 0, options.tcp ?? true);
	const arrivals: Arrival[] = [];
	const events = new EventEmitter();
	events.setMaxListeners(0);
	const sockets = new Set<Socket>();

	function take(arrival: Arrival): void {
		arrivals.push(arrival);
		const bytes = handler(arrival, arrivals.length - 1);
		if (bytes !== undefined) arrival.send(bytes);
		events.emit("arrival");
	}

	function describe(query: Buffer) {
		return { query, id: query.readUInt16BE(0), name: decodeName(query, 12)[0].toLowerCase() };
	}

	udp.on("message", (query, { port, address }) => {
		const send = (bytes: Buffer, from = udp) => from.send(bytes, port, address);
		take({ ...describe(query), transport: "udp", port, socket: undefined, send });
	});
	tcp.on("connection", (socket) => {
		const frames = new Frames();
		sockets.add(socket);
		socket.on("error", () => socket.destroy());
		socket.on("close", () => sockets.delete(socket));
		socket.on("data", (piece: Buffer) =>
			frames.push(piece, (bytes) => {
				const query = Buffer.from(bytes);
				const send = (answer: Buffer) => void socket.write(framed(answer, 0, answer.length));
				take({ ...describe(query), transport: "tcp", port: socket.remotePort ?? 0, socket, send });
				return true;
			}),
		);
	});

	let isOpen = true;
	function close(): void {
		if (!isOpen) return;
		isOpen = false;
		udp.close();
		tcp.close();
		for (const socket of sockets) socket.destroy();
	}
	t.teardown(close);
	return {
		port: udp.address().port,
		arrivals,
		async arrival(number) {
			while (arrivals.length <= number) await once(events, "arrival");
			return arrivals[number];
		},
		close,
	};
}

/** A port of 127.0.0.1 where nobody listens. */
export async function closedPort(): Promise<number> {
	const [udp, tcp] = await bindBoth(0, true);
	const { port } = udp.address();
	udp.close();
	tcp.close();
	return port;
}
