import { excerpt } from "../../wire/excerpt.ts";
import { type Actor, type AuditPage, DeskError } from "../desk.ts";
import type { AuditEntry } from "../record.ts";
import type { AuditTrim } from "../retention.ts";
import type { PoolStore } from "../store.ts";
import { askedLimit } from "./asked-text.ts";
import type { Rights } from "./rights.ts";

const MOST = 1000;
/** Of ids that stores give; what they mean, only the store knows. */
const ID = /^[A-Za-z0-9._:-]{1,100}$/;

/** After a few attempts the audit is being trimmed without an end, and what we say of it may be too much. */
const MOST_LOOKS = 5;

type AuditStore = Pick<PoolStore, "audit" | "retention">;

/**
 * As PoolDesk.audit: all of it for an admin; for others only what they did themselves.
 */
export async function auditFor(
	actor: Actor,
	after: string | undefined,
	limit: number,
	{ store, rights }: { readonly store: AuditStore; readonly rights: Rights },
): Promise<AuditPage> {
	const isAdmin = rights.isAdmin(actor);
	const most = askedLimit(limit, MOST);
	if (after !== undefined && !ID.test(after)) {
		throw new DeskError(
			400,
			`after: "${excerpt(after, 80)}" is no id of an entry: use the last one that was shown`,
		);
	}
	if (isAdmin) return page(store, after, most);
	const own: AuditEntry[] = [];
	let trimmed: AuditTrim | undefined;
	for (let last = after; ; ) {
		const next = await page(store, last, MOST);
		const { entries } = next;
		trimmed ??= next.trimmed;
		own.push(...entries.filter((entry) => entry.actor === actor.name));
		if (own.length >= most || entries.length < MOST) return { entries: own.slice(0, most), ...told(trimmed) };
		last = entries[entries.length - 1].id;
	}
}

/**
 * With what is missing of it: looked at before and behind, so that the two belong to one moment. Rejects with 400 when
 * `after` is no id of this store.
 */
async function page(store: AuditStore, after: string | undefined, limit: number): Promise<AuditPage> {
	let trimmed = await store.retention.trimmed(after);
	for (let look = 1; ; look++) {
		const entries = await store.audit(after, limit).catch((error: unknown) => {
			throw error instanceof RangeError ? new DeskError(400, `after: ${error.message}`) : error;
		});
		const now = await store.retention.trimmed(after);
		if (now?.last === trimmed?.last || look === MOST_LOOKS) return { entries, ...told(now) };
		trimmed = now;
	}
}

function told(trimmed: AuditTrim | undefined): Pick<AuditPage, "trimmed"> {
	return trimmed === undefined ? {} : { trimmed };
}
