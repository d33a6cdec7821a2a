/** Collecting rules and putting them together as one compiled blocklist. */
import { DomainName, hashSuffixes, nameFromText } from "../wire/name.ts";
import { NameChunks, RowChunks } from "./chunks.ts";
import {
	actionOf,
	ENTRY,
	ENTRY_ACTIONS,
	ENTRY_WORDS,
	FIELD,
	HEADER_BYTES,
	LAYOUT_VERSION,
	listOf,
	MAGIC,
	packWhat,
	RANK,
	rankOf,
} from "./layout.ts";
import type { LocalRecord, Rule } from "./rule.ts";
import { ChainTable } from "./table.ts";

const ALLOW = ENTRY_ACTIONS.indexOf("allow");
const LOG_ONLY = ENTRY_ACTIONS.indexOf("log-only");
/** Of one entry; what a list says beyond that is left out, as no answer could hold it. */
const MOST_RECORDS = 255;
const LONGEST_RDATA = 0xffff;

/** What a list is to the builder. */
export interface RuleSource {
	/** Its number: 0 is the configuration itself, the configured lists follow in their order. */
	readonly list: number;
	readonly kind: "block" | "allow";
	/** It is the configuration itself, not a list: what the operator wrote here stands above what others write. */
	readonly isOwn?: boolean;
}

interface LocalData {
	readonly line: number;
	readonly records: LocalRecord[];
}

interface Cancellation {
	readonly name: string;
	readonly what: number;
}

export class BlocklistBuilder {
	readonly #seed: number;
	readonly #generation: number;
	readonly #names = new NameChunks();
	readonly #entries = new RowChunks(ENTRY_WORDS);
	readonly #table = new ChainTable();
	readonly #data = new Map<number, LocalData>();
	readonly #cancellations: Cancellation[] = [];
	readonly #adblockLists = new Set<number>();
	readonly #counts: number[] = [];
	readonly #name = new DomainName();

	constructor(seed: number, generation: number) {
		this.#seed = seed;
		this.#generation = generation;
		this.#entries.add();
	}

	/** Rules that entered the index, by list number; repetitions within a list count once. */
	get counts(): readonly number[] {
		return this.#counts;
	}

	/** `$badfilter` rules reach this list. */
	markAdblock(list: number): void {
		this.#adblockLists.add(list);
	}

	/** @returns false when the name does not fit the wire. */
	add(rule: Rule, source: RuleSource, line: number): boolean {
		const name = this.#name;
		const wire = nameFromText(rule.name);
		if (wire === undefined || wire.length < 2) return false;
		name.assign(wire);
		hashSuffixes(name, this.#seed);
		const allow = source.kind === "allow";
		const rank = rankFor(rule, source);
		const action = allow ? "allow" : rule.action;
		const what = packWhat(source.list, rule.scope, action, rank, false);
		if (rule.cancels) this.#cancellations.push({ name: rule.name, what });
		else this.#insert(what, line, rule.records);
		return true;
	}

	#insert(what: number, line: number, records: readonly LocalRecord[] | undefined): void {
		const entries = this.#entries;
		const hash = this.#name.hashes[0];
		const slot = this.#slotOf(this.#name);
		const head = this.#table.head(slot);
		let before = 0;
		let after = head;
		while (after !== 0 && !precedes(what, entries.get(after, ENTRY.WHAT))) {
			if (entries.get(after, ENTRY.WHAT) === what) {
				const known = this.#data.get(after)?.records;
				if (records !== undefined && known !== undefined) addRecords(known, records);
				return;
			}
			before = after;
			after = entries.get(after, ENTRY.NEXT);
		}
		const entry = entries.add();
		entries.set(
			entry,
			ENTRY.NAME,
			head === 0 ? this.#names.add(this.#name.bytes, this.#name.length) : entries.get(head, ENTRY.NAME),
		);
		entries.set(entry, ENTRY.NEXT, after);
		entries.set(entry, ENTRY.WHAT, what);
		entries.set(entry, ENTRY.LINE, line);
		if (records !== undefined) this.#data.set(entry, { line, records: addRecords([], records) });
		const list = listOf(what);
		this.#counts[list] = (this.#counts[list] ?? 0) + 1;
		if (before !== 0) entries.set(before, ENTRY.NEXT, entry);
		else if (head === 0) this.#table.insert(slot, hash, entry);
		else this.#table.replace(slot, entry);
	}

	#slotOf(name: DomainName): number {
		return this.#table.find(name.hashes[0], (entry) =>
			this.#names.isAt(this.#entries.get(entry, ENTRY.NAME), name.bytes, name.length),
		);
	}

	/** Takes out of every adblock list what a `$badfilter` rule names. */
	#cancel(cancellation: Cancellation): void {
		const wire = nameFromText(cancellation.name);
		if (wire === undefined) return;
		this.#name.assign(wire);
		hashSuffixes(this.#name, this.#seed);
		const slot = this.#slotOf(this.#name);
		const entries = this.#entries;
		let before = 0;
		for (let entry = this.#table.head(slot); entry !== 0; entry = entries.get(entry, ENTRY.NEXT)) {
			const what = entries.get(entry, ENTRY.WHAT);
			if ((what & 0xffff) !== (cancellation.what & 0xffff) || !this.#adblockLists.has(listOf(what))) {
				before = entry;
				continue;
			}
			const next = entries.get(entry, ENTRY.NEXT);
			if (before !== 0) entries.set(before, ENTRY.NEXT, next);
			else this.#table.replace(slot, next);
			this.#counts[listOf(what)]--;
			if (before === 0 && next === 0) return;
		}
	}

	/** The finished blocklist as consecutive parts, which together are the block that `BlocklistIndex` reads. */
	finish(): Uint8Array[] {
		for (const cancellation of this.#cancellations) this.#cancel(cancellation);
		const records = this.#packRecords();
		const slots = this.#table.packed();
		const names = Array.from(this.#names.parts());
		const entries = Array.from(this.#entries.parts(), asBytes);
		const header = new Uint32Array(HEADER_BYTES / 4);
		const namesPadding = padding(this.#names.bytes);
		const recordsPadding = padding(records.length);
		const entriesAt = HEADER_BYTES + this.#names.bytes + namesPadding;
		const recordsAt = entriesAt + this.#entries.count * ENTRY_WORDS * 4;
		const slotsAt = recordsAt + records.length + recordsPadding;
		header[FIELD.MAGIC] = MAGIC;
		header[FIELD.VERSION] = LAYOUT_VERSION;
		header[FIELD.SEED] = this.#seed;
		header[FIELD.NAMES_AT] = HEADER_BYTES;
		header[FIELD.NAMES_BYTES] = this.#names.bytes;
		header[FIELD.ENTRIES_AT] = entriesAt;
		header[FIELD.ENTRY_COUNT] = this.#entries.count;
		header[FIELD.RECORDS_AT] = recordsAt;
		header[FIELD.RECORDS_BYTES] = records.length;
		header[FIELD.SLOTS_AT] = slotsAt;
		header[FIELD.SLOT_COUNT] = slots.length / 2;
		header[FIELD.TOTAL_BYTES] = slotsAt + slots.byteLength;
		header[FIELD.GENERATION] = this.#generation;
		this.#countNames(header);
		return [
			asBytes(header),
			...names,
			new Uint8Array(namesPadding),
			...entries,
			records,
			new Uint8Array(recordsPadding),
			asBytes(slots),
		];
	}

	/** Writes the local data out and leaves, in each entry that has some, where it begins. */
	#packRecords(): Uint8Array {
		const parts: Buffer[] = [];
		let at = 0;
		for (const [entry, { line, records }] of this.#data) {
			const head = Buffer.alloc(6);
			head.writeUInt32BE(line, 0);
			head.writeUInt16BE(records.length, 4);
			const own = [head];
			for (const record of records) {
				const fixed = Buffer.alloc(8);
				fixed.writeUInt16BE(record.type, 0);
				fixed.writeUInt32BE(record.ttl, 2);
				fixed.writeUInt16BE(record.rdata.length, 6);
				own.push(fixed, Buffer.from(record.rdata));
			}
			this.#entries.set(entry, ENTRY.LINE, at);
			this.#entries.set(entry, ENTRY.WHAT, withRecords(this.#entries.get(entry, ENTRY.WHAT)));
			const packed = Buffer.concat(own);
			at += packed.length;
			parts.push(packed);
		}
		return Buffer.concat(parts);
	}

	#countNames(header: Uint32Array): void {
		const entries = this.#entries;
		for (const head of this.#table.heads()) {
			let blocked = false;
			let allowed = false;
			for (let entry = head.entry; entry !== 0; entry = entries.get(entry, ENTRY.NEXT)) {
				const action = actionOf(entries.get(entry, ENTRY.WHAT));
				if (action === ALLOW) allowed = true;
				else if (action !== LOG_ONLY) blocked = true;
			}
			if (blocked) header[FIELD.BLOCKED_NAMES]++;
			if (allowed) header[FIELD.ALLOWED_NAMES]++;
		}
	}
}

function rankFor(rule: Rule, source: RuleSource): number {
	if (source.kind === "allow") return source.isOwn ? RANK.LOCAL_ALLOW : RANK.ALLOW_LIST;
	if (source.isOwn) return RANK.LOCAL_DENY;
	if (rule.action === "log-only") return RANK.LOG_ONLY;
	if (rule.ranked) return RANK.ORDINARY;
	if (rule.action === "allow") return rule.important ? RANK.IMPORTANT_EXCEPTION : RANK.EXCEPTION;
	return rule.important ? RANK.IMPORTANT : RANK.ORDINARY;
}

/** In a chain the higher rank comes first, then the list that comes first in the configuration. */
function precedes(what: number, other: number): boolean {
	const byRank = rankOf(what) - rankOf(other);
	return byRank === 0 ? listOf(what) < listOf(other) : byRank > 0;
}

function addRecords(to: LocalRecord[], records: readonly LocalRecord[]): LocalRecord[] {
	for (const record of records) {
		if (to.length < MOST_RECORDS && record.rdata.length <= LONGEST_RDATA) to.push(record);
	}
	return to;
}

function withRecords(what: number): number {
	return (what | 0x8000) >>> 0;
}

function asBytes(words: Uint32Array): Uint8Array {
	return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}

function padding(bytes: number): number {
	return (4 - (bytes % 4)) % 4;
}
