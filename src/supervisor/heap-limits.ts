/** How much memory a worker's objects may take. */

/** Young objects of a worker: small, since blocked and cached answers make none. */
const YOUNG_MIB = 12;
/** Old objects of a worker beside its cache: code, flights, connections. */
const OLD_MIB = 256;

/**
 * A worker's garbage collector lets the heap grow the further, the higher its limit is: with the limit that Node sets
 * by itself, to four times what is in use. A limit near what can be needed keeps it close to that.
 *
 * @param cacheBytes the worker's share of the cache.
 */
export function heapLimits(cacheBytes: number): {
	maxYoungGenerationSizeMb: number;
	maxOldGenerationSizeMb: number;
} {
	const cacheMiB = Math.ceil(cacheBytes / 2 ** 20);
	return { maxYoungGenerationSizeMb: YOUNG_MIB, maxOldGenerationSizeMb: OLD_MIB + 4 * cacheMiB };
}
