/** Retention of the audit on disk: a step is one small transaction. */
import type { AuditRetention, AuditTrim, AuditWish, Retained } from "../retention.ts";
import { type Fields, isDue, TRIM_STEP, trimming, trimOf, watch } from "../retention-rule.ts";
import type { Access } from "./access.ts";
import type { Environment, Table } from "./environment.ts";
import { isEntryId, type Journal } from "./journal.ts";

export interface RetentionParts {
	readonly environment: Environment;
	/** Of the rule: retention-rule.ts. */
	readonly fields: Table;
	readonly journal: Journal;
	readonly access: Access;
}

export class EmbeddedRetention implements AuditRetention {
	readonly #parts: RetentionParts;

	constructor(parts: RetentionParts) {
		this.#parts = parts;
	}

	async apply(node: string, wish: AuditWish): Promise<Retained> {
		const { access, journal } = this.#parts;
		return access.record((now) => ({ removed: this.#step(node, wish, now), entries: journal.length }));
	}

	async trimmed(after: string | undefined): Promise<AuditTrim | undefined> {
		const trim = this.#parts.access.answer(() => trimOf(this.#fields()));
		return trim !== undefined && isEntryId(after) && after >= trim.last ? undefined : trim;
	}

	/** Within a transaction. @returns how many entries were taken out. */
	#step(node: string, wish: AuditWish, now: number): number {
		const { journal } = this.#parts;
		const fields = this.#fields();
		const { news, limits } = watch(fields, wish, now);
		this.#write(news);
		const { length } = journal;
		if (limits === undefined || !isDue(limits, length, journal.read(undefined, 1).at(0))) return 0;
		const found = trimming({ fields, limits, length, node, now }, journal.read(undefined, TRIM_STEP));
		if (found === undefined) return 0;
		journal.append([found.entry], now);
		journal.removeOldest(found.count);
		this.#write(found.fields);
		return found.count;
	}

	#fields(): Fields {
		const { environment, fields } = this.#parts;
		return new Map([...environment.range(fields, { start: "\0" })].map(({ key, value }) => [key, value]));
	}

	#write(news: ReadonlyMap<string, string | undefined>): void {
		const { fields } = this.#parts;
		for (const [field, value] of news) {
			if (value === undefined) fields.removeSync(field);
			else fields.putSync(field, value);
		}
	}
}
