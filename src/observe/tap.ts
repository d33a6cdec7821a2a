/** Writes messages as they go over the wire into a ring of the worker's, for dnstap. There is one only while it is on. */
import type { DnstapMessage } from "../config/vocabulary.ts";
import { type Counters, VIAS } from "./counters.ts";
import { KIND, NO_NAME, WIRE_AT, WIRE_BITS, WIRE_TYPE } from "./record.ts";
import type { RingWriter } from "./ring.ts";
import type { WallClock } from "./wall-clock.ts";

/** A question of a client. */
interface Asked {
	readonly message: Uint8Array;
	readonly start: number;
	readonly id: number;
	readonly transport: number;
	readonly addressBytes: Uint8Array;
	readonly addressAt: number;
	readonly addressLength: number;
	readonly receivedAt: number;
	readonly path: { readonly clientPort: number };
}

/** Its answer, as it is sent. */
interface Answered {
	readonly bytes: Uint8Array;
	readonly start: number;
	readonly length: number;
	readonly via: number;
	readonly list: number;
	readonly action: number;
	readonly reason: number;
}

/** A question of ours to an upstream. */
interface Sent {
	readonly packet: Uint8Array;
	readonly packetLength: number;
	readonly id: number;
	readonly sentAt: number;
	readonly channel: { readonly localPort: number } | undefined;
}

interface Remote {
	/** 4 or 16 bytes. */
	readonly address: Uint8Array;
	readonly port: number;
}

/** What dnstap wants of a worker. */
export interface Tapping {
	readonly messages: readonly DnstapMessage[];
	/** One bit for each of VIAS: responses to clients of other kinds are not wanted. */
	readonly vias: number;
	/** One exchange in so many is wanted, query and response alike. */
	readonly sample: number;
}

/** Where whoever sees messages looks for the tap. It is put there and taken away while they look. */
export class TapPoint {
	/** Undefined: dnstap is off. */
	tap: Tap | undefined;
}

const TYPES: Readonly<Record<DnstapMessage, number>> = {
	"client-query": WIRE_TYPE.clientQuery,
	"client-response": WIRE_TYPE.clientResponse,
	"forwarder-query": WIRE_TYPE.forwarderQuery,
	"forwarder-response": WIRE_TYPE.forwarderResponse,
};
const BLOCKED = VIAS.indexOf("blocked");
const UDP = 0;
const TCP = 1;
/** Odd, and near the golden ratio of 2 to the power of 32: what is multiplied by it is spread evenly. */
const SPREAD = 0x9e3779b1;

export class Tap {
	readonly #ring: RingWriter;
	/** One bit for each of WIRE_TYPE. */
	readonly #types: number;
	readonly #vias: number;
	readonly #sample: number;
	readonly #counters: Counters;
	readonly #clock: WallClock;
	/** So that nobody can choose ids which are never seen. */
	readonly #salt = Math.floor(Math.random() * 2 ** 32);

	constructor(tapping: Tapping, ring: RingWriter, counters: Counters, clock: WallClock) {
		this.#ring = ring;
		this.#types = tapping.messages.reduce((bits, message) => bits | (1 << TYPES[message]), 0);
		this.#vias = tapping.vias;
		this.#sample = tapping.sample;
		this.#counters = counters;
		this.#clock = clock;
	}

	/** The question ends at `end`; `local`: our own address, at `localAt` there. */
	clientQuery(asked: Asked, end: number, local: Uint8Array, localAt: number, localPort: number): void {
		const { clientPort } = asked.path;
		if (!this.#wants(WIRE_TYPE.clientQuery, asked.id, clientPort)) return;
		const at = this.#begin(WIRE_TYPE.clientQuery, asked.message, asked.start, end);
		if (at < 0) return;
		this.#putClient(at, asked, clientPort, local, localAt, localPort);
		this.#ring.doubles[(at + WIRE_AT.time) >>> 3] = this.#clock.at(asked.receivedAt);
		this.#ring.doubles[(at + WIRE_AT.queryTime) >>> 3] = 0;
		this.#ring.bytes[at + WIRE_AT.bits] = WIRE_BITS.asker;
		this.#ring.commit(KIND.wire, WIRE_AT.message + end - asked.start);
	}

	/** The answer as it leaves: cut to what its client takes, and with its EDNS. */
	clientResponse(
		asked: Asked,
		answer: Answered,
		local: Uint8Array,
		localAt: number,
		localPort: number,
	): void {
		const { clientPort } = asked.path;
		if (((this.#vias >>> answer.via) & 1) === 0) return;
		if (!this.#wants(WIRE_TYPE.clientResponse, asked.id, clientPort)) return;
		const { start, length } = answer;
		const at = this.#begin(WIRE_TYPE.clientResponse, answer.bytes, start, start + length);
		if (at < 0) return;
		this.#putClient(at, asked, clientPort, local, localAt, localPort);
		const { bytes, shorts, doubles } = this.#ring;
		const isBlocked = answer.via === BLOCKED;
		doubles[(at + WIRE_AT.time) >>> 3] = this.#clock.at(performance.now());
		doubles[(at + WIRE_AT.queryTime) >>> 3] = this.#clock.at(asked.receivedAt);
		bytes[at + WIRE_AT.bits] = WIRE_BITS.asker | (isBlocked ? WIRE_BITS.blocked : 0);
		shorts[(at + WIRE_AT.list) >>> 1] = isBlocked && answer.list >= 0 ? answer.list : NO_NAME;
		bytes[at + WIRE_AT.action] = answer.action;
		bytes[at + WIRE_AT.reason] = answer.reason;
		this.#ring.commit(KIND.wire, WIRE_AT.message + length);
	}

	forwarderQuery(sent: Sent, to: Remote, isTcp: boolean): void {
		const { packet, packetLength } = sent;
		if (!this.#wants(WIRE_TYPE.forwarderQuery, sent.id, 0)) return;
		const at = this.#begin(WIRE_TYPE.forwarderQuery, packet, 0, packetLength);
		if (at < 0) return;
		this.#putUpstream(at, sent, to, isTcp);
		this.#ring.doubles[(at + WIRE_AT.time) >>> 3] = this.#clock.at(sent.sentAt);
		this.#ring.doubles[(at + WIRE_AT.queryTime) >>> 3] = 0;
		this.#ring.commit(KIND.wire, WIRE_AT.message + packetLength);
	}

	/** What came from an upstream under the id of a question, whether it is believed or not. */
	forwarderResponse(
		sent: Sent,
		from: Remote,
		isTcp: boolean,
		message: Uint8Array,
		start: number,
		end: number,
	): void {
		if (!this.#wants(WIRE_TYPE.forwarderResponse, sent.id, 0)) return;
		const at = this.#begin(WIRE_TYPE.forwarderResponse, message, start, end);
		if (at < 0) return;
		this.#putUpstream(at, sent, from, isTcp);
		this.#ring.doubles[(at + WIRE_AT.time) >>> 3] = this.#clock.at(performance.now());
		this.#ring.doubles[(at + WIRE_AT.queryTime) >>> 3] = this.#clock.at(sent.sentAt);
		this.#ring.commit(KIND.wire, WIRE_AT.message + end - start);
	}

	/** Query and response of an exchange have the same id and port, and so the same luck. */
	#wants(type: number, id: number, port: number): boolean {
		if (((this.#types >>> type) & 1) === 0) return false;
		if (this.#sample === 1) return true;
		const hash = Math.imul(((id << 16) | port) ^ this.#salt, SPREAD) >>> 0;
		return hash * this.#sample < 2 ** 32;
	}

	/** @returns where the record is, its message in it already; -1 when there is no room. */
	#begin(type: number, message: Uint8Array, start: number, end: number): number {
		const length = end - start;
		const at = this.#ring.begin(WIRE_AT.message + length);
		if (at < 0) {
			this.#counters.add("dnstapRingFull", 1);
			return -1;
		}
		const { bytes } = this.#ring;
		const to = at + WIRE_AT.message;
		for (let i = 0; i < length; i++) bytes[to + i] = message[start + i];
		bytes[at + WIRE_AT.type] = type;
		this.#ring.longs[(at + WIRE_AT.length) >>> 2] = length;
		return at;
	}

	#putClient(
		at: number,
		{ transport, addressBytes, addressAt, addressLength }: Asked,
		clientPort: number,
		local: Uint8Array,
		localAt: number,
		localPort: number,
	): void {
		const { bytes, shorts } = this.#ring;
		bytes[at + WIRE_AT.transport] = transport;
		bytes[at + WIRE_AT.addressLength] = addressLength;
		shorts[(at + WIRE_AT.askerPort) >>> 1] = clientPort;
		shorts[(at + WIRE_AT.answererPort) >>> 1] = localPort;
		for (let i = 0; i < addressLength; i++) {
			bytes[at + WIRE_AT.asker + i] = addressBytes[addressAt + i];
			bytes[at + WIRE_AT.answerer + i] = local[localAt + i];
		}
	}

	/** Which of our addresses the system chose is not known. */
	#putUpstream(at: number, { channel }: Sent, { address, port }: Remote, isTcp: boolean): void {
		const { bytes, shorts } = this.#ring;
		bytes[at + WIRE_AT.transport] = isTcp ? TCP : UDP;
		bytes[at + WIRE_AT.addressLength] = address.length;
		bytes[at + WIRE_AT.bits] = 0;
		shorts[(at + WIRE_AT.askerPort) >>> 1] = channel?.localPort ?? 0;
		shorts[(at + WIRE_AT.answererPort) >>> 1] = port;
		for (let i = 0; i < address.length; i++) bytes[at + WIRE_AT.answerer + i] = address[i];
	}
}
