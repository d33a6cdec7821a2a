/** Who may ask, and how often, as the program uses it. */
import { type Prefix, parsePrefix } from "./address.ts";
import { milliseconds, parsed } from "./parsed.ts";
import type { Config } from "./schema.ts";

/** What both kinds of rate limits have. */
interface LimitedNetworks {
	/** Bits that the addresses of one client, or of one network, have in common. */
	readonly ipv4Prefix: number;
	readonly ipv6Prefix: number;
	readonly exempt: readonly Prefix[];
	readonly logOnly: boolean;
}

export interface RateLimitSettings extends LimitedNetworks {
	readonly queriesPerSecond: number;
	readonly burst: number;
	readonly action: "refuse" | "drop" | "truncate";
}

/** Rates are answers in a second; 0: not limited. */
export interface ResponseRateLimitSettings extends LimitedNetworks {
	readonly responsesPerSecond: number;
	readonly nodataPerSecond: number;
	readonly nxdomainsPerSecond: number;
	readonly errorsPerSecond: number;
	readonly allPerSecond: number;
	readonly windowMs: number;
	readonly slip: number;
}

export interface AccessSettings {
	readonly allow: readonly Prefix[];
	/** Absent: questions are not limited. */
	readonly rateLimit?: RateLimitSettings;
	/** Absent: answers are not limited. */
	readonly responseRateLimit?: ResponseRateLimitSettings;
	/** 0: no limit. */
	readonly maxWaitingPerClient: number;
	readonly waitingExempt: readonly Prefix[];
	/** 0: never. */
	readonly discardAfterMs: number;
	readonly nonRecursive: "refuse" | "answer";
}

function prefixes(texts: readonly string[]): readonly Prefix[] {
	return texts.map((text) => parsed(parsePrefix(text), text));
}

function toRateLimit({ access: { rateLimit } }: Config): RateLimitSettings | undefined {
	if (rateLimit.queriesPerSecond === 0) return undefined;
	return {
		...rateLimit,
		burst: rateLimit.burst ?? rateLimit.queriesPerSecond * 2,
		exempt: prefixes(rateLimit.exempt),
	};
}

function toResponseRateLimit({
	access: { responseRateLimit: limit },
}: Config): ResponseRateLimitSettings | undefined {
	const { window, ...rest } = limit;
	const isLimited =
		limit.responsesPerSecond +
			limit.nodataPerSecond +
			limit.nxdomainsPerSecond +
			limit.errorsPerSecond +
			limit.allPerSecond >
		0;
	return isLimited ? { ...rest, windowMs: milliseconds(window), exempt: prefixes(limit.exempt) } : undefined;
}

export function toAccess(config: Config): AccessSettings {
	const { access } = config;
	const rateLimit = toRateLimit(config);
	const responseRateLimit = toResponseRateLimit(config);
	return {
		allow: prefixes(access.allow),
		...(rateLimit === undefined ? {} : { rateLimit }),
		...(responseRateLimit === undefined ? {} : { responseRateLimit }),
		maxWaitingPerClient: access.maxWaitingPerClient,
		waitingExempt: prefixes(access.waitingExempt),
		discardAfterMs: milliseconds(access.discardAfter),
		nonRecursive: access.nonRecursive,
	};
}
