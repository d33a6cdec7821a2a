/** One of the two states: the one that counts, or the one that is being filled to take its place. */
import { validFromOf, validUntilOf } from "../codec.ts";
import { domainOf, kindOf } from "../record-key.ts";
import type { Environment, Table } from "./environment.ts";
import { afterStamp, stamp, stamped, unpacked } from "./packed-key.ts";

const LAST_STAMP = 2 ** 53 - 2;

/** The two kinds of moments: a contribution begins to count, or ends. */
const KINDS = ["f", "u"] as const;
type MomentKind = (typeof KINDS)[number];

export class Side {
	/** Values by packed key. */
	readonly records: Table;
	/** Kind, stamp of the time, and packed key of the contribution; no value. */
	readonly moments: Table;
	readonly #environment: Environment;

	constructor(environment: Environment, records: Table, moments: Table) {
		this.#environment = environment;
		this.records = records;
		this.moments = moments;
	}

	/** Within a transaction. @returns what was there before. */
	edit(key: string, value: string | undefined): string | undefined {
		const before = this.records.get(key);
		if (before === value) return before;
		const dated = kindOf(key) === "contribution";
		if (dated && before !== undefined)
			for (const moment of momentsOf(key, before)) this.moments.removeSync(moment);
		if (value === undefined) this.records.removeSync(key);
		else this.records.putSync(key, value);
		if (dated && value !== undefined)
			for (const moment of momentsOf(key, value)) this.moments.putSync(moment, "");
		return before;
	}

	/** Domains with a moment in (after, until], each once, at most `limit`. */
	domainsWithMoments(after: number, until: number, limit: number): string[] {
		const domains = new Set<string>();
		for (const kind of KINDS) {
			for (const key of this.#between(kind, after, until)) {
				if (domains.size >= limit) break;
				domains.add(unpacked(domainOf(afterStamp(key, 1))));
			}
		}
		return [...domains];
	}

	nextMoment(after: number): number | undefined {
		let next: number | undefined;
		for (const kind of KINDS) {
			for (const key of this.#between(kind, after, LAST_STAMP)) {
				next = Math.min(next ?? Number.POSITIVE_INFINITY, stamped(key, 1));
				break;
			}
		}
		return next;
	}

	/** Packed keys of contributions whose time is over at `now`, the oldest first. */
	*expired(now: number): Generator<string> {
		for (const key of this.#between("u", -1, now)) yield afterStamp(key, 1);
	}

	/** One table after the other: `between`, what was read of it can be given back. */
	clear(between: () => void): void {
		for (const table of [this.records, this.moments]) {
			const [first] = [...this.#environment.keys(table, { start: "\0", limit: 1 })];
			if (first === undefined) continue;
			this.#environment.transact(() => table.clearSync());
			between();
		}
	}

	#between(kind: MomentKind, after: number, until: number): Generator<string> {
		const [start, end] = [after + 1, until + 1].map((t) => Math.min(Math.max(Math.floor(t), 0), LAST_STAMP));
		return this.#environment.keys(this.moments, { start: kind + stamp(start), end: kind + stamp(end) });
	}
}

/** Where the moments of a contribution stand in the table. */
export function momentsOf(key: string, value: string): string[] {
	const [from, until] = [validFromOf(value), validUntilOf(value)];
	// Half a validity is none.
	return Number.isNaN(from) || Number.isNaN(until) ? [] : [`f${stamp(from)}${key}`, `u${stamp(until)}${key}`];
}
