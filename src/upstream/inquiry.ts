/** One question on its way through upstreams, with the state of its present try. */
import { CLASS, FLAG, HEADER_BYTES, MAX_NAME_BYTES, OPTION, TYPE } from "../wire/codes.ts";
import type { DomainName } from "../wire/name.ts";
import { OPTION_HEAD } from "../wire/option.ts";
import type { Response } from "../wire/response.ts";
import { SUBNET_BYTES, SUBNET_HEAD } from "../wire/subnet.ts";
import { putWord } from "../wire/word.ts";
import { COOKIE_BYTES } from "./server-cookies.ts";

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

/** What makes a reply over UDP look like a forgery; named as it is counted. */
export type Doubt = "wrongIds" | "wrongQuestions" | "wrongCases" | "wrongCookies" | "wrongSubnets";

/** Where within its carrier an inquiry is in flight. */
export interface Channel {
	/** The port that its replies come to; 0 while the system has not given one. */
	readonly localPort: number;
}

/** What carries an inquiry at present. */
interface Bearer {
	forget(inquiry: Inquiry): void;
}

/** Header, longest name, type and class, EDNS with a subnet and a cookie. */
export const QUERY_BYTES =
	HEADER_BYTES + MAX_NAME_BYTES + 4 + OPT_BYTES + OPTION_HEAD + SUBNET_BYTES + COOKIE_BYTES;

/** Used again and again: `aim` begins another question. */
export class Inquiry {
	/** The query: `packetLength` bytes of it. Its first two bytes are the id of the present try. */
	readonly packet = new Uint8Array(QUERY_BYTES);
	packetLength = 0;
	questionEnd = 0;
	/** Where the options of the present try begin in `packet`, behind those of the question. */
	optionsAt = 0;
	type = 0;
	/** May be changed while it waits, by whoever wants to hear first. */
	waiting: Waiting;
	id = 0;
	/** Number of the upstream asked at present. */
	upstream = -1;
	/** The slot in which that upstream is counted. */
	slot = -1;
	attempts = 0;
	/** One bit for each upstream asked already. */
	tried = 0;
	/** The letters of its name have a random case. */
	isScrambled = false;
	/** Where in `packet` the option with the client's subnet stands; 0 when there is none. */
	subnetAt = 0;
	/** It is to go over TCP at once. */
	streamFirst = false;
	/** Where in `packet` the cookie of the present try stands; 0 when it has none. */
	cookieAt = 0;
	/** How often the upstream asked at present said that it does not know its own cookie. */
	badCookies = 0;
	/** Number of the upstream that is asked without a cookie, which it did not understand; -1: none. */
	cookieless = -1;
	/** The present try goes over TCP because UDP was too small, or not to be trusted. */
	byStream = false;
	/** Why UDP was not to be trusted in the present try. */
	doubt: Doubt | undefined;
	/** The rcode of the reply that was not trusted. */
	doubtedRcode = 0;
	/** One bit for each upstream that could not be asked over TCP. */
	streamless = 0;
	/** Milliseconds on the worker's clock. */
	sentAt = 0;
	deadline = 0;
	/** Takes it out of whatever carries it at present. */
	carrier: Bearer | undefined;
	/** Where within its carrier it is in flight. */
	channel: Channel | undefined;
	/** Neighbours in the queue of deadlines. */
	earlier: Inquiry | undefined;
	later: Inquiry | undefined;

	constructor(waiting: Waiting) {
		this.waiting = waiting;
		this.packet[5] = 1;
		this.packet[11] = 1;
	}

	/** The question to be sent: RD set, CD as the client asked, EDNS with DO as the client asked. */
	aim(name: DomainName, type: number, dnssecOk: boolean, checkingDisabled: boolean): void {
		const { packet } = this;
		const questionEnd = HEADER_BYTES + name.length + 4;
		putWord(packet, 2, FLAG.RD | (checkingDisabled ? FLAG.CD : 0));
		for (let i = 0; i < name.length; i++) packet[HEADER_BYTES + i] = name.bytes[i];
		putWord(packet, questionEnd - 4, type);
		putWord(packet, questionEnd - 2, CLASS.IN);
		packet[questionEnd] = 0;
		putWord(packet, questionEnd + 1, TYPE.OPT);
		putWord(packet, questionEnd + 3, UDP_PAYLOAD);
		putWord(packet, questionEnd + 5, 0);
		putWord(packet, questionEnd + 7, dnssecOk ? 0x8000 : 0);
		this.questionEnd = questionEnd;
		this.optionsAt = questionEnd + OPT_BYTES;
		this.endOptions(this.optionsAt);
		this.type = type;
		this.slot = -1;
		this.attempts = 0;
		this.tried = 0;
		this.isScrambled = false;
		this.subnetAt = 0;
		this.streamFirst = false;
		this.cookieAt = 0;
		this.cookieless = -1;
		this.byStream = false;
		this.doubt = undefined;
		this.streamless = 0;
	}

	/** Tells the upstream of a client's subnet: `bytes` of its address, of which `length` bits count (RFC 7871, section 6). */
	putSubnet(family: number, length: number, bytes: Uint8Array): void {
		const { packet, optionsAt: at } = this;
		putWord(packet, at, OPTION.SUBNET);
		putWord(packet, at + 2, SUBNET_HEAD + bytes.length);
		putWord(packet, at + 4, family);
		packet[at + 6] = length;
		packet[at + 7] = 0;
		for (let i = 0; i < bytes.length; i++) packet[at + 8 + i] = bytes[i];
		this.subnetAt = at;
		this.optionsAt = at + OPTION_HEAD + SUBNET_HEAD + bytes.length;
	}

	/** DO and CD are sent too, so that signatures come along, and what is wrong with them is left to us to find. */
	wantProof(): void {
		this.packet[3] |= FLAG.CD;
		this.packet[this.questionEnd + 7] |= 0x80;
	}

	/** The last option of the query ends at `end`, and with it the query. */
	endOptions(end: number): void {
		const { questionEnd } = this;
		putWord(this.packet, questionEnd + OPT_BYTES - 2, end - questionEnd - OPT_BYTES);
		this.packetLength = end;
	}

	/** Where the name ends in `packet`. */
	get nameEnd(): number {
		return this.questionEnd - 4;
	}

	/** DO as it is sent. */
	get dnssecOk(): boolean {
		return (this.packet[this.questionEnd + 7] & 0x80) !== 0;
	}

	/** CD as it is sent. */
	get checkingDisabled(): boolean {
		return (this.packet[3] & FLAG.CD) !== 0;
	}

	/** The id of the present try. */
	mark(id: number): void {
		this.id = id;
		putWord(this.packet, 0, id);
	}

	/** From now on `carrier` carries it, under this id; `channel` tells that carrier where. */
	board(carrier: Bearer, channel: Channel, id: number): void {
		this.mark(id);
		this.carrier = carrier;
		this.channel = channel;
	}

	/** Nothing carries it any more. */
	leave(): void {
		this.carrier = undefined;
		this.channel = undefined;
	}
}
