/** The query log without its thread: questions recorded as a worker records them, and the lines that become of them. */
import type { QueryLogSettings } from "../../src/config/log-settings.ts";
import { QUERY_LOG_USUAL_FIELDS, VIAS } from "../../src/config/vocabulary.ts";
import { BLOCK_ACTIONS, BLOCK_REASONS, Counters } from "../../src/observe/counters.ts";
import { Lexicon, LexiconReader } from "../../src/observe/lexicon.ts";
import { KIND, NO_NAME } from "../../src/observe/record.ts";
import { Recorder } from "../../src/observe/recorder.ts";
import { createRing, RingReader, RingWriter } from "../../src/observe/ring.ts";
import { ScribeCounts } from "../../src/observe/scribe-counts.ts";
import { WallClock } from "../../src/observe/wall-clock.ts";
import { AnswerRecord } from "../../src/scribe/answer-record.ts";
import { QueryLine } from "../../src/scribe/query-line.ts";
import { addressBytes } from "../../src/sockets/address.ts";

export const SETTINGS: QueryLogSettings = {
	file: undefined,
	format: "json",
	fields: QUERY_LOG_USUAL_FIELDS,
	privacy: "full",
	secretFile: undefined,
	vias: 0xff,
	ignore: [],
	clients: [],
	exceptClients: [],
	sample: 1,
	rotation: { maxBytes: 0, everyMs: 0, keepFiles: 0, keepForMs: 0, compress: false },
};

export const SECRET = Uint8Array.from({ length: 16 }, (_, i) => i);
/** The time of day at which the worker's clock shows 0. */
const EPOCH = Date.UTC(2026, 10, 29, 2, 30, 5, 123);

export interface Asked {
	/** On the wire; undefined: the question could not be read. */
	readonly name?: Uint8Array | undefined;
	readonly type?: number;
	readonly client?: string;
	readonly via?: (typeof VIAS)[number];
	readonly over?: Partial<Parameters<Recorder["finished"]>[1]>;
	readonly about?: Partial<Parameters<Recorder["finished"]>[0]>;
	readonly tookMs?: number;
}

/** Uncompressed, each label as it is given. */
export function wireName(...labels: readonly (string | Uint8Array)[]): Uint8Array {
	const parts = labels.map((label) => Buffer.from(label));
	return Buffer.concat([
		...parts.map((label) => Buffer.concat([Buffer.of(label.length), label])),
		Buffer.of(0),
	]);
}

export class Logging {
	readonly counters = new Counters(Counters.create());
	readonly counts = new ScribeCounts();
	readonly lexicon = new Lexicon();
	readonly reader: RingReader;
	readonly #recorder: Recorder;
	readonly #settings: QueryLogSettings;

	constructor(over: Partial<QueryLogSettings> = {}, ringBytes = 1 << 16) {
		this.#settings = { ...SETTINGS, ...over };
		const ring = createRing(ringBytes);
		this.reader = new RingReader(ring);
		const clock = new WallClock(
			() => 0,
			() => EPOCH,
			EPOCH,
		);
		const wanted = {
			upstreamNames: [NO_NAME, this.lexicon.numberOf("udp://192.0.2.53:53")],
			vias: this.#settings.vias,
			sample: this.#settings.sample,
			withRecords: this.#settings.fields.includes("answers"),
		};
		this.#recorder = new Recorder(wanted, new RingWriter(ring), this.counters, clock);
	}

	record({ name = wireName("www", "example"), type = 1, client = "192.0.2.7", ...rest }: Asked = {}): void {
		const { via = "cache", over = {}, about = {}, tookMs = 0 } = rest;
		const question =
			name.length === 0 ? Buffer.alloc(0) : Buffer.concat([name, Buffer.of(type >> 8, type, 0, 1)]);
		const message = Buffer.concat([Buffer.alloc(12), question]);
		const address = addressBytes(client);
		const asked = {
			message,
			start: 0,
			questionEnd: message.length,
			flags: 0x0100,
			hasEdns: false,
			dnssecOk: false,
			transport: 0,
			addressBytes: address,
			addressAt: 0,
			addressLength: address.length,
			receivedAt: 0,
			logged: false,
			loggedCategory: -1,
			path: { clientPort: 53_000 },
			...about,
		};
		const answer = {
			bytes: message,
			start: 0,
			length: message.length,
			via: VIAS.indexOf(via),
			rcode: 0,
			category: -1,
			action: BLOCK_ACTIONS.indexOf("zero-ip"),
			reason: BLOCK_REASONS.indexOf("name"),
			limitedBy: 0,
			list: -1,
			upstream: -1,
			ede: -1,
			...over,
		};
		this.#recorder.finished(asked, answer, tookMs);
	}

	/** Of all that has been recorded. */
	lines(): string[] {
		const line = new QueryLine(this.#settings, SECRET, new LexiconReader(this.lexicon.memory));
		const record = new AnswerRecord();
		const lines: string[] = [];
		this.reader.read((kind, at, end) => {
			if (kind !== KIND.answer || !record.take(this.reader, at, end)) throw new Error("no record");
			line.put(record);
			lines.push(Buffer.from(line.line.bytes.subarray(0, line.line.length)).toString("latin1"));
		}, 1 << 20);
		return lines;
	}

	/** The only line, as JSON. */
	object(asked: Asked = {}): Readonly<Record<string, unknown>> {
		this.record(asked);
		return JSON.parse(this.lines()[0] ?? "");
	}
}
