/** Members, disputes, and what waits for a person. */
import { ROLES } from "../../pool/contribution.ts";
import { oneOf, text, withDefault } from "./field.ts";
import { domainField, memberField } from "./names.ts";
import { json, NOTHING, type PoolRoute, route } from "./route.ts";
import { collection, ref } from "./schema-words.ts";

const ADMINS = ["admin"] as const;
const WRITERS = ["admin", "contributor"] as const;

const heldId = text({
	about: "the `id` of what waits",
	most: 400,
	must: "the id of what waits, as GET /held tells it",
	example: "protected:example.org:cert",
});

function reasonField(about: string, least: number) {
	return text({ about, least, most: 1000, example: "our customers use it" });
}

export const MEMBER_ROUTES: readonly PoolRoute[] = [
	route({
		method: "GET",
		path: "/members",
		id: "listMembers",
		group: "members",
		summary: "Who takes part",
		roles: ROLES,
		outcomes: { 200: { about: "All members", schema: collection("members", "Member") } },
		async handle({ desk, actor }) {
			return json(200, { members: await desk.members(actor) });
		},
	}),
	route({
		method: "POST",
		path: "/members",
		id: "addMember",
		group: "members",
		summary: "Add a member",
		description: "The token is told this once: the pool keeps only its hash.",
		roles: ADMINS,
		bodyFields: {
			name: memberField("the new member's name"),
			role: withDefault(oneOf("what it may do", ROLES), "contributor"),
		},
		outcomes: {
			201: {
				about: "Added",
				schema: {
					type: "object",
					required: ["name", "role", "token"],
					properties: {
						name: { type: "string" },
						role: { type: "string", enum: ROLES },
						token: { type: "string", description: "what it proves itself with" },
					},
				},
			},
			409: { about: "There is a member of this name", schema: ref("Problem") },
		},
		async handle({ desk, actor, body: { name, role } }) {
			return json(201, { name, role, token: await desk.addMember(name, role, actor) });
		},
	}),
	route({
		method: "DELETE",
		path: "/members/{name}",
		id: "revokeMember",
		group: "members",
		summary: "Revoke a member: its token is good no longer, its contributions count no longer",
		roles: ADMINS,
		pathFields: { name: memberField("which member") },
		outcomes: {
			204: { about: "Revoked" },
			404: { about: "There is no such member", schema: ref("Problem") },
		},
		async handle({ desk, actor, path }) {
			await desk.revokeMember(path.name, actor);
			return NOTHING;
		},
	}),
];

export const DISPUTE_ROUTES: readonly PoolRoute[] = [
	route({
		method: "GET",
		path: "/disputes",
		id: "listDisputes",
		group: "disputes",
		summary: "What members say must not be blocked",
		roles: ROLES,
		outcomes: { 200: { about: "All disputes", schema: collection("disputes", "Dispute") } },
		async handle({ desk }) {
			return json(200, { disputes: await desk.disputes() });
		},
	}),
	route({
		method: "POST",
		path: "/disputes",
		id: "dispute",
		group: "disputes",
		summary: "Say that a domain must not be blocked",
		roles: WRITERS,
		bodyFields: {
			domain: domainField("what must not be blocked"),
			reason: reasonField("why, for whoever decides", 1),
		},
		outcomes: { 201: { about: "Disputed", schema: ref("Dispute") } },
		async handle({ desk, actor, body }) {
			return json(201, await desk.dispute(body.domain, body.reason, actor));
		},
	}),
	route({
		method: "DELETE",
		path: "/disputes/{domain}",
		id: "undispute",
		group: "disputes",
		summary: "Take one's own dispute back",
		roles: WRITERS,
		pathFields: { domain: domainField("which domain") },
		outcomes: {
			204: { about: "Taken back" },
			404: { about: "The member does not dispute it", schema: ref("Problem") },
		},
		async handle({ desk, actor, path }) {
			await desk.undispute(path.domain, actor);
			return NOTHING;
		},
	}),
];

export const HELD_ROUTES: readonly PoolRoute[] = [
	route({
		method: "GET",
		path: "/held",
		id: "listHeld",
		group: "held",
		summary: "What waits for a person",
		roles: ROLES,
		outcomes: { 200: { about: "All that waits", schema: collection("held", "HeldEntry") } },
		async handle({ desk }) {
			return json(200, { held: await desk.held() });
		},
	}),
	route({
		method: "POST",
		path: "/held/{id}/approve",
		id: "approve",
		group: "held",
		summary: "Let it pass",
		description: "Nobody approves twice, nor what they brought in themself.",
		roles: ADMINS,
		pathFields: { id: heldId },
		outcomes: {
			200: {
				about: "Approved. `waiting` is what still waits for somebody else; absent when nothing does",
				schema: { type: "object", properties: { waiting: ref("HeldEntry") } },
			},
			404: { about: "Nothing waits under this id", schema: ref("Problem") },
			409: { about: "The same person approved before", schema: ref("Problem") },
		},
		async handle({ desk, actor, path }) {
			const waiting = await desk.approve(path.id, actor);
			return json(200, waiting === undefined ? {} : { waiting });
		},
	}),
	route({
		method: "POST",
		path: "/held/{id}/reject",
		id: "reject",
		group: "held",
		summary: "Do not let it pass",
		description: "Admins reject anything, a member its own batch.",
		roles: WRITERS,
		pathFields: { id: heldId },
		bodyFields: { reason: withDefault(reasonField("why, for the audit", 0), "") },
		bodyOptional: true,
		outcomes: {
			204: { about: "Rejected" },
			404: { about: "Nothing waits under this id", schema: ref("Problem") },
		},
		async handle({ desk, actor, path, body }) {
			await desk.reject(path.id, body.reason, actor);
			return NOTHING;
		},
	}),
];
