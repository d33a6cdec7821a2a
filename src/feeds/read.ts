/** Reads a list from disk, rule by rule. */
import { type FileHandle, open } from "node:fs/promises";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import type { NetworkRule, Rule } from "../blocklist/rule.ts";
import type { ListFormat } from "../config/vocabulary.ts";
import { excerpt } from "../wire/excerpt.ts";
import { adblockReader } from "./format/adblock.ts";
import { detectFormat, ENOUGH_LINES, isTelling, looksLikeHtml } from "./format/detect.ts";
import { dnsmasqReader } from "./format/dnsmasq.ts";
import { domainsReader } from "./format/domains.ts";
import { hostsReader } from "./format/hosts.ts";
import type { Line, LineReader } from "./format/line.ts";
import { networksReader } from "./format/networks.ts";
import { bad } from "./format/outcome.ts";
import { rpzReader } from "./format/rpz.ts";
import { unboundReader } from "./format/unbound.ts";
import { LineCutter, LONGEST_LINE } from "./lines.ts";
import { ListError } from "./list-error.ts";

export interface ReadOptions {
	/** `auto` finds it by looking at the first lines. */
	readonly format: ListFormat | "auto";
	/** What a name in a hosts or plain list means. */
	readonly hostsMatch: "exact" | "subtree";
	/** Unpacked bytes above which reading stops with an error; gzip is known by its first bytes. */
	readonly maxBytes: number;
}

export interface BadLine {
	/** Counted from one. */
	readonly line: number;
	/** Its beginning, safe to show. */
	readonly text: string;
	readonly reason: string;
}

export interface ReadReport {
	readonly format: ListFormat;
	readonly lines: number;
	/** Of names and of networks. */
	readonly rules: number;
	readonly skipped: number;
	readonly bad: number;
	/** The first of them, to show a person. */
	readonly badLines: readonly BadLine[];
	/** Whether it is a web page rather than a list; then nothing but its beginning was read. */
	readonly html: boolean;
}

export type OnRule = (rule: Rule, line: number) => void;
export type OnNetwork = (rule: NetworkRule, line: number) => void;

const CHUNK = 256 * 1024;
const SHOWN_BAD_LINES = 20;
/** Lines held back while looking for the format, telling or not: lists may begin with long comments. */
const MOST_HELD_LINES = 5000;

/**
 * Hands every rule of the file to `onRule`, those of networks to `onNetwork`, in order. Bad lines are counted, never fatal. Throws a `ListError`
 * when the file cannot be read to its end or is larger than `maxBytes`; rules already handed over are then to be
 * thrown away.
 */
export async function readList(
	path: string,
	options: ReadOptions,
	onRule: OnRule,
	onNetwork: OnNetwork = () => {},
): Promise<ReadReport> {
	const list = new ListReading(options, onRule, onNetwork);
	const cutter = new LineCutter((line, long) => list.take(line, long));
	let unpacked = 0;
	const bytes = await openBytes(path);
	try {
		for await (const chunk of chunksOf(bytes, path)) {
			unpacked += chunk.length;
			if (unpacked > options.maxBytes) throw tooBig(path, options.maxBytes);
			cutter.push(chunk);
			if (list.html) return list.report();
		}
	} finally {
		bytes.destroy();
	}
	cutter.end();
	list.end();
	return list.report();
}

async function openBytes(path: string): Promise<Readable> {
	let file: FileHandle | undefined;
	try {
		file = await open(path);
		const magic = Buffer.alloc(2);
		await file.read(magic, 0, 2, 0);
		const packed = file.createReadStream({ start: 0, highWaterMark: CHUNK });
		if (magic[0] !== 0x1f || magic[1] !== 0x8b) return packed;
		// The unpacked side carries the errors of both to whoever iterates over it.
		return pipeline(packed, createGunzip({ chunkSize: CHUNK }), () => {});
	} catch (error) {
		await file?.close();
		throw unreadable(path, error);
	}
}

/** The stream's own faults, told as those of the list. */
async function* chunksOf(bytes: Readable, path: string): AsyncGenerator<Buffer> {
	try {
		yield* bytes;
	} catch (error) {
		throw unreadable(path, error);
	}
}

function unreadable(path: string, error: unknown): ListError {
	const code = error instanceof Error && "code" in error ? String(error.code) : "";
	const message = error instanceof Error ? error.message : String(error);
	if (code === "Z_BUF_ERROR") {
		return new ListError("unreadable", `${path} is a gzip file that ends too early; fetch it again`, error);
	}
	if (code.startsWith("Z_")) {
		return new ListError("unreadable", `${path} is a damaged gzip file (${message}); fetch it again`, error);
	}
	return new ListError("unreadable", `cannot read ${path}: ${message}`, error);
}

function tooBig(path: string, most: number): ListError {
	return new ListError(
		"too-big",
		`${path} is larger than ${most} bytes when unpacked; raise blocking.downloads.maxSize if it is to be read`,
	);
}

/** One reading of one list: first looks at its beginning, then reads line by line. */
class ListReading {
	readonly #options: ReadOptions;
	readonly #onRule: OnRule;
	readonly #onNetwork: OnNetwork;
	readonly #badLines: BadLine[] = [];
	#held: { readonly line: string; readonly long: boolean }[] = [];
	#telling = 0;
	#reader: (LineReader & { end?(): Line }) | undefined;
	#format: ListFormat = "domains";
	#lines = 0;
	#rules = 0;
	#skipped = 0;
	#bad = 0;
	html = false;

	constructor(options: ReadOptions, onRule: OnRule, onNetwork: OnNetwork) {
		this.#options = options;
		this.#onRule = onRule;
		this.#onNetwork = onNetwork;
	}

	take(line: string, long: boolean): void {
		if (this.#reader !== undefined) this.#read(this.#reader, line, long);
		else if (!this.html) this.#hold(line, long);
	}

	end(): void {
		if (this.#reader === undefined && !this.html) this.#begin();
		if (this.#reader?.end !== undefined) this.#count(this.#reader.end(), "");
	}

	report(): ReadReport {
		return {
			format: this.#format,
			lines: this.#lines,
			rules: this.#rules,
			skipped: this.#skipped,
			bad: this.#bad,
			badLines: this.#badLines,
			html: this.html,
		};
	}

	#hold(line: string, long: boolean): void {
		this.#held.push({ line, long });
		if (this.#options.format !== "auto") {
			// The format is known: one line with something in it tells whether it is a web page.
			if (line.trim() !== "") this.#begin();
			return;
		}
		if (isTelling(line)) this.#telling++;
		if (this.#telling >= ENOUGH_LINES || this.#held.length >= MOST_HELD_LINES) this.#begin();
	}

	#begin(): void {
		const held = this.#held;
		this.#held = [];
		const lines = held.map((h) => h.line);
		const { format } = this.#options;
		const found = format === "auto" ? detectFormat(lines) : format;
		if (format !== "auto") this.#format = format;
		if (found === "html" || looksLikeHtml(lines.find((l) => l.trim() !== "") ?? "")) {
			this.#lines = held.length;
			this.html = true;
			return;
		}
		this.#format = found;
		const reader = readerOf(found, this.#options.hostsMatch);
		this.#reader = reader;
		for (const { line, long } of held) this.#read(reader, line, long);
	}

	#read(reader: LineReader, line: string, long: boolean): void {
		this.#lines++;
		this.#count(long ? bad(`longer than ${LONGEST_LINE} bytes`) : reader.read(line), line);
	}

	#count(outcome: Line, text: string): void {
		switch (outcome.kind) {
			case "rules":
				this.#rules += outcome.rules.length;
				for (const rule of outcome.rules) this.#onRule(rule, this.#lines);
				return;
			case "networks":
				this.#rules += outcome.networks.length;
				for (const rule of outcome.networks) this.#onNetwork(rule, this.#lines);
				return;
			case "skipped":
				this.#skipped++;
				return;
			case "bad":
				this.#bad++;
				if (this.#badLines.length < SHOWN_BAD_LINES) {
					this.#badLines.push({ line: this.#lines, text: excerpt(text), reason: outcome.reason });
				}
		}
	}
}

function readerOf(format: ListFormat, match: "exact" | "subtree"): LineReader {
	switch (format) {
		case "hosts":
			return hostsReader(match);
		case "domains":
			return domainsReader(match);
		case "adblock":
			return adblockReader(match);
		case "dnsmasq":
			return dnsmasqReader;
		case "unbound":
			return unboundReader();
		case "rpz":
			return rpzReader();
		case "networks":
			return networksReader;
	}
}
