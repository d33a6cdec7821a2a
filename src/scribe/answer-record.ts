/** A record of KIND.answer, read. Filled again for each. */
import { CATEGORIES } from "../config/vocabulary.ts";
import { BLOCK_ACTIONS, BLOCK_REASONS, TRANSPORTS, VIAS } from "../observe/counters.ts";
import { ANSWER_AT, LIMIT_REASONS } from "../observe/record.ts";
import type { RingReader } from "../observe/ring.ts";
import { MAX_NAME_BYTES } from "../wire/codes.ts";

const BLOCKED = VIAS.indexOf("blocked");
const LIMITED = VIAS.indexOf("limited");
/** Behind the name: type and class. */
const QUESTION_TAIL = 4;

export class AnswerRecord {
	/** The ring's: the record lies in it for as long as the present call. */
	bytes: Uint8Array = new Uint8Array(0);
	received = 0;
	took = 0;
	transport: string | undefined;
	via: string | undefined;
	/** Undefined: neither blocked nor log-only. */
	category: string | undefined;
	/** Undefined: not blocked. */
	action: string | undefined;
	/** Undefined: neither blocked nor limited. */
	reason: string | undefined;
	addressAt = 0;
	addressLength = 0;
	port = 0;
	rcode = 0;
	/** Numbers of the lexicon. */
	list = 0;
	upstream = 0;
	ede = 0;
	flags = 0;
	bits = 0;
	nameAt = 0;
	/** As `nameAt` when there is no question. */
	nameEnd = 0;
	/** The answer as it was written; both the same when it is not there. */
	messageAt = 0;
	messageEnd = 0;

	/** @returns whether it holds a record. */
	take({ bytes, shorts, doubles }: RingReader, at: number, end: number): boolean {
		const short = (offset: number) => shorts[(at + offset) >>> 1];
		const via = bytes[at + ANSWER_AT.via];
		const reason = bytes[at + ANSWER_AT.reason];
		const questionLength = short(ANSWER_AT.questionLength);
		const question = at + ANSWER_AT.question;
		this.bytes = bytes;
		this.received = doubles[(at + ANSWER_AT.received) >>> 3];
		this.took = doubles[(at + ANSWER_AT.took) >>> 3];
		this.transport = TRANSPORTS[bytes[at + ANSWER_AT.transport]];
		this.via = VIAS[via];
		this.category = CATEGORIES[bytes[at + ANSWER_AT.category]];
		this.action = via === BLOCKED ? BLOCK_ACTIONS[bytes[at + ANSWER_AT.action]] : undefined;
		this.reason =
			via === BLOCKED ? BLOCK_REASONS[reason] : via === LIMITED ? LIMIT_REASONS[reason] : undefined;
		this.addressAt = at + ANSWER_AT.address;
		this.addressLength = bytes[at + ANSWER_AT.addressLength];
		this.port = short(ANSWER_AT.port);
		this.rcode = short(ANSWER_AT.rcode);
		this.list = short(ANSWER_AT.list);
		this.upstream = short(ANSWER_AT.upstream);
		this.ede = short(ANSWER_AT.ede);
		this.flags = short(ANSWER_AT.flags);
		this.bits = bytes[at + ANSWER_AT.bits];
		this.nameAt = question;
		this.nameEnd = question + Math.max(0, questionLength - QUESTION_TAIL);
		this.messageAt = question + questionLength;
		this.messageEnd = this.messageAt + short(ANSWER_AT.messageLength);
		const isAddress = this.addressLength === 4 || this.addressLength === 16;
		if (this.nameEnd - this.nameAt > MAX_NAME_BYTES) return false;
		return this.messageEnd <= end && isAddress && isTime(this.received) && isTime(this.took);
	}

	get hasQuestion(): boolean {
		return this.nameEnd > this.nameAt;
	}

	/** For a record with a question. */
	get type(): number {
		return (this.bytes[this.nameEnd] << 8) | this.bytes[this.nameEnd + 1];
	}

	get class(): number {
		return (this.bytes[this.nameEnd + 2] << 8) | this.bytes[this.nameEnd + 3];
	}
}

/** Milliseconds that a Date can hold. */
function isTime(ms: number): boolean {
	return ms >= 0 && ms <= 8.64e15;
}
