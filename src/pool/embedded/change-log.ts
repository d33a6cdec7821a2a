/** The last changes, in the order in which they were made. */
import type { Change, Edit, Position } from "../record.ts";
import type { Gap } from "../store.ts";
import type { Environment, Table } from "./environment.ts";
import { stamp, stamped } from "./packed-key.ts";

/** Token, key, value, expiresAt. */
type Stored = readonly [string, string, string | null, number | null];

export class ChangeLog {
	readonly #environment: Environment;
	/** By stamp of the seq. */
	readonly #table: Table;
	readonly #keep: number;

	/** @param keep how many changes. */
	constructor(environment: Environment, table: Table, keep: number) {
		this.#environment = environment;
		this.#table = table;
		this.#keep = keep;
	}

	/** Within a transaction. */
	append(edit: Edit, seq: number, token: string): void {
		const stored: Stored = [token, edit.key, edit.value ?? null, edit.expiresAt ?? null];
		this.#table.putSync(stamp(seq), JSON.stringify(stored));
	}

	/** Within a transaction. Keeps one more, whose token shows to whoever has everything up to it that nothing is missing. */
	trim(last: number): void {
		const end = last - this.#keep;
		if (end <= 0) return;
		for (const key of [...this.#environment.keys(this.#table, { start: stamp(0), end: stamp(end) })]) {
			this.#table.removeSync(key);
		}
	}

	/** Within a transaction. */
	clear(): void {
		this.#table.clearSync();
	}

	since(
		position: Position,
		head: Position,
		limit: number,
	): { readonly changes: readonly Change[]; readonly position: Position } | Gap {
		const { epoch, seq, token } = position;
		if (epoch !== head.epoch || !Number.isSafeInteger(seq) || seq < 0 || seq > head.seq) return "replaced";
		if (seq === head.seq) return token === head.token ? { changes: [], position: head } : "replaced";
		if (seq === 0) {
			if (token !== "") return "replaced";
			if (this.#table.get(stamp(1)) === undefined) return "trimmed";
		} else {
			const own = this.#table.get(stamp(seq));
			if (own === undefined) return "trimmed";
			if (read(own)[0] !== token) return "replaced";
		}
		const changes: Change[] = [];
		let last = position;
		const range = { start: stamp(seq + 1), end: stamp(Math.min(head.seq, seq + limit) + 1) };
		for (const { key: at, value: text } of this.#environment.range(this.#table, range)) {
			const [drawn, key, value, expiresAt] = read(text);
			const change = { seq: stamped(at, 0), key, value: value ?? undefined };
			changes.push(expiresAt === null ? change : { ...change, expiresAt });
			last = { epoch, seq: change.seq, token: drawn };
		}
		return { changes, position: last };
	}
}

function read(text: string): Stored {
	return JSON.parse(text);
}
