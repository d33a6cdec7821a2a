/** Faults of the cache that one key alone does not show. */
import { access } from "./access-schema.ts";
import { cache } from "./cache-schema.ts";
import type { Conflict } from "./conflict.ts";
import { valueAt } from "./issue.ts";
import { parseDuration } from "./units.ts";

/** `value` is what the file says, not yet validated. */
export function findCacheConflicts(value: unknown): readonly Conflict[] {
	const discardAfter = access.shape.discardAfter.safeParse(valueAt(value, ["access", "discardAfter"])).data;
	const stale = cache.shape.stale.safeParse(valueAt(value, ["cache", "stale"])).data;
	if (discardAfter === undefined || stale === undefined) return [];
	// The default gives way (cache-settings.ts).
	if (valueAt(value, ["cache", "stale", "clientTimeout"]) === undefined) return [];
	const limit = parseDuration(discardAfter) ?? 0;
	if (limit === 0 || parseDuration(stale.maxAge) === 0) return [];
	if ((parseDuration(stale.clientTimeout) ?? 0) < limit) return [];
	return [
		{
			path: ["cache", "stale", "clientTimeout"],
			message: `${stale.clientTimeout} is not below access.discardAfter (${discardAfter}), after which nothing is sent over UDP: no client would get a stale answer. Lower it, raise access.discardAfter, or set cache.stale.maxAge to 0s`,
		},
	];
}
