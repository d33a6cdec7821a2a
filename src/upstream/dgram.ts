/** Questions to one upstream over UDP through Node's own sockets, one fresh socket for each while there are few. */
import { createSocket, type Socket } from "node:dgram";
import type { UpstreamServer } from "../config/settings.ts";
import type { Carrier, CarrierEvents } from "./carrier.ts";
import type { Inquiry } from "./inquiry.ts";
import type { RandomNumbers } from "./random.ts";

/** Beyond as many sockets, a random one of them takes further questions. */
const MOST_CHANNELS = 512;

interface Channel {
	readonly socket: Socket;
	readonly inFlight: Map<number, Inquiry>;
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
		let id = this.#random.word();
		while (channel.inFlight.has(id)) id = this.#random.word();
		inquiry.mark(id);
		inquiry.carrier = this;
		inquiry.channel = channel;
		channel.inFlight.set(id, inquiry);
		if (channel.waiting === undefined) this.#transmit(channel, inquiry);
		else channel.waiting.push(inquiry);
	}

	forget(inquiry: Inquiry): void {
		const channel = inquiry.channel as Channel | undefined;
		inquiry.channel = undefined;
		inquiry.carrier = undefined;
		if (channel === undefined) return;
		channel.inFlight.delete(inquiry.id);
		if (channel.inFlight.size === 0) this.#close(channel);
	}

	flush(): void {}

	close(): void {
		for (const channel of this.#channels.slice()) this.#close(channel);
	}

	#open(): Channel {
		const socket = createSocket(this.#server.family === 4 ? "udp4" : "udp6");
		const channel: Channel = { socket, inFlight: new Map(), waiting: [] };
		this.#channels.push(channel);
		socket.on("message", (message) => this.#receive(channel, message));
		socket.on("error", () => this.#refuse(channel));
		socket.on("connect", () => {
			const waiting = channel.waiting ?? [];
			channel.waiting = undefined;
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
		const inquiries = Array.from(channel.inFlight.values());
		channel.inFlight.clear();
		this.#close(channel);
		for (const inquiry of inquiries) {
			inquiry.channel = undefined;
			inquiry.carrier = undefined;
			this.#events.refused(inquiry);
		}
	}

	#receive(channel: Channel, message: Uint8Array): void {
		const inquiry = message.length < 2 ? undefined : channel.inFlight.get((message[0] << 8) | message[1]);
		if (inquiry === undefined) this.#events.stranger();
		else this.#events.received(inquiry, message, 0, message.length);
	}
}
