/**
 * Questions to one upstream over UDP, in batches. All questions of one round share a freshly opened socket with a
 * random port; the next round takes another one. So each question goes out from a port that nobody can know in
 * advance (RFC 5452, section 9.2), at the price of one socket per round instead of one per question.
 */

import type { UpstreamServer } from "../config/settings.ts";
import { sockaddr } from "../sockets/address.ts";
import { Inbox, Outbox } from "../sockets/batch.ts";
import * as libc from "../sockets/libc.ts";
import { openConnectedUdp } from "../sockets/open.ts";
import type { Reactor } from "../sockets/reactor.ts";
import type { Carrier, CarrierEvents } from "./carrier.ts";
import type { Inquiry } from "./inquiry.ts";
import type { RandomNumbers } from "./random.ts";

const MOST_CHANNELS = 256;
const PORT_TRIES = 8;
const QUERY_SLOTS = 64;
/** Header, longest name, type and class, EDNS. */
const QUERY_BYTES = 12 + 255 + 4 + 11;
const REPLY_SLOTS = 32;
const REPLY_BYTES = 4096;

/** A socket, and which inquiries wait for a reply on it, by id. */
interface Channel {
	readonly fd: number;
	readonly inFlight: Map<number, Inquiry>;
}

/** Where replies are received to: one for all upstreams of a worker. */
export function createReplyInbox(): Inbox {
	return new Inbox(REPLY_SLOTS, REPLY_BYTES, false);
}

export class UdpCarrier implements Carrier {
	readonly #server: UpstreamServer;
	readonly #address: Buffer;
	readonly #reactor: Reactor;
	readonly #inbox: Inbox;
	readonly #random: RandomNumbers;
	readonly #events: CarrierEvents;
	readonly #outbox = new Outbox(QUERY_SLOTS, QUERY_BYTES);
	readonly #channels = new Map<number, Channel>();
	/** The channel of this round. */
	#current: Channel | undefined;

	constructor(
		server: UpstreamServer,
		reactor: Reactor,
		inbox: Inbox,
		random: RandomNumbers,
		events: CarrierEvents,
	) {
		this.#server = server;
		this.#address = sockaddr(server);
		this.#reactor = reactor;
		this.#inbox = inbox;
		this.#random = random;
		this.#events = events;
	}

	send(inquiry: Inquiry): void {
		if (this.#current !== undefined && this.#outbox.isFull) this.flush();
		const channel = this.#current ?? this.#open();
		if (channel === undefined) {
			queueMicrotask(() => this.#events.refused(inquiry));
			return;
		}
		this.#current = channel;
		let id = this.#random.word();
		while (channel.inFlight.has(id)) id = this.#random.word();
		inquiry.id = id;
		inquiry.carrier = this;
		inquiry.channel = channel;
		channel.inFlight.set(id, inquiry);
		const { packet } = inquiry;
		const at = this.#outbox.used * QUERY_BYTES;
		for (let i = 0; i < packet.length; i++) this.#outbox.bytes[at + i] = packet[i];
		this.#outbox.push(packet.length, 0, 0);
	}

	forget(inquiry: Inquiry): void {
		const channel = inquiry.channel as Channel | undefined;
		inquiry.channel = undefined;
		inquiry.carrier = undefined;
		if (channel === undefined) return;
		channel.inFlight.delete(inquiry.id);
		if (channel.inFlight.size === 0 && channel !== this.#current) this.#close(channel);
	}

	flush(): void {
		const channel = this.#current;
		if (channel === undefined) return;
		this.#current = undefined;
		const all = this.#outbox.used;
		const unsent = this.#outbox.flush(channel.fd);
		if (unsent === all && all > 0) this.#refuse(channel);
		else if (channel.inFlight.size === 0) this.#close(channel);
	}

	close(): void {
		for (const channel of this.#channels.values()) this.#close(channel);
	}

	#open(): Channel | undefined {
		if (this.#channels.size >= MOST_CHANNELS) {
			const fds = Array.from(this.#channels.keys());
			return this.#channels.get(fds[this.#random.below(fds.length)]);
		}
		for (let i = 0; i <= PORT_TRIES; i++) {
			const port = i === PORT_TRIES ? 0 : this.#random.port();
			const fd = openConnectedUdp(this.#address, this.#server.family, port);
			if (fd === undefined) continue;
			const channel: Channel = { fd, inFlight: new Map() };
			this.#channels.set(fd, channel);
			this.#reactor.add(fd, () => this.#receive(channel));
			return channel;
		}
		return undefined;
	}

	#close(channel: Channel): void {
		if (!this.#channels.delete(channel.fd)) return;
		this.#reactor.remove(channel.fd);
		libc.close(channel.fd);
	}

	/** An ICMP error: nobody listens there, or no way leads there. */
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

	#receive(channel: Channel): void {
		const inbox = this.#inbox;
		const count = inbox.receive(channel.fd);
		if (count < 0) {
			if (libc.lastError() === "ECONNREFUSED" && channel !== this.#current) this.#refuse(channel);
			return;
		}
		for (let slot = 0; slot < count; slot++) {
			const start = slot * REPLY_BYTES;
			const length = inbox.lengthOf(slot);
			const id = (inbox.bytes[start] << 8) | inbox.bytes[start + 1];
			const inquiry = length < 2 || inbox.isCut(slot) ? undefined : channel.inFlight.get(id);
			if (inquiry === undefined) this.#events.stranger();
			else this.#events.received(inquiry, inbox.bytes, start, start + length);
		}
		inbox.recycle(count);
	}
}
