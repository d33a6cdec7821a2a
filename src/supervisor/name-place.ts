/** Whether a name is answered here, or by servers of its own. */
import type { Settings } from "../config/settings.ts";
import type { Explanation } from "../observe/status.ts";
import { namesAnswered } from "../resolve/local.ts";
import { ANSWERS } from "../resolve/special-names.ts";

export function placeOf(
	name: string,
	{ local, upstreams }: Pick<Settings, "local" | "upstreams">,
): Pick<Explanation, "special" | "zone"> {
	const specials = namesAnswered(local, upstreams.zones).filter(
		(special) => name === special.name || (special.kind !== "canary" && isBelow(name, special.name)),
	);
	const zones = upstreams.zones.flatMap(({ names, servers }) =>
		names
			.filter((zone) => name === zone || isBelow(name, zone))
			.map((zone) => ({ name: zone, servers: servers.map((server) => server.name) })),
	);
	const special = longest(specials);
	const zone = longest(zones);
	if (zone !== undefined && (special === undefined || zone.name.length > special.name.length))
		return { zone };
	if (special !== undefined) {
		const { kind, switch: key, reference } = special;
		return { special: { name: special.name, answer: ANSWERS[kind], reference, switch: key } };
	}
	if (name.includes(".") || !local.singleLabel) return {};
	const reference = "a name without a dot; NS, SOA, DS and their like of a top-level domain are";
	return { special: { name, answer: "NODATA", reference, switch: "singleLabel" } };
}

function isBelow(name: string, zone: string): boolean {
	return name.endsWith(`.${zone}`);
}

function longest<T extends { readonly name: string }>(found: readonly T[]): T | undefined {
	return [...found].sort((a, b) => b.name.length - a.name.length).at(0);
}
