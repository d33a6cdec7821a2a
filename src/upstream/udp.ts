/**
 * Questions to one upstream over UDP, in batches. All questions of one round share a freshly opened socket with a
 * random port; the next round takes another one. So each question goes out from a port that nobody can know in
 * advance (RFC 5452, section 9.2), at the price of one socket per round instead of one per question.
 */

import type { UpstreamServer } from "../config/upstream-settings.ts";
import { sockaddr } from "../sockets/address.ts";
import { Inbox, Outbox } from "../sockets/batch.ts";
import * as libc from "../sockets/libc.ts";
import { openConnectedUdp } from "../sockets/open.ts";
import type { Reactor } from "../sockets/reactor.ts";
import { matchQuestion } from "../wire/match.ts";
import { wordAt } from "../wire/word.ts";
import type { Carrier, CarrierEvents } from "./carrier.ts";
import { type Inquiry, type Channel as Place, QUERY_BYTES } from "./inquiry.ts";
import type { RandomNumbers } from "./random.ts";

const MOST_CHANNELS = 256;
const PORT_TRIES = 8;
const QUERY_SLOTS = 64;
const REPLY_SLOTS = 32;
const REPLY_BYTES = 4096;

/** A socket, and which inquiries wait for a reply on it: few enough to look through. */
interface Channel extends Place {
	readonly fd: number;
	readonly inFlight: Inquiry[];
}

function find(channel: Channel, id: number): Inquiry | undefined {
	const { inFlight } = channel;
	for (let i = 0; i < inFlight.length; i++) if (inFlight[i].id === id) return inFlight[i];
	return undefined;
}

/** The inquiry, if any, whose question a message repeats, whatever its id. */
function findAsked(channel: Channel, message: Uint8Array, start: number, end: number): Inquiry | undefined {
	const { inFlight } = channel;
	for (let i = 0; i < inFlight.length; i++) {
		const { packet, questionEnd } = inFlight[i];
		if (matchQuestion(message, start, end, packet, questionEnd) >= 0) return inFlight[i];
	}
	return undefined;
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
		while (find(channel, id) !== undefined) id = this.#random.word();
		inquiry.board(this, channel, id);
		channel.inFlight.push(inquiry);
		const { packet, packetLength } = inquiry;
		const { bytes } = this.#outbox;
		const at = this.#outbox.used * QUERY_BYTES;
		for (let i = 0; i < packetLength; i++) bytes[at + i] = packet[i];
		this.#outbox.push(packetLength, 0, 0);
	}

	forget(inquiry: Inquiry): void {
		const channel = inquiry.channel as Channel | undefined;
		inquiry.leave();
		if (channel === undefined) return;
		const { inFlight } = channel;
		const last = inFlight.pop();
		if (last !== undefined && last !== inquiry) inFlight[inFlight.indexOf(inquiry)] = last;
		if (inFlight.length === 0 && channel !== this.#current) this.#close(channel);
	}

	flush(): void {
		const channel = this.#current;
		if (channel === undefined) return;
		this.#current = undefined;
		const all = this.#outbox.used;
		const unsent = this.#outbox.flush(channel.fd);
		if (unsent === all && all > 0) this.#refuse(channel);
		else if (channel.inFlight.length === 0) this.#close(channel);
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
			const channel: Channel = { fd, localPort: port, inFlight: [] };
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
		const inquiries = channel.inFlight.splice(0);
		this.#close(channel);
		for (const inquiry of inquiries) {
			inquiry.leave();
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
			const id = wordAt(inbox.bytes, start);
			const inquiry = length < 2 ? undefined : find(channel, id);
			if (inquiry === undefined) this.#receiveMistaken(channel, start, start + length);
			else if (inbox.isCut(slot)) this.#events.stranger();
			else this.#events.received(inquiry, inbox.bytes, start, start + length);
		}
		inbox.recycle(count);
	}

	#receiveMistaken(channel: Channel, start: number, end: number): void {
		const inquiry = findAsked(channel, this.#inbox.bytes, start, end);
		if (inquiry === undefined) this.#events.stranger();
		else this.#events.mistaken(inquiry);
	}
}
