/** Queries over UDP in batches: one system call brings many in, one takes many replies out. */
import type { Counters } from "../observe/counters.ts";
import type { Tap, TapPoint } from "../observe/tap.ts";
import { Answer } from "../resolve/answer.ts";
import { type Asker, Query, type ReturnPath } from "../resolve/query.ts";
import { addressBytes, type Endpoint, SOCKADDR_BYTES } from "../sockets/address.ts";
import { CONTROL_BYTES, type Inbox, Outbox } from "../sockets/batch.ts";
import { turnAway } from "../sockets/open.ts";
import type { Reactor } from "../sockets/reactor.ts";
import type { Round } from "../sockets/round.ts";
import { readQuery, SILENCE, UDP } from "../wire/query.ts";
import { finishReply } from "../wire/reply.ts";
import { wordAt } from "../wire/word.ts";

const REPLY_SLOTS = 64;
export const QUERY_SLOTS = 64;
/** Queries and replies are never larger: what a client offers beyond is not used. */
export const DATAGRAM_BYTES = 4096;
/** Batches read from one socket before others get their turn. */
const MOST_BATCHES = 4;

/** Ways back kept to be used again. */
const MOST_SPARE = 1024;

/** Where in a sockaddr port and address stand. */
const PORT_AT = 2;
const IPV4_AT = 4;
const IPV6_AT = 8;
/** Where in the packet information the number of the interface stands, behind a cmsghdr of 16 bytes. */
const INTERFACE_AT_V4 = 16;
const INTERFACE_AT_V6 = 32;
/** The address that was asked. */
const ADDRESS_AT_V4 = 24;
const ADDRESS_AT_V6 = 16;

export interface UdpSocket {
	readonly fd: number;
	readonly endpoint: Endpoint;
}

export interface UdpParts {
	readonly run: (query: Query, fault: number) => void;
	readonly reactor: Reactor;
	readonly round: Round;
	readonly counters: Counters;
	readonly tapPoint: TapPoint;
	/** Shared by all listeners of a worker that want packet information, or by all that don't. */
	readonly inbox: Inbox;
	/** Bytes of the largest answer. */
	readonly maxAnswer: number;
}

export class UdpListener implements ReturnPath {
	readonly #socket: UdpSocket;
	readonly #family: 4 | 6;
	readonly #parts: UdpParts;
	readonly #outbox = new Outbox(REPLY_SLOTS, DATAGRAM_BYTES);
	readonly #answer = new Answer();
	readonly #query: Query;
	readonly #spare: UdpReturn[] = [];
	readonly #nameBytes: number;
	/** Our own address, where packets do not say which it is. */
	readonly #local: Uint8Array;
	readonly #flush = () => this.flush();
	/** The packet being answered. */
	#slot = 0;
	/** Ways back that have not been gone yet. */
	#kept = 0;
	#isReleased = false;

	constructor(socket: UdpSocket, parts: UdpParts) {
		this.#socket = socket;
		this.#family = socket.endpoint.family;
		this.#local = addressBytes(socket.endpoint.address);
		this.#parts = parts;
		this.#query = new Query(parts.inbox.bytes, this);
		this.#query.transport = UDP;
		this.#query.addressBytes = parts.inbox.addresses;
		this.#query.addressLength = socket.endpoint.family === 4 ? 4 : 16;
		this.#nameBytes = socket.endpoint.family === 4 ? 16 : 28;
		this.#answer.bytes = this.#outbox.bytes;
		parts.round.onEnd(this.#flush);
		parts.reactor.add(socket.fd, () => this.#receive(MOST_BATCHES));
	}

	/** Gets no more packets, and reads those that are there. The descriptor stays open: it is not ours. */
	close(): void {
		const { reactor, round } = this.#parts;
		turnAway(this.#socket);
		reactor.remove(this.#socket.fd);
		round.join();
		this.#receive(Number.POSITIVE_INFINITY);
	}

	/** Whether answers are still on their way. */
	get isBusy(): boolean {
		return this.#kept > 0;
	}

	/** After `close`: answers that come now come too late, and the descriptor may be closed. */
	release(): void {
		this.flush();
		this.#isReleased = true;
		this.#parts.round.offEnd(this.#flush);
	}

	#receive(most: number): void {
		const { inbox, counters, round, run, tapPoint } = this.#parts;
		const query = this.#query;
		for (let batch = 0; batch < most; batch++) {
			const count = inbox.receive(this.#socket.fd);
			if (count <= 0) return;
			counters.add("packetsReceived", count);
			for (let slot = 0; slot < count; slot++) {
				this.#slot = slot;
				const start = slot * DATAGRAM_BYTES;
				const fault = inbox.isCut(slot)
					? SILENCE
					: readQuery(query, inbox.bytes, start, start + inbox.lengthOf(slot));
				if (fault === SILENCE) {
					counters.add("packetsMalformed", 1);
					continue;
				}
				query.addressAt = slot * SOCKADDR_BYTES + (this.#family === 4 ? IPV4_AT : IPV6_AT);
				query.receivedAt = round.now;
				query.allowed = false;
				const { tap } = tapPoint;
				if (tap !== undefined) this.#tapQuery(tap, query, start + inbox.lengthOf(slot));
				run(query, fault);
			}
			inbox.recycle(count);
			if (count < QUERY_SLOTS / 2 && most === MOST_BATCHES) return;
		}
	}

	#tapQuery(tap: Tap, query: Query, end: number): void {
		const { port } = this.#socket.endpoint;
		const { inbox } = this.#parts;
		if (inbox.controlLengthOf(this.#slot) === 0) tap.clientQuery(query, end, this.#local, 0, port);
		else tap.clientQuery(query, end, inbox.control, this.#slot * CONTROL_BYTES + this.#addressAt, port);
	}

	/** Where in the packet information our own address stands. */
	get #addressAt(): number {
		return this.#family === 4 ? ADDRESS_AT_V4 : ADDRESS_AT_V6;
	}

	flush(): void {
		if (this.#outbox.used === 0) return;
		const unsent = this.#outbox.flush(this.#socket.fd);
		if (unsent > 0) this.#parts.counters.add("repliesUnsent", unsent);
	}

	open(): Answer {
		if (this.#outbox.isFull) this.flush();
		this.#answer.start = this.#outbox.used * DATAGRAM_BYTES;
		this.#answer.limit = this.#answer.start + DATAGRAM_BYTES;
		return this.#answer;
	}

	commit(asker: Asker, answer: Answer): void {
		const { inbox } = this.#parts;
		const slot = this.#slot;
		this.send(
			asker,
			answer,
			inbox.addresses,
			slot * SOCKADDR_BYTES,
			inbox.control,
			slot * CONTROL_BYTES,
			inbox.controlLengthOf(slot),
		);
	}

	get clientPort(): number {
		return portAt(this.#parts.inbox.addresses, this.#slot * SOCKADDR_BYTES);
	}

	keep(): ReturnPath {
		const { inbox } = this.#parts;
		const slot = this.#slot;
		this.#kept++;
		const path = this.#spare.pop() ?? new UdpReturn(this);
		path.take(
			inbox.addresses,
			slot * SOCKADDR_BYTES,
			inbox.control,
			slot * CONTROL_BYTES,
			inbox.controlLengthOf(slot),
		);
		return path;
	}

	/** A way back that has been gone. */
	recycle(path: UdpReturn): void {
		this.#kept--;
		if (this.#spare.length < MOST_SPARE) this.#spare.push(path);
	}

	/** Puts the reply into the outbox, addressed to where its query came from, from where that query went to. */
	send(
		asker: Asker,
		answer: Answer,
		addresses: Uint8Array,
		addressAt: number,
		control: Uint8Array,
		controlAt: number,
		controlLength: number,
	): void {
		if (answer.length === 0 || this.#isReleased) return;
		finishReply(answer, asker, this.#parts.maxAnswer);
		const { tap } = this.#parts.tapPoint;
		if (tap !== undefined) {
			const { port } = this.#socket.endpoint;
			if (controlLength === 0) tap.clientResponse(asker, answer, this.#local, 0, port);
			else tap.clientResponse(asker, answer, control, controlAt + this.#addressAt, port);
		}
		const outbox = this.#outbox;
		const to = outbox.used * SOCKADDR_BYTES;
		for (let i = 0; i < this.#nameBytes; i++) outbox.addresses[to + i] = addresses[addressAt + i];
		if (controlLength > 0) this.#copyControl(control, controlAt, controlLength);
		outbox.push(answer.length, this.#nameBytes, controlLength);
	}

	/**
	 * The address that was asked becomes the one that answers; the interface is left to the routing table, but for
	 * link-local addresses, which mean nothing without it.
	 */
	#copyControl(control: Uint8Array, from: number, length: number): void {
		const to = this.#outbox.used * CONTROL_BYTES;
		const out = this.#outbox.control;
		for (let i = 0; i < length; i++) out[to + i] = control[from + i];
		const v4 = this.#family === 4;
		if (!v4 && out[to + ADDRESS_AT_V6] === 0xfe && (out[to + ADDRESS_AT_V6 + 1] & 0xc0) === 0x80) return;
		const at = to + (v4 ? INTERFACE_AT_V4 : INTERFACE_AT_V6);
		for (let i = 0; i < 4; i++) out[at + i] = 0;
	}
}

/** Of a sockaddr. */
function portAt(addresses: Uint8Array, at: number): number {
	return wordAt(addresses, at + PORT_AT);
}

/** The way back to one client, kept while its answer is on the way, and then used again. */
class UdpReturn implements ReturnPath {
	readonly #listener: UdpListener;
	readonly #address = new Uint8Array(SOCKADDR_BYTES);
	readonly #control = new Uint8Array(CONTROL_BYTES);
	#controlLength = 0;

	constructor(listener: UdpListener) {
		this.#listener = listener;
	}

	take(
		addresses: Uint8Array,
		addressAt: number,
		control: Uint8Array,
		controlAt: number,
		controlLength: number,
	): void {
		for (let i = 0; i < SOCKADDR_BYTES; i++) this.#address[i] = addresses[addressAt + i];
		for (let i = 0; i < controlLength; i++) this.#control[i] = control[controlAt + i];
		this.#controlLength = controlLength;
	}

	get clientPort(): number {
		return portAt(this.#address, 0);
	}

	keep(): ReturnPath {
		return this;
	}

	open(): Answer {
		return this.#listener.open();
	}

	commit(asker: Asker, answer: Answer): void {
		this.#listener.send(asker, answer, this.#address, 0, this.#control, 0, this.#controlLength);
		this.#listener.recycle(this);
	}
}
