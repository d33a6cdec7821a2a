/** What came of requests, by their Idempotency-Key, for a day. */
import { createHash } from "node:crypto";
import type { Environment, Table } from "./environment.ts";
import { afterStamp, stamp, stamped } from "./packed-key.ts";

const DAY_MS = 86_400_000;
/** Old ones that are forgotten when a new one comes. */
const STEP = 100;

export class Outcomes {
	readonly #environment: Environment;
	/** `h`, hash → stamp of the time, outcome; `t`, stamp, hash → nothing, to find the old ones. */
	readonly #table: Table;

	constructor(environment: Environment, table: Table) {
		this.#environment = environment;
		this.#table = table;
	}

	recall(key: string, now: number): string | undefined {
		const stored = this.#table.get(name(key));
		return stored === undefined || stamped(stored, 0) <= now - DAY_MS ? undefined : afterStamp(stored, 0);
	}

	/** Within a transaction. @returns what is remembered already. */
	remember(key: string, outcome: string, now: number): string | undefined {
		const known = this.recall(key, now);
		if (known !== undefined) return known;
		this.#forget(now - DAY_MS);
		const hash = name(key);
		this.#table.putSync(hash, stamp(now) + outcome);
		this.#table.putSync(`t${stamp(now)}${hash}`, "");
		return undefined;
	}

	/** Within a transaction. */
	clear(): void {
		this.#table.clearSync();
	}

	#forget(until: number): void {
		const range = { start: "t", end: `t${stamp(Math.max(until, 0) + 1)}`, limit: STEP };
		for (const key of [...this.#environment.keys(this.#table, range)]) {
			const hash = afterStamp(key, 1);
			const stored = this.#table.get(hash);
			// It may have been remembered anew since.
			if (stored !== undefined && stamped(stored, 0) <= until) this.#table.removeSync(hash);
			this.#table.removeSync(key);
		}
	}
}

function name(key: string): string {
	return `h${createHash("sha256").update(key).digest("hex")}`;
}
