/** Sums of blocked queries, for thirty days. */
import type { SightingSum } from "../store.ts";
import type { Environment, Table } from "./environment.ts";
import { afterStamp, MOST_KEY_BYTES, packed, stamp, stamped, unpacked } from "./packed-key.ts";

const KEPT_MS = 30 * 86_400_000;
/** Old reports that are forgotten when a new one comes. */
const STEP = 200;

export class SightingBook {
	readonly #environment: Environment;
	/** Domain, TAB, stamp of the hour, network → count. */
	readonly #sums: Table;
	/** `i`, id → nothing; `t`, stamp of the time, id → nothing. */
	readonly #reports: Table;
	/** How far the walk has come that takes out what is old. */
	#walked = "\0";

	constructor(environment: Environment, sums: Table, reports: Table) {
		this.#environment = environment;
		this.#sums = sums;
		this.#reports = reports;
	}

	/** Within a transaction. Sums that cannot be are left out. */
	add(report: string, sums: readonly SightingSum[], now: number): void {
		const id = packed(report);
		if (id.length === 0 || id.length > 256)
			throw new Error(`a report's id has 1 to 256 bytes: ${report.slice(0, 80)}`);
		if (this.#reports.get(`i${id}`) !== undefined) return;
		this.#reports.putSync(`i${id}`, "");
		this.#reports.putSync(`t${stamp(now)}${id}`, "");
		for (const { domain, hour, network, count } of sums) {
			if (!isWhole(hour) || !isWhole(count) || hour < now - KEPT_MS) continue;
			const key = `${packed(domain)}\t${stamp(hour)}${packed(network)}`;
			if (key.length > MOST_KEY_BYTES || domain.includes("\t")) continue;
			const sum = Number(this.#sums.get(key) ?? 0) + count;
			this.#sums.putSync(key, String(Math.min(sum, Number.MAX_SAFE_INTEGER)));
		}
		this.#forget(now - KEPT_MS, STEP + 2 * sums.length);
	}

	read(domains: readonly string[], since: number, now: number): SightingSum[] {
		const found: SightingSum[] = [];
		const from = stamp(Math.max(Math.ceil(since), now - KEPT_MS, 0));
		for (const domain of new Set(domains)) {
			const start = `${packed(domain)}\t`;
			if (start.length > MOST_KEY_BYTES - 64) continue;
			const range = { start: start + from, end: `${start.slice(0, -1)}\n` };
			for (const { key, value } of this.#environment.range(this.#sums, range)) {
				const hour = stamped(key, start.length);
				found.push({ domain, hour, network: unpacked(afterStamp(key, start.length)), count: Number(value) });
			}
		}
		return found;
	}

	/** Looks at some sums, going on where it stopped the last time: more than came in, so that it keeps up. */
	#forget(before: number, sums: number): void {
		const old: string[] = [];
		let seen = 0;
		let last = "\0";
		for (const key of this.#environment.keys(this.#sums, { start: this.#walked, limit: sums })) {
			if (stamped(key, key.indexOf("\t") + 1) < before) old.push(key);
			last = key;
			seen++;
		}
		this.#walked = seen < sums ? "\0" : last;
		for (const key of old) this.#sums.removeSync(key);

		const range = { start: "t", end: `t${stamp(Math.max(before, 0))}`, limit: STEP };
		for (const key of [...this.#environment.keys(this.#reports, range)]) {
			this.#reports.removeSync(`i${afterStamp(key, 1)}`);
			this.#reports.removeSync(key);
		}
	}
}

function isWhole(value: number): boolean {
	return Number.isSafeInteger(value) && value >= 0;
}
