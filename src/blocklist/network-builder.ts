/** Collecting networks and putting them together as the ranges that `NetworkIndex` looks addresses up in. */
import type { Prefix } from "../config/address.ts";
import { RowChunks } from "./chunks.ts";
import { actionOf, ENTRY_ACTIONS, listOf, NETWORK, NETWORK_WORDS, networkWeight } from "./layout.ts";
import type { LocalData } from "./local-data.ts";
import { RangeSweep } from "./range-sweep.ts";

const ALLOW = ENTRY_ACTIONS.indexOf("allow");
const LOG_ONLY = ENTRY_ACTIONS.indexOf("log-only");
const WORDS = { 4: 1, 6: 4 } as const;

/** The sections of a compiled blocklist that speak of networks. */
export interface CompiledNetworks {
	readonly entries: RowChunks;
	readonly v4: Uint32Array;
	readonly v6: Uint32Array;
	/** Different networks that are blocked. */
	readonly blocked: number;
}

export class NetworkBuilder {
	readonly #rows = new RowChunks(NETWORK_WORDS);

	constructor() {
		this.#rows.add();
	}

	/**
	 * @param what as `packWhat` makes it.
	 * @returns its number, until `finish` gives all of them others.
	 */
	add({ family, bytes, length }: Prefix, what: number, line: number): number {
		const row = this.#rows.add();
		const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
		for (let word = 0; word < WORDS[family]; word++)
			this.#rows.set(row, NETWORK.ADDRESS + word, view.getUint32(word * 4));
		this.#rows.set(row, NETWORK.PREFIX, (family << 8) | length);
		this.#rows.set(row, NETWORK.WHAT, what);
		this.#rows.set(row, NETWORK.LINE, line);
		return row;
	}

	/**
	 * Repetitions within a list count once.
	 *
	 * @param data is told under which number each network's local data is from now on.
	 * @param counted is told the list of each network that is kept.
	 */
	finish(data: LocalData, counted: (list: number) => void): CompiledNetworks {
		const rows = this.#rows;
		const order = Uint32Array.from({ length: rows.count - 1 }, (_, i) => i + 1).sort(
			(a, b) => this.#compare(a, b) || a - b,
		);
		const entries = new RowChunks(NETWORK_WORDS);
		entries.add();
		const v4 = new RangeSweep(1);
		const v6 = new RangeSweep(4);
		let before = 0;
		let kept = 0;
		let blocked = 0;
		let blockedRow = 0;
		for (const row of order) {
			const what = rows.get(row, NETWORK.WHAT);
			if (before !== 0 && this.#compare(row, before) === 0) {
				data.move(row, -kept);
				continue;
			}
			before = row;
			kept = entries.add();
			for (let word = 0; word < NETWORK_WORDS; word++) entries.set(kept, word, rows.get(row, word));
			// Below zero, for the numbers from before are in use yet.
			data.move(row, -kept);
			counted(listOf(what));
			const action = actionOf(what);
			if (action !== ALLOW && action !== LOG_ONLY) {
				if (blockedRow === 0 || this.#compareNetworks(row, blockedRow) !== 0) blocked++;
				blockedRow = row;
			}
			const prefix = rows.get(row, NETWORK.PREFIX);
			const sweep = prefix >>> 8 === 4 ? v4 : v6;
			const address = Array.from({ length: sweep.words }, (_, i) => rows.get(row, NETWORK.ADDRESS + i));
			sweep.take(address, prefix & 0xff, kept, networkWeight(what, prefix), listOf(what));
		}
		return { entries, v4: v4.finish(), v6: v6.finish(), blocked };
	}

	/** By network, the one that decides about it first; 0 for repetitions. */
	#compare(a: number, b: number): number {
		const rows = this.#rows;
		const byNetwork = this.#compareNetworks(a, b);
		if (byNetwork !== 0) return byNetwork;
		const whatA = rows.get(a, NETWORK.WHAT);
		const whatB = rows.get(b, NETWORK.WHAT);
		const prefix = rows.get(a, NETWORK.PREFIX);
		return (
			networkWeight(whatB, prefix) - networkWeight(whatA, prefix) ||
			listOf(whatA) - listOf(whatB) ||
			whatA - whatB
		);
	}

	/** A wider network before those within it. */
	#compareNetworks(a: number, b: number): number {
		const rows = this.#rows;
		const family = (rows.get(a, NETWORK.PREFIX) >>> 8) - (rows.get(b, NETWORK.PREFIX) >>> 8);
		if (family !== 0) return family;
		for (let word = NETWORK.ADDRESS; word < NETWORK.ADDRESS + 4; word++) {
			const difference = rows.get(a, word) - rows.get(b, word);
			if (difference !== 0) return difference;
		}
		return rows.get(a, NETWORK.PREFIX) - rows.get(b, NETWORK.PREFIX);
	}
}
