/** Collecting rules and putting them together as one compiled blocklist. */
import { DomainName, hashSuffixes, nameFromText } from "../wire/name.ts";
import { NameChunks, RowChunks } from "./chunks.ts";
import {
	actionOf,
	ENTRY,
	ENTRY_ACTIONS,
	ENTRY_WORDS,
	FIELD,
	HAS_RECORDS,
	HEADER_BYTES,
	LAYOUT_VERSION,
	listOf,
	MAGIC,
	NETWORK,
	NETWORK_WORDS,
	packWhat,
	RANK,
	rankOf,
} from "./layout.ts";
import { LocalData } from "./local-data.ts";
import { NetworkBuilder } from "./network-builder.ts";
import type { LocalRecord, NetworkRule, Rule } from "./rule.ts";
import { ChainTable } from "./table.ts";

const ALLOW = ENTRY_ACTIONS.indexOf("allow");
const LOG_ONLY = ENTRY_ACTIONS.indexOf("log-only");

/** What a list is to the builder. */
export interface RuleSource {
	/** Its number: 0 is the configuration itself, the configured lists follow in their order. */
	readonly list: number;
	readonly kind: "block" | "allow";
	/** It is the configuration itself, not a list: what the operator wrote here stands above what others write. */
	readonly isOwn?: boolean;
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
	readonly #data = new LocalData();
	readonly #networks = new NetworkBuilder();
	readonly #networkData = new LocalData();
	readonly #cancellations: Cancellation[] = [];
	readonly #adblockLists = new Set<number>();
	readonly #counts: number[] = [];
	readonly #name = new DomainName();

	constructor(seed: number, generation: number) {
		this.#seed = seed;
		this.#generation = generation;
		this.#entries.add();
	}

	/** Rules that entered the index, by list number; repetitions within a list count once. Of networks after `finish`. */
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

	addNetwork(rule: NetworkRule, source: RuleSource, line: number): void {
		const action = source.kind === "allow" ? "allow" : rule.action;
		const what = packWhat(source.list, "exact", action, rankFor(rule, source), false);
		const row = this.#networks.add(rule.network, what, line);
		if (rule.records !== undefined) this.#networkData.add(row, line, rule.records);
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
				if (records !== undefined) this.#data.add(after, line, records);
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
		if (records !== undefined) this.#data.add(entry, line, records);
		this.#count(listOf(what));
		if (before !== 0) entries.set(before, ENTRY.NEXT, entry);
		else if (head === 0) this.#table.insert(slot, hash, entry);
		else this.#table.replace(slot, entry);
	}

	#count(list: number): void {
		this.#counts[list] = (this.#counts[list] ?? 0) + 1;
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

	/** The finished blocklist as consecutive parts, which together are the block that `BlocklistIndex` reads; once. */
	finish(): Uint8Array[] {
		for (const cancellation of this.#cancellations) this.#cancel(cancellation);
		const records = this.#data.pack(0, (entry, at) => {
			this.#entries.set(entry, ENTRY.LINE, at);
			this.#entries.set(entry, ENTRY.WHAT, withRecords(this.#entries.get(entry, ENTRY.WHAT)));
		});
		const networks = this.#networks.finish(this.#networkData, (list) => this.#count(list));
		const networkRecords = this.#networkData.pack(records.length, (entry, at) => {
			networks.entries.set(-entry, NETWORK.LINE, at);
			networks.entries.set(-entry, NETWORK.WHAT, withRecords(networks.entries.get(-entry, NETWORK.WHAT)));
		});
		const header = new Uint32Array(HEADER_BYTES / 4);
		this.#countNames(header);
		const slots = this.#table.packed();
		const namesPadding = padding(this.#names.bytes);
		const recordsBytes = records.length + networkRecords.length;
		const recordsPadding = padding(recordsBytes);
		header[FIELD.MAGIC] = MAGIC;
		header[FIELD.VERSION] = LAYOUT_VERSION;
		header[FIELD.SEED] = this.#seed;
		header[FIELD.GENERATION] = this.#generation;
		let at = HEADER_BYTES;
		const place = (field: number, size: number, bytes: number): void => {
			header[field] = at;
			header[field + 1] = size;
			at += bytes;
		};
		place(FIELD.NAMES_AT, this.#names.bytes, this.#names.bytes + namesPadding);
		place(FIELD.ENTRIES_AT, this.#entries.count, this.#entries.count * ENTRY_WORDS * 4);
		place(FIELD.RECORDS_AT, recordsBytes, recordsBytes + recordsPadding);
		place(FIELD.SLOTS_AT, slots.length / 2, slots.byteLength);
		place(FIELD.NETWORKS_AT, networks.entries.count, networks.entries.count * NETWORK_WORDS * 4);
		place(FIELD.RANGES4_AT, networks.v4.length / 2, networks.v4.byteLength);
		place(FIELD.RANGES6_AT, networks.v6.length / 5, networks.v6.byteLength);
		header[FIELD.TOTAL_BYTES] = at;
		header[FIELD.BLOCKED_NETWORKS] = networks.blocked;
		return [
			asBytes(header),
			...this.#names.parts(),
			new Uint8Array(namesPadding),
			...Array.from(this.#entries.parts(), asBytes),
			records,
			networkRecords,
			new Uint8Array(recordsPadding),
			asBytes(slots),
			...Array.from(networks.entries.parts(), asBytes),
			asBytes(networks.v4),
			asBytes(networks.v6),
		];
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

function rankFor(rule: Rule | NetworkRule, source: RuleSource): number {
	if (source.kind === "allow") return source.isOwn ? RANK.LOCAL_ALLOW : RANK.ALLOW_LIST;
	if (source.isOwn) return RANK.LOCAL_DENY;
	if (rule.action === "log-only") return RANK.LOG_ONLY;
	if (rule.ranked) return RANK.ORDINARY;
	const important = "important" in rule;
	if (rule.action === "allow") return important ? RANK.IMPORTANT_EXCEPTION : RANK.EXCEPTION;
	return important ? RANK.IMPORTANT : RANK.ORDINARY;
}

/** In a chain the higher rank comes first, then the list that comes first in the configuration. */
function precedes(what: number, other: number): boolean {
	const byRank = rankOf(what) - rankOf(other);
	return byRank === 0 ? listOf(what) < listOf(other) : byRank > 0;
}

function withRecords(what: number): number {
	return (what | HAS_RECORDS) >>> 0;
}

function asBytes(words: Uint32Array): Uint8Array {
	return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}

function padding(bytes: number): number {
	return (4 - (bytes % 4)) % 4;
}
