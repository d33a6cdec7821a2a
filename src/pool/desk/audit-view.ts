import { excerpt } from "../../wire/excerpt.ts";
import { type Actor, DeskError } from "../desk.ts";
import type { AuditEntry } from "../record.ts";
import type { PoolStore } from "../store.ts";
import { askedLimit } from "./asked-text.ts";
import type { Rights } from "./rights.ts";

const MOST = 1000;
/** Of ids that stores give; what they mean, only the store knows. */
const ID = /^[A-Za-z0-9._:-]{1,100}$/;

/**
 * As PoolDesk.audit: all of it for an admin; for others only what they did themselves.
 */
export async function auditFor(
	actor: Actor,
	after: string | undefined,
	limit: number,
	{ store, rights }: { readonly store: Pick<PoolStore, "audit">; readonly rights: Rights },
): Promise<readonly AuditEntry[]> {
	const isAdmin = rights.isAdmin(actor);
	const most = askedLimit(limit, MOST);
	if (after !== undefined && !ID.test(after)) {
		throw new DeskError(
			400,
			`after: "${excerpt(after, 80)}" is no id of an entry: use the last one that was shown`,
		);
	}
	if (isAdmin) return store.audit(after, most);
	const own: AuditEntry[] = [];
	for (let last = after; ; ) {
		const entries = await store.audit(last, MOST);
		own.push(...entries.filter((entry) => entry.actor === actor.name));
		if (own.length >= most || entries.length < MOST) return own.slice(0, most);
		last = entries[entries.length - 1].id;
	}
}
