/** The section `cache` as the program uses it. */
import { milliseconds, parsed, ttlSeconds } from "./parsed.ts";
import type { Config } from "./schema.ts";
import { parseSize } from "./units.ts";

export interface CacheSettings {
	/** Of all workers together: each takes its share. */
	readonly sizeBytes: number;
	readonly minTtlSeconds: number;
	readonly maxTtlSeconds: number;
	readonly maxNegativeTtlSeconds: number;
	readonly failureTtlMs: number;
	/** How long after its time an answer may be given when upstreams fail; 0: never. */
	readonly staleMaxAgeMs: number;
	/** What such an answer is told to live. */
	readonly staleTtlSeconds: number;
	/** How long clients wait before they get one. */
	readonly staleAfterMs: number;
	readonly prefetch: boolean;
	readonly nxdomainCut: Config["cache"]["nxdomainCut"];
	/** Names with servers or trust of their own, of which nothing is concluded from the names above them. */
	readonly apart: readonly string[];
}

/** Of access.discardAfter, after which nothing is sent over UDP: what is left is for the way out. */
const IN_TIME = 0.95;

export function toCache({ access, cache, upstreams, dnssec }: Config): CacheSettings {
	const { stale } = cache;
	const discardAfterMs = milliseconds(access.discardAfter) || Number.POSITIVE_INFINITY;
	return {
		sizeBytes: parsed(parseSize(cache.size), cache.size),
		minTtlSeconds: ttlSeconds(cache.minTtl),
		maxTtlSeconds: ttlSeconds(cache.maxTtl),
		maxNegativeTtlSeconds: ttlSeconds(cache.maxNegativeTtl),
		failureTtlMs: milliseconds(cache.failureTtl),
		staleMaxAgeMs: milliseconds(stale.maxAge),
		staleTtlSeconds: ttlSeconds(stale.ttl),
		staleAfterMs: Math.min(milliseconds(stale.clientTimeout), discardAfterMs * IN_TIME),
		prefetch: cache.prefetch,
		nxdomainCut: cache.nxdomainCut,
		apart: [...upstreams.zones.flatMap(({ names }) => names), ...dnssec.negativeTrustAnchors],
	};
}
