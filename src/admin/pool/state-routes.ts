/** What happened, what was seen, and how the pool does. */
import { ROLES } from "../../pool/contribution.ts";
import { count, optional, span, text } from "./field.ts";
import { memberField } from "./names.ts";
import { json, type PoolRoute, route } from "./route.ts";
import { collection, NEXT, ref } from "./schema-words.ts";

const ADMINS = ["admin"] as const;
const TRIMMED = { ...NEXT, trimmed: ref("AuditTrim") };

export const RECORD_ROUTES: readonly PoolRoute[] = [
	route({
		method: "GET",
		path: "/audit",
		id: "readAudit",
		group: "records",
		summary: "Who did what, when, from where; oldest first",
		description:
			"Admins read all of it, others what they did themselves. Entries older than `pool.auditKeep` are taken out: where some of those after `after` are gone, the page begins with the oldest one that is left, and `trimmed` tells of the rest.",
		roles: ROLES,
		queryFields: {
			after: optional(text({ about: "the `next` of the page before, or any entry's id", most: 100 })),
			limit: count("how many at most", 1, 1000, 100),
		},
		outcomes: { 200: { about: "One page", schema: collection("entries", "AuditEntry", TRIMMED) } },
		async handle({ desk, actor, query: { after, limit } }) {
			const { entries, trimmed } = await desk.audit(after, limit, actor);
			const next = entries.length < limit ? undefined : entries.at(-1)?.id;
			return json(200, {
				entries,
				...(next === undefined ? {} : { next }),
				...(trimmed === undefined ? {} : { trimmed }),
			});
		},
	}),
	route({
		method: "GET",
		path: "/sightings",
		id: "readSightings",
		group: "records",
		summary: "How often a member's contributions stopped something, and in how many networks",
		description:
			"Sums by domain: no clients, and no times finer than the hour. Only admins read those of others.",
		roles: ROLES,
		queryFields: {
			member: optional(memberField("whose contributions; absent: one's own")),
			since: span("how far back", "366d", "7d"),
		},
		outcomes: { 200: { about: "By domain", schema: collection("sightings", "Sighting") } },
		async handle({ desk, actor, now, query: { member = actor.name, since } }) {
			return json(200, { sightings: await desk.sightings(member, now - since, actor) });
		},
	}),
];

export const STATE_ROUTES: readonly PoolRoute[] = [
	route({
		method: "GET",
		path: "/pool",
		id: "readPool",
		group: "pool",
		summary: "How the pool does, seen from this node",
		roles: ROLES,
		outcomes: { 200: { about: "Its state", schema: ref("PoolStatus") } },
		async handle({ desk }) {
			return json(200, desk.status());
		},
	}),
	route({
		method: "GET",
		path: "/pool/verify",
		id: "verifyPool",
		group: "pool",
		summary: "Compare this node's copy with the store, record by record",
		description: "It reads the whole pool, which takes a while.",
		roles: ADMINS,
		outcomes: { 200: { about: "The comparison", schema: ref("Comparison") } },
		async handle({ desk, actor }) {
			return json(200, await desk.verify(actor));
		},
	}),
	route({
		method: "POST",
		path: "/pool/restore",
		id: "restorePool",
		group: "pool",
		summary: "Put this node's copy back into a store that lost its state",
		description: "All of the shared state is replaced, as a new epoch; every node loads it anew.",
		roles: ADMINS,
		outcomes: { 200: { about: "Where the pool stands now", schema: ref("Position") } },
		async handle({ desk, actor }) {
			return json(200, await desk.restore(actor));
		},
	}),
];
