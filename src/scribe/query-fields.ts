/** The fields of the query log: when a question has them, and what they hold. */
import type { QueryLogField } from "../config/vocabulary.ts";
import type { LexiconReader } from "../observe/lexicon.ts";
import { ANSWER_BITS, NO_EDE, NO_NAME, NOTHING_SENT } from "../observe/record.ts";
import { className, rcodeName, typeName } from "../wire/code-names.ts";
import { FLAG } from "../wire/codes.ts";
import type { AnswerRecord } from "./answer-record.ts";
import type { ClientText } from "./client-text.ts";
import type { Line } from "./line.ts";
import { putName } from "./name-text.ts";
import { recordTexts } from "./records-text.ts";
import type { TimeText } from "./time-text.ts";

/** What the values are made with. */
export interface FieldParts {
	readonly json: boolean;
	readonly client: ClientText;
	readonly time: TimeText;
	readonly lexicon: LexiconReader;
}

/** `has` undefined: every question has it. */
export interface Field {
	readonly has?: (record: AnswerRecord, parts: FieldParts) => boolean;
	readonly put: (line: Line, record: AnswerRecord, parts: FieldParts) => void;
}

const QUOTE = 0x22;
/** Of JSON, for the room behind what may be cut off. */
const TAIL_ROOM = 2048;

function quoted(put: Field["put"]): Field["put"] {
	return (line, record, parts) => {
		if (parts.json) line.byte(QUOTE);
		put(line, record, parts);
		if (parts.json) line.byte(QUOTE);
	};
}

/** A word of ours, which needs no escapes. */
function word(read: (record: AnswerRecord) => string | undefined): Field {
	return {
		has: (record) => read(record) !== undefined,
		put: quoted((line, record) => line.ascii(read(record) ?? "")),
	};
}

/** A name of the lexicon: of lists and upstreams, whose characters the configuration limits. */
function named(read: (record: AnswerRecord) => number): Field {
	return {
		has: (record, { lexicon }) => read(record) !== NO_NAME && lexicon.nameOf(read(record)) !== undefined,
		put: quoted((line, record, { lexicon }) => line.put(lexicon.nameOf(read(record)) ?? new Uint8Array(0))),
	};
}

function flagsOf({ flags, bits }: AnswerRecord): string {
	return [
		(flags & FLAG.RD) !== 0 ? "rd" : "",
		(flags & FLAG.AD) !== 0 ? "ad" : "",
		(flags & FLAG.CD) !== 0 ? "cd" : "",
		(bits & ANSWER_BITS.edns) !== 0 ? "edns" : "",
		(bits & ANSWER_BITS.dnssecOk) !== 0 ? "do" : "",
	]
		.filter((flag) => flag !== "")
		.join(",");
}

function putRecords(line: Line, record: AnswerRecord, json: boolean): void {
	const texts = recordTexts(record.bytes, record.messageAt, record.messageEnd);
	if (json) line.ascii("[");
	let isFirst = true;
	for (const text of texts) {
		const shown = json ? JSON.stringify(text) : text.replace(" ", ":");
		if (line.room < shown.length + TAIL_ROOM) break;
		if (!isFirst) line.ascii(",");
		isFirst = false;
		line.ascii(shown);
	}
	if (json) line.ascii("]");
}

const hasQuestion = (record: AnswerRecord) => record.hasQuestion;

export const FIELDS: Readonly<Record<QueryLogField, Field>> = {
	time: { put: quoted((line, record, { time }) => time.put(line, record.received)) },
	client: {
		has: (_, { client }) => client.isTold,
		put: quoted((line, { bytes, addressAt, addressLength }, { client }) =>
			client.put(line, bytes, addressAt, addressLength),
		),
	},
	clientPort: {
		has: (_, { client }) => client.isPortTold,
		put: (line, { port }) => line.whole(port),
	},
	transport: word(({ transport }) => transport),
	name: {
		has: hasQuestion,
		put: quoted((line, { bytes, nameAt, nameEnd }, { json }) => putName(line, bytes, nameAt, nameEnd, json)),
	},
	type: { has: hasQuestion, put: quoted((line, { type }) => line.ascii(typeName(type))) },
	class: { has: hasQuestion, put: quoted((line, record) => line.ascii(className(record.class))) },
	rcode: word(({ rcode }) => (rcode === NOTHING_SENT ? "dropped" : rcodeName(rcode))),
	via: word(({ via }) => via),
	category: word(({ category }) => category),
	action: word(({ action }) => action),
	reason: word(({ reason }) => reason),
	list: named(({ list }) => list),
	logOnly: {
		has: ({ bits }) => (bits & ANSWER_BITS.logOnly) !== 0,
		put: (line) => line.ascii("true"),
	},
	upstream: named(({ upstream }) => upstream),
	durationMs: { put: (line, { took }) => line.decimal(took) },
	ede: { has: ({ ede }) => ede !== NO_EDE, put: (line, { ede }) => line.whole(ede) },
	flags: {
		has: (record) => flagsOf(record) !== "",
		put: quoted((line, record) => line.ascii(flagsOf(record))),
	},
	answers: {
		has: ({ messageAt, messageEnd }) => messageEnd > messageAt,
		put: (line, record, { json }) => putRecords(line, record, json),
	},
};
