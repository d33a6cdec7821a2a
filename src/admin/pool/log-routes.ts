/** What the node writes to its log. */
import { LOG_LEVELS } from "../../observe/log.ts";
import { oneOf, span } from "./field.ts";
import { Refusal } from "./refusal.ts";
import { json, type PoolRoute, route } from "./route.ts";
import { object, string, time } from "./schema-words.ts";

const ADMINS = ["admin"] as const;

export const LOG_ROUTES: readonly PoolRoute[] = [
	route({
		method: "POST",
		path: "/log/level",
		id: "setLogLevel",
		group: "node",
		summary: "Write more or less to the log of this node",
		description:
			"In force until it is set again, or until the configuration is reloaded, whose log.level counts then.",
		roles: ADMINS,
		bodyFields: {
			level: oneOf("the least severe lines that are written", LOG_LEVELS),
			for: span("how long; 0s: until it is set again or reloaded", "7d", "0s"),
		},
		outcomes: {
			200: {
				about: "In force",
				schema: object(
					"The level",
					{
						level: string("in force now"),
						configured: string("of the configuration"),
						until: time("when the configured one is in force again"),
					},
					["until"],
				),
			},
		},
		async handle({ log, actor, body: { level, for: forMs } }) {
			if (actor.role !== "admin") {
				throw new Refusal(403, `${actor.name} is ${actor.role}; only an admin may set the level of the log`);
			}
			const before = log.level.level;
			log.overrideLevel(level, forMs === 0 ? undefined : forMs);
			log.info("the level of the log was set", { by: actor.name, before, now: level });
			return json(200, log.level);
		},
	}),
];
