/**
 * When entries of the audit may go. What a store remembers for it are a few fields of text, which all nodes share:
 *
 *     keep:MS      when a node last wished that entries are kept for so long
 *     most:N       when a node last wished that no more than so many are kept
 *     looked       when the store's clock was last looked at, within an hour
 *     steady       since when it has not leapt
 *     removed, until, last, at, node      what has been taken out: AuditTrim
 *
 * Nothing goes by a mistake that somebody notices within a week: a wish counts for a week after it was last said, so that
 * neither a wrong key on one node nor a node that is new decides over what the others want; and after the clock leapt,
 * or when the pool is watched for the first time, nothing goes for a week.
 */
import type { NewAuditEntry } from "./record.ts";
import type { AuditTrim, AuditWish } from "./retention.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** How long a wish counts, and how long the clock has to be trusted. */
const GRACE_MS = 7 * DAY_MS;
/** The last moment that a Date can hold: what an entry says comes from outside. */
const LAST_DATE_MS = 8.64e15;
/** Entries taken out at once: so few that nobody who asks meanwhile waits. */
export const TRIM_STEP = 1000;

export type Fields = ReadonlyMap<string, string>;

export interface Limits extends AuditWish {
	/** Entries from before this moment may go: the beginning of a day, so that an audit that is busy is trimmed once a day. */
	readonly before: number;
}

export interface Watched {
	/** Fields to be written, those that are undefined to be taken out. */
	readonly news: ReadonlyMap<string, string | undefined>;
	/** Undefined while nothing may go. */
	readonly limits: Limits | undefined;
}

/** @param now by the store's clock, milliseconds since the epoch. */
export function watch(fields: Fields, wish: AuditWish, now: number): Watched {
	const news = new Map<string, string | undefined>();
	const [looked, steady] = [moment(fields, "looked"), moment(fields, "steady")];
	const leapt =
		looked === undefined || steady === undefined || now - looked > GRACE_MS || looked - now > HOUR_MS;
	if (leapt) news.set("steady", String(now));
	if (leapt || now - looked >= HOUR_MS) news.set("looked", String(now));
	const keepMs = largest("keep", wish.keepMs, fields, news, now);
	const most = largest("most", wish.most, fields, news, now);
	if (leapt || now - steady < GRACE_MS) return { news, limits: undefined };
	return { news, limits: { keepMs, most, before: Math.floor((now - keepMs) / DAY_MS) * DAY_MS } };
}

/** The largest of the wishes that count. What is old, new, or of the future is noted among the news. */
function largest(
	kind: "keep" | "most",
	own: number,
	fields: Fields,
	news: Map<string, string | undefined>,
	now: number,
): number {
	let most = own;
	const mine = `${kind}:${own}`;
	if (!fields.has(mine)) news.set(mine, String(now));
	for (const field of fields.keys()) {
		const [, digits] = /^([a-z]+):(\d{1,15})$/.exec(field)?.[1] === kind ? field.split(":") : [];
		if (digits === undefined) continue;
		const said = moment(fields, field) ?? 0;
		if (field === mine) {
			if (Math.abs(now - said) >= HOUR_MS) news.set(field, String(now));
		} else if (now - said > GRACE_MS) {
			news.set(field, undefined);
		} else {
			// Else a wish that was said while the clock was ahead would count until then.
			if (said - now > HOUR_MS) news.set(field, String(now));
			most = Math.max(most, Number(digits));
		}
	}
	return most;
}

function moment(fields: Fields, field: string): number | undefined {
	const value = Number(fields.get(field) ?? Number.NaN);
	return Number.isSafeInteger(value) ? value : undefined;
}

/** Whether the oldest entry has to go. @param length of the audit. */
export function isDue(limits: Limits, length: number, oldest: { readonly at: number } | undefined): boolean {
	return oldest !== undefined && (length > limits.most || oldest.at < limits.before);
}

export interface Trimming {
	/** How many of the oldest entries go. */
	readonly count: number;
	/** What the audit says of it. */
	readonly entry: NewAuditEntry;
	/** Fields to be written along. */
	readonly fields: ReadonlyMap<string, string>;
}

/**
 * What goes next of the audit, TRIM_STEP at most; undefined when nothing has to.
 *
 * @param oldest its first TRIM_STEP entries, or all of them.
 */
export function trimming(
	{ fields, limits, length, node, now }: Trimmable,
	oldest: readonly { readonly id: string; readonly at: number }[],
): Trimming | undefined {
	const young = oldest.findIndex(({ at }) => at >= limits.before);
	const old = young === -1 ? oldest.length : young;
	// One in a hundred more: else each new entry would be followed by another that tells of the one which had to go.
	const surplus = length > limits.most ? length - limits.most + Math.ceil(limits.most / 100) : 0;
	const count = Math.min(Math.max(old, surplus), oldest.length, TRIM_STEP);
	if (count === 0) return undefined;
	const { id, at } = oldest[count - 1];
	const why: Record<string, string> =
		old >= surplus
			? { keep: `${Math.round((limits.keepMs * 100) / DAY_MS) / 100}d` }
			: { most: String(limits.most) };
	const until = new Date(Math.max(-LAST_DATE_MS, Math.min(at, LAST_DATE_MS))).toISOString();
	const details = { entries: String(count), until, ...why };
	const removed = moment(fields, "removed") ?? 0;
	return {
		count,
		entry: { actor: "cordon", node, from: "retention", action: "trim", details },
		fields: new Map([
			["removed", String(removed + count)],
			["until", String(at)],
			["last", id],
			["at", String(now)],
			["node", node],
		]),
	};
}

export interface Trimmable {
	readonly fields: Fields;
	readonly limits: Limits;
	/** Of the audit. */
	readonly length: number;
	readonly node: string;
	/** Milliseconds since the epoch, by the store's clock. */
	readonly now: number;
}

/** Undefined when nothing has been taken out yet. */
export function trimOf(fields: Fields): AuditTrim | undefined {
	const last = fields.get("last");
	if (last === undefined) return undefined;
	return {
		entries: moment(fields, "removed") ?? 0,
		until: moment(fields, "until") ?? 0,
		last,
		at: moment(fields, "at") ?? 0,
		node: fields.get("node") ?? "",
	};
}
