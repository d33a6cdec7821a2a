/** One question as one line: JSON, or key=value for people. */
import type { QueryLogSettings } from "../config/log-settings.ts";
import type { LexiconReader } from "../observe/lexicon.ts";
import type { AnswerRecord } from "./answer-record.ts";
import { ClientText } from "./client-text.ts";
import { Line } from "./line.ts";
import { FIELDS, type Field, type FieldParts } from "./query-fields.ts";
import { TimeText } from "./time-text.ts";

const NEWLINE = 0x0a;
const TEXT = new TextEncoder();

export class QueryLine {
	readonly line = new Line();
	readonly #parts: FieldParts;
	/** Each with what stands before its value. */
	readonly #fields: readonly (Field & { readonly key: Uint8Array })[];

	constructor(settings: QueryLogSettings, secret: Uint8Array, lexicon: LexiconReader) {
		const json = settings.format === "json";
		this.#parts = { json, client: new ClientText(settings.privacy, secret), time: new TimeText(), lexicon };
		this.#fields = settings.fields.map((field) => ({
			...FIELDS[field],
			key: TEXT.encode(keyOf(field, json)),
		}));
	}

	/** Puts the record into `line`, its end of line included. */
	put(record: AnswerRecord): void {
		const { line } = this;
		const parts = this.#parts;
		line.length = 0;
		if (parts.json) line.ascii("{");
		let isFirst = true;
		for (const { has, put, key } of this.#fields) {
			if (has !== undefined && !has(record, parts)) continue;
			if (!isFirst) line.ascii(parts.json ? "," : " ");
			isFirst = false;
			line.put(key);
			put(line, record, parts);
		}
		if (parts.json) line.ascii("}");
		line.byte(NEWLINE);
	}
}

/** In text the time stands alone, as in the program's own log. */
function keyOf(field: string, json: boolean): string {
	if (json) return `"${field}":`;
	return field === "time" ? "" : `${field}=`;
}
