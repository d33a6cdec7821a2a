/** Looking an address up among the networks of a compiled blocklist. */
import type { Prefix } from "../config/address.ts";
import {
	actionOf,
	FIELD,
	HAS_RECORDS,
	listOf,
	NETWORK,
	NETWORK_WORDS,
	networkWeight,
	rankOf,
} from "./layout.ts";
import { type EntryRecord, lineAt, recordsAt } from "./local-data.ts";

/** Entries are numbers, those of networks alone; 0 is none. */
export class NetworkIndex {
	readonly #entries: Uint32Array;
	readonly #v4: Uint32Array;
	readonly #v6: Uint32Array;
	readonly #records: Uint8Array;

	/** `header`: the blocklist's, at the beginning of `memory`. */
	constructor(memory: SharedArrayBuffer, header: Uint32Array, records: Uint8Array) {
		const section = (at: number, rows: number, words: number) =>
			new Uint32Array(memory, header[at], header[rows] * words);
		this.#entries = section(FIELD.NETWORKS_AT, FIELD.NETWORK_COUNT, NETWORK_WORDS);
		this.#v4 = section(FIELD.RANGES4_AT, FIELD.RANGES4_COUNT, 2);
		this.#v6 = section(FIELD.RANGES6_AT, FIELD.RANGES6_COUNT, 5);
		this.#records = records;
	}

	/** The entry that decides about the IPv4 address at `at`. */
	find4(bytes: Uint8Array, at: number): number {
		const ranges = this.#v4;
		const address = longAt(bytes, at);
		let low = 0;
		let high = ranges.length / 2;
		while (low < high) {
			const middle = (low + high) >>> 1;
			if (ranges[middle * 2] <= address) low = middle + 1;
			else high = middle;
		}
		return low === 0 ? 0 : ranges[low * 2 - 1];
	}

	/** The entry that decides about the IPv6 address at `at`. */
	find6(bytes: Uint8Array, at: number): number {
		const ranges = this.#v6;
		let low = 0;
		let high = ranges.length / 5;
		while (low < high) {
			const middle = (low + high) >>> 1;
			if (isAtMost(ranges, middle * 5, bytes, at)) low = middle + 1;
			else high = middle;
		}
		return low === 0 ? 0 : ranges[low * 5 - 1];
	}

	/** Every entry whose network holds all of the given one, the one that decides first. */
	findAll({ family, bytes, length }: Prefix): number[] {
		const found: number[] = [];
		for (let entry = 1; entry < this.#entries.length / NETWORK_WORDS; entry++) {
			const own = this.prefix(entry);
			if (own.family === family && own.length <= length && startsWith(bytes, own)) found.push(entry);
		}
		// Entries of one network are in order already.
		return found.sort((a, b) => this.weight(b) - this.weight(a) || this.list(a) - this.list(b) || a - b);
	}

	prefix(entry: number): Prefix {
		const at = entry * NETWORK_WORDS;
		const prefix = this.#entries[at + NETWORK.PREFIX];
		const family = prefix >>> 8 === 4 ? 4 : 6;
		const bytes = new Uint8Array(family === 4 ? 4 : 16);
		const view = new DataView(bytes.buffer);
		for (let i = 0; i < bytes.length; i += 4) view.setUint32(i, this.#entries[at + NETWORK.ADDRESS + i / 4]);
		return { family, bytes, length: prefix & 0xff };
	}

	/** Who wins when several speak of an answer. */
	weight(entry: number): number {
		return networkWeight(this.what(entry), this.#entries[entry * NETWORK_WORDS + NETWORK.PREFIX]);
	}

	/** As `packWhat` makes it. */
	what(entry: number): number {
		return this.#entries[entry * NETWORK_WORDS + NETWORK.WHAT];
	}

	/** Index into ENTRY_ACTIONS. */
	action(entry: number): number {
		return actionOf(this.what(entry));
	}

	rank(entry: number): number {
		return rankOf(this.what(entry));
	}

	list(entry: number): number {
		return listOf(this.what(entry));
	}

	line(entry: number): number {
		const line = this.#entries[entry * NETWORK_WORDS + NETWORK.LINE];
		return (this.what(entry) & HAS_RECORDS) === 0 ? line : lineAt(this.#records, line);
	}

	/** The RPZ local data of an entry with the action `data`. */
	records(entry: number): EntryRecord[] {
		if ((this.what(entry) & HAS_RECORDS) === 0) return [];
		return recordsAt(this.#records, this.#entries[entry * NETWORK_WORDS + NETWORK.LINE]);
	}
}

function longAt(bytes: Uint8Array, at: number): number {
	return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
}

/** Whether a range begins at the address or before it. */
function isAtMost(ranges: Uint32Array, range: number, bytes: Uint8Array, at: number): boolean {
	for (let word = 0; word < 4; word++) {
		const own = longAt(bytes, at + word * 4);
		const start = ranges[range + word];
		if (own !== start) return start < own;
	}
	return true;
}

function startsWith(bytes: Uint8Array, { bytes: own, length }: Prefix): boolean {
	for (let i = 0; i * 8 < length; i++) {
		const mask = length - i * 8 >= 8 ? 0xff : (0xff << (8 - (length - i * 8))) & 0xff;
		if ((bytes[i] & mask) !== own[i]) return false;
	}
	return true;
}
