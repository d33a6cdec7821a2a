/** The audit: appended to at its end, and, by retention alone, cut at its beginning. */
import type { AuditEntry, NewAuditEntry } from "../record.ts";
import type { Environment, Table } from "./environment.ts";

const DIGITS = 15;
const ID = new RegExp(`^\\d{${DIGITS}}$`);

/** Whether it can be the id of an entry here; what cannot is taken as if it were not there. */
export function isEntryId(text: string | undefined): text is string {
	return text !== undefined && ID.test(text);
}

export class Journal {
	readonly #environment: Environment;
	readonly #table: Table;

	constructor(environment: Environment, table: Table) {
		this.#environment = environment;
		this.#table = table;
	}

	/** Within a transaction. */
	append(entries: readonly NewAuditEntry[], at: number): void {
		this.appendAsTheyWere(entries.map((entry) => ({ ...entry, at })));
	}

	/** Within a transaction: entries of a backup, with their own times. */
	appendAsTheyWere(entries: readonly Omit<AuditEntry, "id">[]): void {
		if (entries.length === 0) return;
		let number = this.#last();
		for (const { at, actor, node, from, action, details } of entries) {
			number++;
			const value = JSON.stringify({ at, actor, node, from, action, details });
			this.#table.putSync(String(number).padStart(DIGITS, "0"), value);
		}
	}

	read(after: string | undefined, limit: number): AuditEntry[] {
		const entries: AuditEntry[] = [];
		const start = isEntryId(after) ? `${after}\0` : "0";
		for (const { key, value } of this.#environment.range(this.#table, { start, limit })) {
			entries.push({ id: key, ...(JSON.parse(value) as Omit<AuditEntry, "id">) });
		}
		return entries;
	}

	/** How many entries there are: their numbers have no holes. */
	get length(): number {
		for (const first of this.#environment.keys(this.#table, { start: "0", limit: 1 })) {
			return this.#last() - Number(first) + 1;
		}
		return 0;
	}

	/** Within a transaction, after something was appended, so that no number comes twice. Takes the oldest entries out. */
	removeOldest(count: number): void {
		for (const key of [...this.#environment.keys(this.#table, { start: "0", limit: count })]) {
			this.#table.removeSync(key);
		}
	}

	#last(): number {
		for (const key of this.#environment.keys(this.#table, { start: "~", reverse: true, limit: 1 }))
			return Number(key);
		return 0;
	}
}
