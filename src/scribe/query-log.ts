/** The query log: which records become lines, and where the lines go. */
import type { QueryLogSettings } from "../config/log-settings.ts";
import type { LexiconReader } from "../observe/lexicon.ts";
import type { RingReader } from "../observe/ring.ts";
import { AddressRanges } from "../resolve/address-ranges.ts";
import { DomainName, readName } from "../wire/name.ts";
import { NamePatterns } from "../wire/name-patterns.ts";
import { AnswerRecord } from "./answer-record.ts";
import { ConsoleSink } from "./console.ts";
import { LogFile, type LogFileParts } from "./log-file.ts";
import { QueryLine } from "./query-line.ts";
import type { Sink } from "./sink.ts";

export interface QueryLogParts extends LogFileParts {
	readonly lexicon: LexiconReader;
}

export class QueryLog {
	readonly #settings: QueryLogSettings;
	readonly #sink: Sink;
	readonly #line: QueryLine;
	readonly #record = new AnswerRecord();
	readonly #name = new DomainName();
	readonly #ignored: NamePatterns;
	/** Undefined: all. */
	readonly #clients: AddressRanges | undefined;
	readonly #exceptClients: AddressRanges | undefined;

	/**
	 * @param secret of the keyed hash of clients.
	 * @param before what was the query log until now; it is taken over or closed.
	 */
	constructor(settings: QueryLogSettings, secret: Uint8Array, parts: QueryLogParts, before?: QueryLog) {
		const { file, rotation, ignore, clients, exceptClients } = settings;
		this.#settings = settings;
		this.#line = new QueryLine(settings, secret, parts.lexicon);
		this.#ignored = new NamePatterns(ignore);
		this.#clients = clients.length === 0 ? undefined : new AddressRanges(clients);
		this.#exceptClients = exceptClients.length === 0 ? undefined : new AddressRanges(exceptClients);
		const kept = before?.leaveTo(settings);
		kept?.reopen();
		this.#sink =
			kept ?? (file === undefined ? new ConsoleSink(parts.counts) : new LogFile(file, rotation, parts));
	}

	/** @returns where lines went until now, if they still go there; else that is closed. */
	leaveTo({ file, rotation }: QueryLogSettings): Sink | undefined {
		const own = this.#settings;
		if (file === own.file && JSON.stringify(rotation) === JSON.stringify(own.rotation)) return this.#sink;
		void this.close();
		return undefined;
	}

	/** A record of KIND.answer that lies in `ring` between `at` and `end`. */
	take(ring: RingReader, at: number, end: number): void {
		const record = this.#record;
		if (!record.take(ring, at, end) || !this.#isWanted(record)) return;
		const { line } = this.#line;
		this.#line.put(record);
		this.#sink.take(line.bytes, line.length);
	}

	#isWanted({ bytes, addressAt, addressLength, nameAt, nameEnd }: AnswerRecord): boolean {
		const length = addressLength === 4 ? 4 : 16;
		if (this.#clients?.has(bytes, addressAt, length) === false) return false;
		if (this.#exceptClients?.has(bytes, addressAt, length) === true) return false;
		if (this.#ignored.isEmpty || nameEnd === nameAt) return true;
		// In lower case; the question may have any.
		const name = this.#name;
		if (readName(bytes, nameAt, nameEnd, name, false) < 0) return true;
		return !this.#ignored.has(name.bytes, 0, name.length);
	}

	flush(): void {
		this.#sink.flush();
	}

	close(): Promise<void> {
		return this.#sink.close();
	}
}
