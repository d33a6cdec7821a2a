/** Looking a name up in a compiled blocklist. */
import { POOL_LISTS } from "../config/vocabulary.ts";
import { type DomainName, nameToText } from "../wire/name.ts";
import {
	actionOf,
	ENTRY,
	ENTRY_ACTIONS,
	ENTRY_WORDS,
	type EntryAction,
	type EntryScope,
	FIELD,
	firstSlot,
	HAS_RECORDS,
	HEADER_BYTES,
	LAYOUT_VERSION,
	listOf,
	MAGIC,
	rankOf,
	SCOPES,
	scopeOf,
} from "./layout.ts";
import { type EntryRecord, lineAt, recordsAt } from "./local-data.ts";
import { NetworkIndex } from "./networks.ts";
import { NO_RULING, type Overlay } from "./overlay.ts";

const EXACT = SCOPES.indexOf("exact");
const BELOW = SCOPES.indexOf("below");
/** A rank and a depth in one number, the rank above. */
const RANK_WEIGHT = 256;

/** One entry, spelled out for people. */
export interface Entry {
	readonly name: string;
	readonly scope: EntryScope;
	readonly action: EntryAction;
	readonly rank: number;
	readonly list: number;
	readonly line: number;
}

/** A name's word on itself, or on what is below it, as an entry. */
function overlayEntry(number: number, isBelow: boolean): number {
	return -(number * 2 + (isBelow ? 1 : 0));
}

/** Lists 1 to POOL_LISTS are the pool's: the overlay has the last word on what they say. */
function isPool(what: number): boolean {
	const list = listOf(what);
	return list > 0 && list <= POOL_LISTS;
}

/**
 * Entries are numbers, as `find` gives them: those of the compiled blocklist above 0; those of the overlay below 0, two
 * for each name.
 */
export class BlocklistIndex {
	/** What the pool has said since; may be replaced at any time. */
	overlay: Overlay | undefined;
	readonly seed: number;
	readonly generation: number;
	readonly blockedNames: number;
	readonly allowedNames: number;
	readonly blockedNetworks: number;
	/** Undefined: no list speaks of addresses. */
	readonly networks: NetworkIndex | undefined;
	readonly bytes: number;
	readonly #names: Uint8Array;
	readonly #entries: Uint32Array;
	readonly #records: Uint8Array;
	readonly #slots: Uint32Array;
	readonly #slotCount: number;
	readonly #hits: Int32Array | undefined;

	/**
	 * @param memory as `BlocklistBuilder` and the snapshot fill it.
	 * @param hits room for one Int32 an entry, where `hit` counts; without it, nothing is counted.
	 */
	constructor(memory: SharedArrayBuffer, overlay?: Overlay, hits?: SharedArrayBuffer) {
		const header = new Uint32Array(memory, 0, HEADER_BYTES / 4);
		if (header[FIELD.MAGIC] !== MAGIC || header[FIELD.VERSION] !== LAYOUT_VERSION) {
			throw new Error("this memory holds no compiled blocklist of this version");
		}
		this.seed = header[FIELD.SEED] | 0;
		this.generation = header[FIELD.GENERATION];
		this.blockedNames = header[FIELD.BLOCKED_NAMES];
		this.allowedNames = header[FIELD.ALLOWED_NAMES];
		this.bytes = header[FIELD.TOTAL_BYTES];
		this.#slotCount = header[FIELD.SLOT_COUNT];
		this.#names = new Uint8Array(memory, header[FIELD.NAMES_AT], header[FIELD.NAMES_BYTES]);
		this.#entries = new Uint32Array(
			memory,
			header[FIELD.ENTRIES_AT],
			header[FIELD.ENTRY_COUNT] * ENTRY_WORDS,
		);
		this.#records = new Uint8Array(memory, header[FIELD.RECORDS_AT], header[FIELD.RECORDS_BYTES]);
		this.#slots = new Uint32Array(memory, header[FIELD.SLOTS_AT], this.#slotCount * 2);
		this.blockedNetworks = header[FIELD.BLOCKED_NETWORKS];
		this.networks =
			header[FIELD.NETWORK_COUNT] > 1 ? new NetworkIndex(memory, header, this.#records) : undefined;
		this.overlay = overlay;
		this.#hits = hits === undefined ? undefined : new Int32Array(hits);
	}

	/** Entries, the unused one 0 included. */
	get entryCount(): number {
		return this.#entries.length / ENTRY_WORDS;
	}

	/**
	 * The entry that decides about `name`, whose suffixes were hashed with `seed`; 0 when none speaks of it. Right to
	 * left: the longer a suffix, the later and the heavier. A hash alone never decides, the stored name does.
	 */
	find(name: DomainName): number {
		const entries = this.#entries;
		const { labels, hashes, starts } = name;
		const overlay = this.overlay === undefined || this.overlay.used === 0 ? undefined : this.overlay;
		let best = 0;
		let bestWeight = -1;
		for (let label = labels - 1; label >= 0; label--) {
			const depth = labels - label;
			const newer = overlay === undefined ? 0 : overlay.find(name, hashes[label], starts[label]);
			if (newer !== 0 && overlay !== undefined) {
				const what = overlay.ruling(newer, label > 0);
				const weight = what === NO_RULING ? -1 : rankOf(what) * RANK_WEIGHT + depth;
				if (weight > bestWeight) {
					best = overlayEntry(newer, label > 0);
					bestWeight = weight;
				}
			}
			let entry = this.#chain(name, hashes[label], starts[label]);
			while (entry !== 0) {
				const at = entry * ENTRY_WORDS;
				const what = entries[at + ENTRY.WHAT];
				const scope = scopeOf(what);
				if ((label === 0 ? scope !== BELOW : scope !== EXACT) && (newer === 0 || !isPool(what))) {
					const weight = rankOf(what) * RANK_WEIGHT + depth;
					if (weight > bestWeight) {
						best = entry;
						bestWeight = weight;
					}
					break;
				}
				entry = entries[at + ENTRY.NEXT];
			}
		}
		return best;
	}

	/** Every entry that speaks of `name`, the one that decides first. */
	findAll(name: DomainName): Entry[] {
		const found: { readonly entry: number; readonly weight: number }[] = [];
		for (let label = name.labels - 1; label >= 0; label--) {
			const depth = name.labels - label;
			const newer = this.overlay?.find(name, name.hashes[label], name.starts[label]) ?? 0;
			const add = (entry: number): void => {
				found.push({ entry, weight: rankOf(this.#what(entry)) * RANK_WEIGHT + depth });
			};
			if (newer !== 0 && this.#what(overlayEntry(newer, label > 0)) !== NO_RULING)
				add(overlayEntry(newer, label > 0));
			let entry = this.#chain(name, name.hashes[label], name.starts[label]);
			for (; entry !== 0; entry = this.#entries[entry * ENTRY_WORDS + ENTRY.NEXT]) {
				const what = this.#what(entry);
				if (label === 0 ? scopeOf(what) === BELOW : scopeOf(what) === EXACT) continue;
				if (newer === 0 || !isPool(what)) add(entry);
			}
		}
		found.sort((a, b) => b.weight - a.weight);
		return found.map(({ entry }) => this.entry(entry));
	}

	entry(entry: number): Entry {
		const what = this.#what(entry);
		return {
			name: this.name(entry),
			scope: SCOPES[scopeOf(what)] ?? "exact",
			action: ENTRY_ACTIONS[actionOf(what)] ?? "block",
			rank: rankOf(what),
			list: listOf(what),
			line: entry < 0 ? 0 : this.#line(entry, what),
		};
	}

	/** The entry's name as text. */
	name(entry: number): string {
		const { overlay } = this;
		if (entry < 0) return overlay === undefined ? "" : nameToText(overlay.bytes, overlay.nameAt(-entry >> 1));
		return nameToText(this.#names, this.#entries[entry * ENTRY_WORDS + ENTRY.NAME]);
	}

	list(entry: number): number {
		return listOf(this.#what(entry));
	}

	/** Counts a blocked query for an entry of the pool; for others it does nothing. */
	hit(entry: number): void {
		if (entry < 0) this.overlay?.hit(-entry >> 1, (-entry & 1) === 1);
		else if (this.#hits !== undefined && isPool(this.#what(entry))) Atomics.add(this.#hits, entry, 1);
	}

	/** Calls back for each name of the pool that was hit since the last call, those of the overlay included. */
	takeHits(each: (name: string, count: number) => void): void {
		const { overlay } = this;
		overlay?.takeHits((at, count) => each(nameToText(overlay.bytes, at), count));
		const hits = this.#hits;
		if (hits === undefined) return;
		for (let entry = 1; entry < hits.length; entry++)
			if (hits[entry] !== 0) each(this.name(entry), Atomics.exchange(hits, entry, 0));
	}

	/** Index into ENTRY_ACTIONS. */
	action(entry: number): number {
		return actionOf(this.#what(entry));
	}

	/** The RPZ local data of an entry with the action `data`. */
	records(entry: number): EntryRecord[] {
		if ((this.#what(entry) & HAS_RECORDS) === 0) return [];
		return recordsAt(this.#records, this.#entries[entry * ENTRY_WORDS + ENTRY.LINE]);
	}

	#what(entry: number): number {
		if (entry < 0) return this.overlay?.ruling(-entry >> 1, (-entry & 1) === 1) ?? NO_RULING;
		return this.#entries[entry * ENTRY_WORDS + ENTRY.WHAT];
	}

	#line(entry: number, what: number): number {
		const line = this.#entries[entry * ENTRY_WORDS + ENTRY.LINE];
		return (what & HAS_RECORDS) === 0 ? line : lineAt(this.#records, line);
	}

	/** The first entry of the chain for the suffix of `name` that begins at `from`; 0 when there is none. */
	#chain(name: DomainName, hash: number, from: number): number {
		const slots = this.#slots;
		const count = this.#slotCount;
		const unsigned = hash >>> 0;
		let slot = firstSlot(hash, count);
		for (;;) {
			const entry = slots[slot * 2 + 1];
			if (entry === 0) return 0;
			if (slots[slot * 2] === unsigned && this.#isNamed(entry, name, from)) return entry;
			if (++slot === count) slot = 0;
		}
	}

	#isNamed(entry: number, name: DomainName, from: number): boolean {
		const names = this.#names;
		const at = this.#entries[entry * ENTRY_WORDS + ENTRY.NAME];
		const { bytes, length } = name;
		for (let i = from; i < length; i++) if (bytes[i] !== names[at + i - from]) return false;
		return true;
	}
}
