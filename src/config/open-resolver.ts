/** Whether a configuration makes a resolver that anybody on the internet may use, and use up. */
import { type Prefix, parsePrefix } from "./address.ts";
import type { Config } from "./schema.ts";

/** Of the addresses of a family that somebody may have: half of IPv4; of IPv6 what is given out, 2000::/3. */
const MOST_SHARE = { 4: 1 / 2, 6: 1 / 8 } as const;

function contains(outer: Prefix, inner: Prefix): boolean {
	if (outer.length > inner.length) return false;
	for (let bit = 0; bit < outer.length; bit++)
		if (((outer.bytes[bit >> 3] ^ inner.bytes[bit >> 3]) >> (7 - (bit & 7))) & 1) return false;
	return true;
}

function admitsAll(allow: readonly Prefix[], family: 4 | 6): boolean {
	const own = allow.filter((prefix) => prefix.family === family).sort((a, b) => a.length - b.length);
	const distinct = own.filter((prefix, i) => !own.slice(0, i).some((outer) => contains(outer, prefix)));
	return distinct.reduce((sum, prefix) => sum + 2 ** -prefix.length, 0) >= MOST_SHARE[family];
}

/** What to tell the operator; undefined when all is well. */
export function openResolverWarning({ access }: Config): string | undefined {
	const { allow, rateLimit, responseRateLimit } = access;
	const isLimited =
		(rateLimit.queriesPerSecond > 0 && !rateLimit.logOnly) ||
		(responseRateLimit.responsesPerSecond + responseRateLimit.allPerSecond > 0 && !responseRateLimit.logOnly);
	if (isLimited) return undefined;
	const prefixes = allow.flatMap((text) => parsePrefix(text) ?? []);
	if (!admitsAll(prefixes, 4) && !admitsAll(prefixes, 6)) return undefined;
	return (
		"access.allow lets everybody ask and no rate is limited: an open resolver, which will be used to attack others; " +
		"name your own networks in access.allow, or set access.rateLimit.queriesPerSecond and " +
		"access.responseRateLimit.responsesPerSecond (docs/operations.md has values)"
	);
}
