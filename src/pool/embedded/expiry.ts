/** Contributions whose time is over, and how they are taken out. */
import type { Edit, NewAuditEntry } from "../record.ts";
import { domainOf, memberOf } from "../record-key.ts";
import { unpacked } from "./packed-key.ts";
import type { Side } from "./side.ts";

/** @param limit of edits. @param node that does it. */
export function expiry(
	side: Side,
	now: number,
	limit: number,
	node: string,
): { readonly edits: readonly Edit[]; readonly audit: readonly NewAuditEntry[] } {
	const edits: Edit[] = [];
	const audit: NewAuditEntry[] = [];
	if (limit <= 0) return { edits, audit };
	for (const packedKey of side.expired(now)) {
		const key = unpacked(packedKey);
		const details = { domain: domainOf(key), member: memberOf(key) ?? "" };
		audit.push({ actor: "cordon", node, from: "expiry", action: "expire", details });
		if (edits.push({ key, value: undefined }) >= limit) break;
	}
	return { edits, audit };
}
