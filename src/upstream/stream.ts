/** Questions to one upstream over TCP: one connection, pipelined, opened when needed and kept while it is used. */
import { connect, type Socket } from "node:net";
import type { UpstreamServer } from "../config/upstream-settings.ts";
import { Frames, framed } from "../wire/frames.ts";
import type { Carrier, CarrierEvents } from "./carrier.ts";
import { InFlight } from "./in-flight.ts";
import type { Channel, Inquiry } from "./inquiry.ts";
import type { RandomNumbers } from "./random.ts";

/** RFC 7766, section 6.2.3: a client closes idle connections itself, before servers have to. */
const IDLE_MS = 5000;

interface Connection extends Channel {
	localPort: number;
	readonly socket: Socket;
	readonly inFlight: InFlight;
	/** When something last came, in milliseconds. */
	heardAt: number;
}

export class StreamCarrier implements Carrier {
	readonly #server: UpstreamServer;
	readonly #random: RandomNumbers;
	readonly #events: CarrierEvents;
	#connection: Connection | undefined;

	constructor(server: UpstreamServer, random: RandomNumbers, events: CarrierEvents) {
		this.#server = server;
		this.#random = random;
		this.#events = events;
	}

	send(inquiry: Inquiry): void {
		const connection = this.#connection ?? this.#open();
		connection.inFlight.enlist(inquiry, this, connection, this.#random);
		connection.socket.write(framed(inquiry.packet, 0, inquiry.packetLength));
	}

	forget(inquiry: Inquiry): void {
		const connection = inquiry.channel as Connection | undefined;
		inquiry.leave();
		if (connection === undefined) return;
		connection.inFlight.forget(inquiry);
		// Given up on, and nothing at all has come since it was sent: the way may be dead without anybody having said so.
		if (connection.heardAt < inquiry.sentAt && this.#connection === connection) this.#connection = undefined;
		if (this.#connection !== connection && connection.inFlight.isEmpty) connection.socket.destroy();
	}

	flush(): void {}

	close(): void {
		this.#connection?.socket.destroy();
		this.#connection = undefined;
	}

	#open(): Connection {
		const socket = connect({ host: this.#server.address, port: this.#server.port, noDelay: true });
		const connection: Connection = { localPort: 0, socket, inFlight: new InFlight(), heardAt: 0 };
		const frames = new Frames();
		this.#connection = connection;
		socket.setTimeout(IDLE_MS, () => {
			if (connection.inFlight.isEmpty) socket.destroy();
		});
		socket.on("connect", () => {
			connection.localPort = socket.localPort ?? 0;
		});
		socket.on("data", (piece: Buffer) => {
			connection.heardAt = performance.now();
			frames.push(piece, (message) => {
				connection.inFlight.receive(message, this.#events);
				return true;
			});
		});
		// "close" follows, and with it the inquiries that were in flight.
		socket.on("error", () => socket.destroy());
		socket.on("end", () => socket.destroy());
		socket.on("close", () => this.#lost(connection));
		return connection;
	}

	#lost(connection: Connection): void {
		if (this.#connection === connection) this.#connection = undefined;
		connection.inFlight.refuse(this.#events);
	}
}
