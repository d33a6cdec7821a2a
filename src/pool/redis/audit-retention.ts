/** Retention of the audit in Redis: by its clock, and by one node at a time. */
import type { AuditEntry } from "../record.ts";
import type { AuditRetention, AuditTrim, AuditWish, Retained } from "../retention.ts";
import { type Fields, isDue, TRIM_STEP, type Trimmable, trimming, trimOf, watch } from "../retention-rule.ts";
import { readAudit, readEntries } from "./audit.ts";
import { entryArguments, type Ground } from "./ground.ts";
import { LOOK, NOTE, TRIM } from "./lua-retention.ts";
import { countOf, damaged } from "./meta.ts";
import { withLock } from "./sweeper-lock.ts";

interface Looked {
	/** By the clock of Redis. */
	readonly now: number;
	/** Of the audit. */
	readonly length: number;
	readonly oldest: AuditEntry | undefined;
	readonly fields: Fields;
}

export class RedisRetention implements AuditRetention {
	readonly #ground: Ground;

	constructor(ground: Ground) {
		this.#ground = ground;
	}

	async apply(node: string, wish: AuditWish): Promise<Retained> {
		const meta = await this.#ground.fetchMeta();
		if (meta === undefined) return { removed: 0, entries: 0 };
		const { epoch } = meta.position;
		const looked = await this.#look();
		const { news, limits } = watch(looked.fields, wish, looked.now);
		if (news.size > 0) await this.#note(epoch, news);
		const untouched = { removed: 0, entries: looked.length };
		if (limits === undefined || !isDue(limits, looked.length, looked.oldest)) return untouched;
		const trimmed = await withLock(this.#ground, epoch, (holder) => this.#trim(epoch, holder, node, wish));
		return trimmed ?? untouched;
	}

	async trimmed(after: string | undefined): Promise<AuditTrim | undefined> {
		const { keys, link } = this.#ground;
		const trim = trimOf(fieldsOf(await link.run((client) => client.hgetall(keys.retention))));
		return trim === undefined || (after !== undefined && !isBefore(after, trim.last)) ? undefined : trim;
	}

	async #look(): Promise<Looked> {
		const { keys, link, options } = this.#ground;
		const reply = await link.run((client) => LOOK.run(client, [keys.meta, keys.audit, keys.retention], []));
		this.#checkOwn(reply);
		const { rest } = this.#ground.answer(reply);
		const [now, length] = [0, 1].map((i) => countOf(rest[i], Number.MAX_SAFE_INTEGER));
		if (now === undefined || length === undefined) throw damaged(options.faults.where);
		return { now, length, oldest: readEntries(rest[2]).at(0), fields: fieldsOf(rest[3]) };
	}

	/** What keeps nobody from writing to the pool is no refusal of it: throws an Error of its own, for the operator. */
	#checkOwn(reply: unknown): void {
		const { faults } = this.#ground.options;
		const { retention } = this.#ground.keys;
		const [word, what, is] = (Array.isArray(reply) ? reply : []).map(String);
		if (word === "refused")
			throw new Error(`${faults.of(new Error(is), what).message}; the audit is not trimmed`);
		if (word === "type" && what === retention) {
			throw new Error(
				`${faults.where} holds something else (${is}) under ${retention}, a key of the pool: the audit is not trimmed; remove that key`,
			);
		}
	}

	async #note(epoch: string, news: ReadonlyMap<string, string | undefined>): Promise<void> {
		const { keys, link } = this.#ground;
		const written = [...news].flatMap(([field, value]) => (value === undefined ? [] : [field, value]));
		const gone = [...news].flatMap(([field, value]) => (value === undefined ? [field] : []));
		const args = [written.length / 2, ...written, ...gone];
		await link.run((client) => NOTE.run(client, [keys.retention, keys.expiry(epoch)], args));
	}

	/** Looks anew, since another node may just have done it. */
	async #trim(epoch: string, holder: string, node: string, wish: AuditWish): Promise<Retained> {
		const { keys } = this.#ground;
		const { now, length, fields } = await this.#look();
		const { limits } = watch(fields, wish, now);
		const untouched = { removed: 0, entries: length };
		if (limits === undefined) return untouched;
		const oldest = await readAudit(this.#ground, undefined, TRIM_STEP);
		const trimmable: Trimmable = { fields, limits, length, node, now };
		const found = trimming(trimmable, oldest);
		if (found === undefined) return untouched;
		const answer = await this.#ground.write(
			TRIM,
			[...this.#ground.writingKeys(epoch), keys.sweeper, keys.retention],
			[
				...this.#ground.writingArguments(epoch),
				holder,
				oldest[0].id,
				following(oldest[found.count - 1].id),
				...entryArguments(found.entry),
				...[...found.fields].flat(),
			],
		);
		if (answer.word !== "ok") return untouched;
		const [removed = 0, left = length] = [2, 3].map((i) => countOf(answer.rest[i], Number.MAX_SAFE_INTEGER));
		return { removed, entries: left };
	}
}

/** From HGETALL: as ioredis gives it, or as a script does. */
function fieldsOf(reply: unknown): Fields {
	if (!Array.isArray(reply)) return new Map(Object.entries((reply ?? {}) as Record<string, string>));
	const list = reply.map(String);
	return new Map(list.flatMap((field, i): [string, string][] => (i % 2 === 0 ? [[field, list[i + 1]]] : [])));
}

function parts(id: string): readonly [milliseconds: bigint, number: bigint] {
	const [, milliseconds = "0", number = "0"] = /^(\d{1,20})-(\d{1,20})$/.exec(id) ?? [];
	return [BigInt(milliseconds), BigInt(number)];
}

/** Whether one entry stands before another, by their ids. */
function isBefore(one: string, other: string): boolean {
	const [[ms, number], [otherMs, otherNumber]] = [parts(one), parts(other)];
	return ms < otherMs || (ms === otherMs && number < otherNumber);
}

/** The least id behind another. */
function following(id: string): string {
	const [milliseconds, number] = parts(id);
	return `${milliseconds}-${number + 1n}`;
}
