/** What a compiled blocklist was made from: when it changes, the snapshot is of no use. */
import { createHash } from "node:crypto";
import { LAYOUT_VERSION } from "../blocklist/layout.ts";
import type { Config } from "../config/schema.ts";

export function recipeOf(config: Config): string {
	const { allow, deny, denyNetworks, hostsMatch } = config.blocking;
	const { store, name: poolName, trust, guard } = config.pool;
	const pool = store === "off" ? undefined : { poolName, store, trust, guard };
	const lists = config.lists.map(({ name, url, file, kind, to, format, match }) => ({
		name,
		url,
		file,
		kind,
		to,
		format,
		match,
	}));
	return createHash("sha256")
		.update(JSON.stringify([LAYOUT_VERSION, allow, deny, denyNetworks, hostsMatch, lists, pool]))
		.digest("hex");
}
