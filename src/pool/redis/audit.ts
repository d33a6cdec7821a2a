/** Reading the audit. */
import type { AuditEntry } from "../record.ts";
import type { Ground } from "./ground.ts";

const MOST_ENTRIES = 10_000;

/** @throws RangeError when `after` is no entry's id. */
export async function readAudit(
	ground: Ground,
	after: string | undefined,
	limit: number,
): Promise<readonly AuditEntry[]> {
	if (after !== undefined && !/^\d{1,20}-\d{1,20}$/.test(after)) {
		throw new RangeError(`${JSON.stringify(after)} is not the id of an audit entry, such as 1700000000000-0`);
	}
	const from = after === undefined ? "-" : `(${after}`;
	const count = Math.max(1, Math.min(limit, MOST_ENTRIES));
	const entries = await ground.link.run((client) =>
		client.xrange(ground.keys.audit, from, "+", "COUNT", count),
	);
	return readEntries(entries);
}

/** What XRANGE answered. */
export function readEntries(reply: unknown): AuditEntry[] {
	const list = (Array.isArray(reply) ? reply : []) as readonly (readonly [string, readonly string[]])[];
	return list.map(([id, fields]) => readEntry(id, fields));
}

/** An entry that is not as Cordon writes it is shown all the same: an audit leaves nothing out. */
function readEntry(id: string, fields: readonly string[]): AuditEntry {
	const named = new Map<string, string>();
	for (let i = 0; i + 1 < fields.length; i += 2) named.set(fields[i], fields[i + 1]);
	const at = Number(named.get("at"));
	return {
		id,
		at: Number.isSafeInteger(at) ? at : Number(id.split("-")[0]),
		actor: named.get("actor") ?? "",
		node: named.get("node") ?? "",
		from: named.get("from") ?? "",
		action: named.get("action") ?? "",
		details: readDetails(named.get("details") ?? "{}"),
	};
}

function readDetails(text: string): Readonly<Record<string, string>> {
	try {
		const value: unknown = JSON.parse(text);
		if (typeof value !== "object" || value === null) return {};
		return Object.fromEntries(Object.entries(value).filter(([, v]) => typeof v === "string"));
	} catch {
		return {};
	}
}
