/** `cordon pool sightings` and `audit`. */
import type { MemberSighting } from "../../pool/desk.ts";
import type { AuditEntry } from "../../pool/record.ts";
import type { AuditTrim } from "../../pool/retention.ts";
import type { AdminClient } from "../admin-client.ts";
import { table } from "../table.ts";
import { counted, moment } from "./layout.ts";
import { limitOf } from "./list.ts";
import type { Subcommand } from "./subcommand.ts";

const PAGE = 1000;
const TIMEOUT_MS = 60_000;

export const sightings: Subcommand = {
	arguments: "[--member M] [--since 7d]",
	help: `Shows how often a member's contributions stopped something, and in how many networks.

  --member M         whose contributions; else your own
  --since 7d         how far back`,
	options: { member: { type: "string" }, since: { type: "string" } },
	words: [0, 0],
	async run({ typed, connect, say, note, json }) {
		const query = new URLSearchParams({ since: typed.text("since") ?? "7d" });
		const member = typed.text("member");
		if (member !== undefined) query.set("member", member);
		const client = await connect();
		const answer = await client.get(`/api/v1/sightings?${query}`, TIMEOUT_MS);
		const found = (answer.sightings as readonly MemberSighting[]).toSorted((a, b) => b.count - a.count);
		if (typed.isSet("json")) json(found);
		else {
			const rows = found.map(({ domain, count, networks, lastHour }) => [
				domain,
				counted(count, "query", "queries"),
				counted(networks, "network"),
				`last at ${moment(lastHour)}`,
			]);
			for (const row of table(rows)) say(row);
		}
		if (found.length === 0) note("nothing was seen");
		return 0;
	},
};

/**
 * The last `limit` of all that come after `after`, and what is gone of those that would stand before them: of all of the
 * audit that is of interest only where it is shown from its beginning.
 */
async function lastEntries(client: AdminClient, after: string | undefined, limit: number) {
	let last: AuditEntry[] = [];
	let trimmed: AuditTrim | undefined;
	let count = 0;
	let next = after;
	do {
		const query = new URLSearchParams({ limit: String(PAGE) });
		if (next !== undefined) query.set("after", next);
		const page = await client.get(`/api/v1/audit?${query}`, TIMEOUT_MS);
		const entries = page.entries as readonly AuditEntry[];
		count += entries.length;
		last = [...last, ...entries].slice(-limit);
		trimmed ??= page.trimmed as AuditTrim | undefined;
		next = page.next as string | undefined;
	} while (next !== undefined);
	return { last, trimmed: after === undefined && count > limit ? undefined : trimmed };
}

function absence({ entries, until, at, node }: AuditTrim): string {
	const number = counted(entries, "older entry", "older entries");
	return `${number}, until ${moment(until)}, taken out by retention (pool.auditKeep, pool.auditMost), last at ${moment(at)} by ${node}`;
}

function entryRow({ at, actor, action, from, node, details }: AuditEntry): string[] {
	const about = Object.entries(details).map(([name, value]) => `${name}=${value}`);
	return [moment(at), actor, action, about.join(" "), `from ${from} at ${node}`];
}

export const audit: Subcommand = {
	arguments: "[--limit N] [--after ID]",
	help: `Shows who did what, when, from where; the latest last.

  --limit N          how many at most, 50 by default
  --after ID         only what came after this entry

Where older entries were taken out (pool.auditKeep), a line says so.`,
	options: { limit: { type: "string" }, after: { type: "string" } },
	words: [0, 0],
	async run({ typed, connect, say, note, json }) {
		const limit = limitOf(typed.text("limit"), 50);
		const { last, trimmed } = await lastEntries(await connect(), typed.text("after"), limit);
		if (trimmed !== undefined) note(absence(trimmed));
		if (typed.isSet("json")) json(last);
		else for (const row of table(last.map(entryRow))) say(row);
		return 0;
	},
};
