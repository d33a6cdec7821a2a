/** What is no fault of a configuration, and yet hardly meant. */
import { openResolverWarning } from "./open-resolver.ts";
import type { Config } from "./schema.ts";

/** Lists that go to the pool, where their own node does not believe them. */
function unheardLists({ lists, pool }: Config): string | undefined {
	const { members, weight } = pool.trust;
	const unheard = lists.filter(
		({ name, to, kind }) =>
			to === "pool" &&
			kind === "block" &&
			(members.find((member) => member.name === name)?.weight ?? weight) === 0,
	);
	if (unheard.length === 0) return undefined;
	const names = unheard.map(({ name }) => name).join(", ");
	return (
		`what these lists bring into the pool blocks nothing here, since their weight is 0: ${names}; ` +
		"give them a weight in pool.trust.members"
	);
}

/** For the operator, a sentence each. */
export function warningsOf(config: Config): string[] {
	return [openResolverWarning(config), unheardLists(config)].filter((warning) => warning !== undefined);
}
