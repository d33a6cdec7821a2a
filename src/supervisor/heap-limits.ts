/** How much memory a worker's objects may take. */

/** Young objects of a worker: small, since blocked and cached answers make none. */
const YOUNG_MIB = 12;
/** Old objects of a worker beside its cache: code, flights, connections. */
const OLD_MIB = 256;
/** In a container half of its memory at most, and never less than this. */
const LEAST_OLD_MIB = 96;

/**
 * A worker's garbage collector lets the heap grow the further, the higher its limit is: with the limit that Node sets
 * by itself, to four times what is in use. A limit near what can be needed keeps it close to that. In a small container
 * it is better that one worker starts anew than that the kernel ends the whole process.
 *
 * @param cacheBytes the worker's share of the cache.
 * @param roomBytes what the container may take; without a limit a number beyond all memory, or 0.
 */
export function heapLimits(
	cacheBytes: number,
	roomBytes: number = process.constrainedMemory(),
): {
	maxYoungGenerationSizeMb: number;
	maxOldGenerationSizeMb: number;
} {
	const cacheMiB = Math.ceil(cacheBytes / 2 ** 20);
	const roomMiB = roomBytes > 0 ? roomBytes / 2 ** 20 : Number.POSITIVE_INFINITY;
	const old = OLD_MIB + 4 * cacheMiB;
	return {
		maxYoungGenerationSizeMb: YOUNG_MIB,
		maxOldGenerationSizeMb: Math.min(old, Math.max(LEAST_OLD_MIB + cacheMiB, Math.floor(roomMiB / 2))),
	};
}
