/** What a compiled blocklist was made from: when it changes, the snapshot is of no use. */
import { createHash } from "node:crypto";
import { LAYOUT_VERSION } from "../blocklist/layout.ts";
import type { Config } from "../config/schema.ts";

export function recipeOf(config: Config): string {
	const { allow, deny, hostsMatch } = config.blocking;
	const lists = config.lists.map(({ name, url, file, kind, format, match }) => ({
		name,
		url,
		file,
		kind,
		format,
		match,
	}));
	return createHash("sha256")
		.update(JSON.stringify([LAYOUT_VERSION, allow, deny, hostsMatch, lists]))
		.digest("hex");
}
