/** What the node has cached. */
import { domainFault, domainName } from "../../wire/domain.ts";
import { nameFromText } from "../../wire/name.ts";
import { oneOf, optional, withDefault } from "./field.ts";
import { domainField } from "./names.ts";
import { Refusal } from "./refusal.ts";
import { json, type PoolRoute, route } from "./route.ts";
import { object, whole } from "./schema-words.ts";

const ADMINS = ["admin"] as const;

/** On the wire. Throws a Refusal. */
function wireName(text: string): Uint8Array {
	const name = domainName(text.trim());
	const wire = name === undefined ? undefined : nameFromText(name);
	if (wire === undefined)
		throw new Refusal(400, `the field name is no domain name: ${domainFault(text.trim())}`);
	return wire;
}

export const CACHE_ROUTES: readonly PoolRoute[] = [
	route({
		method: "POST",
		path: "/cache/flush",
		id: "flushCache",
		group: "node",
		summary: "Forget cached answers of this node",
		description: "Answers under way when it is called are given to those who wait for them, and not kept.",
		roles: ADMINS,
		bodyFields: {
			name: optional(domainField("the name whose answers are forgotten; absent with the scope all")),
			scope: withDefault(
				oneOf("the name alone, the name with all below it, or all names", ["exact", "subtree", "all"]),
				"exact",
			),
		},
		outcomes: {
			200: {
				about: "Forgotten",
				schema: object("What was forgotten", {
					forgotten: whole("answers, over all workers: each has a cache of its own"),
				}),
			},
		},
		async handle({ node, actor, body: { name, scope } }) {
			if (actor.role !== "admin") {
				throw new Refusal(403, `${actor.name} is ${actor.role}; only an admin may flush the cache`);
			}
			if ((scope === "all") !== (name === undefined)) {
				throw new Refusal(
					400,
					name === undefined
						? 'which name? Send {"name":"example.org"}, with "scope":"subtree" for all below it too, or {"scope":"all"}'
						: "the scope all takes no name; leave one of the two out",
				);
			}
			const flush = { name: name === undefined ? undefined : wireName(name), subtree: scope === "subtree" };
			return json(200, { forgotten: await node.flush(flush) });
		},
	}),
];
