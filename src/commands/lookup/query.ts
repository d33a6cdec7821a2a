/** The question as a message, written with dns2. */
import { Packet } from "dns2";
import { encodeName } from "./name.ts";

export interface Question {
	readonly labels: readonly Uint8Array[];
	readonly type: number;
	readonly class: number;
}

export interface QueryOptions {
	/** Bytes of the largest UDP answer that we can take; 0 leaves EDNS out. */
	readonly bufferSize: number;
	/** The DO bit: send signatures too (RFC 3225). */
	readonly dnssec: boolean;
	/** The RD bit. */
	readonly recursive: boolean;
	/** The CD bit: do not validate for us (RFC 4035, section 3.2.2). */
	readonly checkingDisabled: boolean;
}

/** A question on its way: its bytes, and what an answer to it must carry. */
export interface Query {
	readonly id: number;
	readonly question: Question;
	readonly message: Buffer;
}

/** Bits from the start of the message, to which AD and CD are set: dns2's types do not know them. */
const AD_BIT = 26;
const CD_BIT = 27;

/** Writes a query. DoH wants the id 0, so that equal questions are equal requests (RFC 8484, section 4.1). */
export function buildQuery(question: Question, options: QueryOptions, id: number = Packet.uuid()): Query {
	const writer = new Packet.Writer();
	const arcount = options.bufferSize === 0 ? 0 : 1;
	new Packet.Header({ id, rd: options.recursive ? 1 : 0, qdcount: 1, arcount }).toBuffer(writer);
	// AD asks to hear whether the answer is authentic, without asking for the signatures (RFC 6840, section 5.7).
	writer.patch(AD_BIT, 1, 1);
	writer.patch(CD_BIT, options.checkingDisabled ? 1 : 0, 1);
	// Not Packet.Name.encode: a dot inside a label would be lost.
	for (const byte of encodeName(question.labels)) writer.write(byte, 8);
	writer.write(question.type, 16);
	writer.write(question.class, 16);
	if (arcount === 1) {
		const opt = Packet.Resource.EDNS([], { udpPayloadSize: options.bufferSize, doFlag: options.dnssec });
		Packet.Resource.encode(opt, writer);
	}
	return { id, question, message: writer.toBuffer() };
}
