/** Every route of the pool: what is served and what is described is made from this. */
import { CACHE_ROUTES } from "./cache-routes.ts";
import { CONTRIBUTION_ROUTES } from "./contribution-routes.ts";
import { LOG_ROUTES } from "./log-routes.ts";
import { DISPUTE_ROUTES, HELD_ROUTES, MEMBER_ROUTES } from "./people-routes.ts";
import type { PoolRoute } from "./route.ts";
import { RECORD_ROUTES, STATE_ROUTES } from "./state-routes.ts";

export const API = "/api/v1";

export const POOL_ROUTES: readonly PoolRoute[] = [
	...CONTRIBUTION_ROUTES,
	...DISPUTE_ROUTES,
	...HELD_ROUTES,
	...MEMBER_ROUTES,
	...RECORD_ROUTES,
	...STATE_ROUTES,
	...CACHE_ROUTES,
	...LOG_ROUTES,
];

const PATTERNS = POOL_ROUTES.map(({ method, path }) => ({
	method,
	pattern: new RegExp(`^${API}${path.replace(/\{\w+\}/g, "[^/]*")}$`),
}));

/** The methods that the pool's API knows for a path, HEAD with GET; undefined when the path is not its own. */
export function methodsAt(path: string): readonly string[] | undefined {
	const methods = PATTERNS.filter(({ pattern }) => pattern.test(path)).flatMap(({ method }) =>
		method === "GET" ? ["GET", "HEAD"] : [method],
	);
	return methods.length === 0 ? undefined : methods;
}
