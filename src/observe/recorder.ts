/** Writes what became of each question into the worker's ring, from the query and the finished answer. */
import { HEADER_BYTES } from "../wire/codes.ts";
import { type Counters, VIAS } from "./counters.ts";
import { ANSWER_AT, ANSWER_BITS, KIND, NO_CATEGORY, NO_EDE, NO_NAME, NOTHING_SENT } from "./record.ts";
import type { RingWriter } from "./ring.ts";
import type { WallClock } from "./wall-clock.ts";

/** What of a question is recorded. */
interface Asked {
	readonly message: Uint8Array;
	readonly start: number;
	readonly questionEnd: number;
	readonly flags: number;
	readonly hasEdns: boolean;
	readonly dnssecOk: boolean;
	readonly transport: number;
	readonly addressBytes: Uint8Array;
	readonly addressAt: number;
	readonly addressLength: number;
	readonly receivedAt: number;
	readonly logged: boolean;
	readonly loggedCategory: number;
	readonly path: { readonly clientPort: number };
}

/** What of an answer is recorded; `rcode` -1 and `length` 0: nothing is sent. */
interface Finished {
	readonly bytes: Uint8Array;
	readonly start: number;
	readonly length: number;
	readonly via: number;
	readonly rcode: number;
	readonly category: number;
	readonly action: number;
	readonly reason: number;
	readonly limitedBy: number;
	readonly list: number;
	readonly upstream: number;
	readonly ede: number;
}

/** What the query log wants of a worker. */
export interface QueryRecording {
	/** By upstream slot, the number of its name in the lexicon. */
	readonly upstreamNames: readonly number[];
	/** One bit for each of VIAS: answers of other kinds are not recorded. */
	readonly vias: number;
	/** One answer in so many is recorded, whichever chance picks. */
	readonly sample: number;
	/** Whether the records of the answer are wanted as well. */
	readonly withRecords: boolean;
}

const BLOCKED = VIAS.indexOf("blocked");
const LIMITED = VIAS.indexOf("limited");

export class Recorder {
	readonly #ring: RingWriter;
	readonly #counters: Counters;
	readonly #clock: WallClock;
	readonly #upstreamNames: readonly number[];
	readonly #vias: number;
	readonly #sample: number;
	readonly #withRecords: boolean;

	/** `ring`: the worker's, shared with whoever else in it writes records. */
	constructor(recording: QueryRecording, ring: RingWriter, counters: Counters, clock: WallClock) {
		this.#ring = ring;
		this.#counters = counters;
		this.#clock = clock;
		this.#upstreamNames = recording.upstreamNames;
		this.#vias = recording.vias;
		this.#sample = recording.sample;
		this.#withRecords = recording.withRecords;
	}

	/** The answer as it is before its EDNS is written, and before it is cut to what its client can take. */
	finished(asked: Asked, answer: Finished, now: number): void {
		if (((this.#vias >>> answer.via) & 1) === 0) return;
		if (this.#sample > 1 && Math.random() * this.#sample >= 1) return;
		const from = asked.start + HEADER_BYTES;
		const questionLength = asked.questionEnd - from;
		const messageLength = this.#withRecords ? answer.length : 0;
		const length = ANSWER_AT.question + questionLength + messageLength;
		const ring = this.#ring;
		const at = ring.begin(length);
		if (at < 0) {
			this.#counters.add("queryLogRingFull", 1);
			return;
		}
		this.#putHead(at, asked, answer, now);
		const { bytes } = ring;
		const { message } = asked;
		const to = at + ANSWER_AT.question;
		for (let i = 0; i < questionLength; i++) bytes[to + i] = message[from + i];
		ring.shorts[(at + ANSWER_AT.questionLength) >>> 1] = questionLength;
		ring.shorts[(at + ANSWER_AT.messageLength) >>> 1] = messageLength;
		for (let i = 0; i < messageLength; i++) bytes[to + questionLength + i] = answer.bytes[answer.start + i];
		ring.commit(KIND.answer, length);
	}

	#putHead(at: number, asked: Asked, answer: Finished, now: number): void {
		const { bytes, shorts, doubles } = this.#ring;
		const { addressBytes, addressAt, addressLength } = asked;
		const { via } = answer;
		const isSent = answer.length > 0;
		const logOnly = asked.logged && via !== BLOCKED;
		const category = logOnly ? asked.loggedCategory : answer.category;
		doubles[(at + ANSWER_AT.received) >>> 3] = this.#clock.at(asked.receivedAt);
		doubles[(at + ANSWER_AT.took) >>> 3] = now - asked.receivedAt;
		bytes[at + ANSWER_AT.transport] = asked.transport;
		bytes[at + ANSWER_AT.via] = via;
		bytes[at + ANSWER_AT.category] = category < 0 ? NO_CATEGORY : category;
		bytes[at + ANSWER_AT.action] = answer.action;
		bytes[at + ANSWER_AT.reason] = via === LIMITED ? answer.limitedBy : answer.reason;
		bytes[at + ANSWER_AT.addressLength] = addressLength;
		bytes[at + ANSWER_AT.bits] =
			(asked.hasEdns ? ANSWER_BITS.edns : 0) |
			(asked.dnssecOk ? ANSWER_BITS.dnssecOk : 0) |
			(logOnly ? ANSWER_BITS.logOnly : 0);
		const word = at >>> 1;
		shorts[word + ANSWER_AT.rcode / 2] = isSent ? answer.rcode : NOTHING_SENT;
		shorts[word + ANSWER_AT.list / 2] = answer.category < 0 || answer.list < 0 ? NO_NAME : answer.list;
		shorts[word + ANSWER_AT.upstream / 2] =
			answer.upstream < 0 ? NO_NAME : (this.#upstreamNames[answer.upstream] ?? NO_NAME);
		shorts[word + ANSWER_AT.port / 2] = asked.path.clientPort;
		shorts[word + ANSWER_AT.ede / 2] = isSent && answer.ede >= 0 ? answer.ede : NO_EDE;
		shorts[word + ANSWER_AT.flags / 2] = asked.flags;
		const to = at + ANSWER_AT.address;
		for (let i = 0; i < addressLength; i++) bytes[to + i] = addressBytes[addressAt + i];
	}
}
