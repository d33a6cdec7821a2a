/** Faults between the zones of `upstreams.zones`, and between them and what else is configured. */
import { canonicalName } from "./canonical-name.ts";
import type { Path } from "./fault.ts";
import { valueAt } from "./issue.ts";

interface Text {
	readonly path: Path;
	readonly text: string;
}

function listAt(value: unknown, path: Path): readonly unknown[] {
	const list = valueAt(value, path);
	return Array.isArray(list) ? list : [];
}

function textsAt(value: unknown, path: Path): readonly Text[] {
	return listAt(value, path).flatMap((text, i) =>
		typeof text === "string" ? [{ path: [...path, i], text }] : [],
	);
}

/** For each zone, where its servers are listed. */
export function zoneServers(value: unknown): readonly Path[] {
	return listAt(value, ["upstreams", "zones"]).map((_, i) => ["upstreams", "zones", i, "servers"]);
}

/** A name has one set of servers. */
export function zoneNames(value: unknown): { path: Path; message: string }[] {
	const first = new Map<string, Path>();
	return listAt(value, ["upstreams", "zones"]).flatMap((_, i) =>
		textsAt(value, ["upstreams", "zones", i, "names"]).flatMap(({ path, text }) => {
			const name = canonicalName(text);
			const known = name === undefined ? undefined : first.get(name);
			if (name === undefined) return [];
			if (known === undefined) {
				first.set(name, path);
				return [];
			}
			const where = known[2] === i ? "the same zone" : `upstreams.zones[${known[2]}]`;
			return [{ path, message: `is already among the names of ${where}; name it once` }];
		}),
	);
}
