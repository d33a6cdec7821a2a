/** One question on its way through upstreams, with the state of its present try. */
import { CLASS, FLAG, HEADER_BYTES, TYPE } from "../wire/codes.ts";
import { putWord } from "../wire/reply.ts";
import type { Response } from "../wire/response.ts";

/** What our queries offer: small enough to cross any network whole (RFC 9715). */
const UDP_PAYLOAD = 1232;
const OPT_BYTES = 11;

/** Whoever waits for the outcome. Exactly one of the two is called, once. */
export interface Waiting {
	/** `response` is only good during the call. */
	answered(response: Response): void;
	/** `ede`: info code of the extended error that tells why. */
	failed(ede: number): void;
}

/** The question as sent: RD set, CD as the client asked, EDNS with DO as the client asked. */
function queryPacket(
	name: Uint8Array,
	type: number,
	dnssecOk: boolean,
	checkingDisabled: boolean,
): Uint8Array {
	const questionEnd = HEADER_BYTES + name.length + 4;
	const packet = new Uint8Array(questionEnd + OPT_BYTES);
	putWord(packet, 2, FLAG.RD | (checkingDisabled ? FLAG.CD : 0));
	packet[5] = 1;
	packet[11] = 1;
	packet.set(name, HEADER_BYTES);
	putWord(packet, questionEnd - 4, type);
	putWord(packet, questionEnd - 2, CLASS.IN);
	putWord(packet, questionEnd + 1, TYPE.OPT);
	putWord(packet, questionEnd + 3, UDP_PAYLOAD);
	packet[questionEnd + 7] = dnssecOk ? 0x80 : 0;
	return packet;
}

export class Inquiry {
	/** The query; its first two bytes are the id of the present try. */
	readonly packet: Uint8Array;
	readonly questionEnd: number;
	readonly type: number;
	readonly waiting: Waiting;
	/** Number of the upstream asked at present. */
	upstream = -1;
	attempts = 0;
	/** One bit for each upstream asked already. */
	tried = 0;
	/** The present try goes over TCP because UDP was too small. */
	byStream = false;
	/** Milliseconds on the worker's clock. */
	sentAt = 0;
	deadline = 0;
	/** Takes it out of whatever carries it at present. */
	carrier: { forget(inquiry: Inquiry): void } | undefined;
	/** Where within its carrier it is in flight. */
	channel: { readonly inFlight: Map<number, Inquiry> } | undefined;
	/** Neighbours in the queue of deadlines. */
	earlier: Inquiry | undefined;
	later: Inquiry | undefined;

	constructor(
		name: Uint8Array,
		type: number,
		dnssecOk: boolean,
		checkingDisabled: boolean,
		waiting: Waiting,
	) {
		this.packet = queryPacket(name, type, dnssecOk, checkingDisabled);
		this.questionEnd = HEADER_BYTES + name.length + 4;
		this.type = type;
		this.waiting = waiting;
	}

	get id(): number {
		return (this.packet[0] << 8) | this.packet[1];
	}

	set id(id: number) {
		putWord(this.packet, 0, id);
	}
}
