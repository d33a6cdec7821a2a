/** Questions to one upstream over UDP through Node's own sockets, one fresh socket for each while there are few. */
import { createSocket, type Socket } from "node:dgram";
import type { UpstreamServer } from "../config/upstream-settings.ts";
import type { Carrier, CarrierEvents } from "./carrier.ts";
import { InFlight } from "./in-flight.ts";
import type { Inquiry, Channel as Place } from "./inquiry.ts";
import type { RandomNumbers } from "./random.ts";

/** Beyond as many sockets, a random one of them takes further questions. */
const MOST_CHANNELS = 512;

interface Channel extends Place {
	localPort: number;
	readonly socket: Socket;
	readonly inFlight: InFlight;
	/** What waits for the socket to be connected; undefined afterwards. */
	waiting: Inquiry[] | undefined;
}

export class DgramCarrier implements Carrier {
	readonly #server: UpstreamServer;
	readonly #random: RandomNumbers;
	readonly #events: CarrierEvents;
	readonly #channels: Channel[] = [];

	constructor(server: UpstreamServer, random: RandomNumbers, events: CarrierEvents) {
		this.#server = server;
		this.#random = random;
		this.#events = events;
	}

	send(inquiry: Inquiry): void {
		const full = this.#channels.length >= MOST_CHANNELS;
		const channel = full ? this.#channels[this.#random.below(this.#channels.length)] : this.#open();
		channel.inFlight.enlist(inquiry, this, channel, this.#random);
		if (channel.waiting === undefined) this.#transmit(channel, inquiry);
		else channel.waiting.push(inquiry);
	}

	forget(inquiry: Inquiry): void {
		const channel = inquiry.channel as Channel | undefined;
		inquiry.leave();
		if (channel === undefined) return;
		channel.inFlight.forget(inquiry);
		if (channel.inFlight.isEmpty) this.#close(channel);
	}

	flush(): void {}

	close(): void {
		for (const channel of this.#channels.slice()) this.#close(channel);
	}

	#open(): Channel {
		const socket = createSocket(this.#server.family === 4 ? "udp4" : "udp6");
		const channel: Channel = { localPort: 0, socket, inFlight: new InFlight(), waiting: [] };
		this.#channels.push(channel);
		socket.on("message", (message) => channel.inFlight.receive(message, this.#events));
		socket.on("error", () => this.#refuse(channel));
		socket.on("connect", () => {
			const waiting = channel.waiting ?? [];
			channel.waiting = undefined;
			channel.localPort = socket.address().port;
			for (const inquiry of waiting) if (inquiry.channel === channel) this.#transmit(channel, inquiry);
		});
		socket.connect(this.#server.port, this.#server.address);
		return channel;
	}

	#transmit(channel: Channel, inquiry: Inquiry): void {
		channel.socket.send(inquiry.packet, 0, inquiry.packetLength, (error) => {
			if (error !== null) this.#refuse(channel);
		});
	}

	#close(channel: Channel): void {
		const at = this.#channels.indexOf(channel);
		if (at < 0) return;
		this.#channels.splice(at, 1);
		channel.socket.close();
	}

	#refuse(channel: Channel): void {
		this.#close(channel);
		channel.inFlight.refuse(this.#events);
	}
}
