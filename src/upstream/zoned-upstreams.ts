/** Upstreams of which some are asked for certain names alone, and for those nobody else. */
import { EDE, HEADER_BYTES, TYPE } from "../wire/codes.ts";
import { DomainName, hashSuffixes, readName } from "../wire/name.ts";
import { SuffixTable } from "../wire/suffix-table.ts";
import { Chase } from "./chase.ts";
import type { Inquiry } from "./inquiry.ts";
import type { Upstreams } from "./upstreams.ts";

/** Zones that one answer may lead through, each by a CNAME out of the one before. */
const MOST_ZONES = 8;

export interface Zone {
	/** Uncompressed wire names in lower case. */
	readonly names: readonly Uint8Array[];
	readonly upstreams: Upstreams;
}

export class ZonedUpstreams {
	readonly #others: Upstreams;
	readonly #zones: readonly Zone[];
	readonly #table: SuffixTable;
	/** By the table's values. */
	readonly #zoneAt: readonly number[];
	readonly #keeps: (name: DomainName) => boolean;
	readonly #seed: number;
	readonly #name = new DomainName();

	/**
	 * @param keeps whether a name may not be asked for at all.
	 * @param seed for the hashes of names; `keeps` is told names with these hashes.
	 */
	constructor(others: Upstreams, zones: readonly Zone[], keeps: (name: DomainName) => boolean, seed: number) {
		this.#others = others;
		this.#zones = zones;
		this.#keeps = keeps;
		this.#seed = seed;
		this.#table = new SuffixTable(
			zones.flatMap((zone) => zone.names),
			seed,
		);
		this.#zoneAt = zones.flatMap((zone, i) => zone.names.map(() => i));
	}

	/** The inquiry's `waiting` hears how it ended, never before this returns. */
	ask(inquiry: Inquiry): void {
		this.askOn(inquiry, 0);
	}

	/** `depth`: zones that the answer has led through already. */
	askOn(inquiry: Inquiry, depth: number): void {
		const { packet, questionEnd, type } = inquiry;
		readName(packet, HEADER_BYTES, questionEnd, this.#name, false);
		const zone = this.zoneOf(this.#name, type);
		if (zone < 0) this.#others.ask(inquiry);
		else {
			inquiry.waiting = new Chase(this, inquiry, zone, depth);
			this.#zones[zone].upstreams.ask(inquiry);
		}
	}

	/** Where the answer to `inquiry` goes on outside of its zone: asks for `target`, unless that may not be asked for. */
	follow(inquiry: Inquiry, target: DomainName, depth: number): boolean {
		hashSuffixes(target, this.#seed);
		if (this.#keeps(target)) return false;
		if (depth < MOST_ZONES) this.askOn(inquiry, depth);
		else queueMicrotask(() => inquiry.waiting.failed(EDE.NO_REACHABLE_AUTHORITY));
		return true;
	}

	/** The number of the zone whose servers know it; -1: none. */
	zoneOf(name: DomainName, type: number): number {
		hashSuffixes(name, this.#seed);
		// The DS of a zone stands in its parent (RFC 4035, section 3.1.4.1).
		const found = this.#table.find(name, type === TYPE.DS ? 1 : 0);
		return found < 0 ? -1 : this.#zoneAt[found];
	}

	/** Sends what was put together in this round. */
	flush(): void {
		this.#others.flush();
		for (const zone of this.#zones) zone.upstreams.flush();
	}

	/** What is still on its way fails. */
	close(): void {
		this.#others.close();
		for (const zone of this.#zones) zone.upstreams.close();
	}
}
