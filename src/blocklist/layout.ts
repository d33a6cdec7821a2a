/**
 * How a compiled blocklist lies in memory, and on disk in the same order: one block that any thread may read and
 * none writes to.
 *
 *     header    HEADER_BYTES; Uint32 fields below
 *     names     wire names, lower case, root included, one behind the other
 *     entries   ENTRY_WORDS Uint32 each; entry 0 is unused, so that 0 can mean "none"
 *     records   local data of RPZ: per record type (2), ttl (4), length (2), rdata
 *     slots     the hash table: pairs of Uint32, hash and entry; entry 0 marks a free slot
 *     networks  NETWORK_WORDS Uint32 each, sorted by address; entry 0 is unused
 *     ranges4   pairs of Uint32, sorted: the first address of a range, and the network that decides from there on, or 0
 *     ranges6   the same with four Uint32 for the address, the first of them the highest
 *
 * Entries of one name form a chain through NEXT, the one that decides first.
 */

export const MAGIC = 0x42_4e_44_43;
export const LAYOUT_VERSION = 3;
export const HEADER_BYTES = 256;

/** Indices of Uint32 fields in the header. Sections are given by their first byte and their size in bytes. */
export const FIELD = {
	MAGIC: 0,
	VERSION: 1,
	/** Of the suffix hashes. */
	SEED: 2,
	NAMES_AT: 3,
	NAMES_BYTES: 4,
	ENTRIES_AT: 5,
	/** The unused entry 0 included. */
	ENTRY_COUNT: 6,
	RECORDS_AT: 7,
	RECORDS_BYTES: 8,
	SLOTS_AT: 9,
	SLOT_COUNT: 10,
	/** Different names that are blocked, and allowed. */
	BLOCKED_NAMES: 11,
	ALLOWED_NAMES: 12,
	/** Whole size in bytes. */
	TOTAL_BYTES: 13,
	/** Counts up with each compilation of a process: cached verdicts are compared by it. */
	GENERATION: 14,
	NETWORKS_AT: 15,
	/** The unused network 0 included. */
	NETWORK_COUNT: 16,
	RANGES4_AT: 17,
	RANGES4_COUNT: 18,
	RANGES6_AT: 19,
	RANGES6_COUNT: 20,
	/** Different networks that are blocked. */
	BLOCKED_NETWORKS: 21,
} as const;

export const ENTRY_WORDS = 4;
/** Words of an entry. WHAT: list number in the upper 16 bits, the bits below in the lower. */
export const ENTRY = { NAME: 0, NEXT: 1, WHAT: 2, LINE: 3 } as const;

export const NETWORK_WORDS = 8;
/** Words of a network. ADDRESS: one or four, the highest first. PREFIX: the family in the second byte, the length in the first. */
export const NETWORK = { ADDRESS: 0, PREFIX: 4, WHAT: 5, LINE: 6 } as const;

/** With this bit the entry's LINE is the offset of its record chain in `records`, which begins with the line. */
export const HAS_RECORDS = 0x8000;
const SCOPE_SHIFT = 0;
const ACTION_SHIFT = 2;
const RANK_SHIFT = 6;

export const SCOPES = ["exact", "subtree", "below"] as const;
export const ENTRY_ACTIONS = [
	"block",
	"allow",
	"nxdomain",
	"nodata",
	"drop",
	"tcp-only",
	"data",
	/** Counted, and answered as if nothing were said. */
	"log-only",
] as const;
export type EntryScope = (typeof SCOPES)[number];
export type EntryAction = (typeof ENTRY_ACTIONS)[number];

/**
 * Who wins when several entries speak of a name: the higher rank; then the entry that names more of it; then the
 * list that comes first in the configuration.
 */
export const RANK = {
	/** What is only counted must not stand in the way of what is said in earnest. */
	LOG_ONLY: 0,
	/** A block, or an RPZ passthru, which competes by how much of the name it matches. */
	ORDINARY: 1,
	/** Adblock `@@`. */
	EXCEPTION: 2,
	/** Adblock `$important`. */
	IMPORTANT: 3,
	/** Adblock `@@…$important`. */
	IMPORTANT_EXCEPTION: 4,
	/** `blocking.deny`: what this node blocks itself, no exception of a block list lifts. */
	LOCAL_DENY: 5,
	/** A list of kind `allow`. */
	ALLOW_LIST: 6,
	/** `blocking.allow`: the local allow list wins over everything. */
	LOCAL_ALLOW: 7,
} as const;

export function packWhat(
	list: number,
	scope: EntryScope,
	action: EntryAction,
	rank: number,
	hasRecords: boolean,
): number {
	const bits =
		(SCOPES.indexOf(scope) << SCOPE_SHIFT) |
		(ENTRY_ACTIONS.indexOf(action) << ACTION_SHIFT) |
		(rank << RANK_SHIFT) |
		(hasRecords ? HAS_RECORDS : 0);
	return ((list << 16) | bits) >>> 0;
}

export function listOf(what: number): number {
	return what >>> 16;
}

/** Index into SCOPES. */
export function scopeOf(what: number): number {
	return (what >>> SCOPE_SHIFT) & 3;
}

/** Index into ENTRY_ACTIONS. */
export function actionOf(what: number): number {
	return (what >>> ACTION_SHIFT) & 15;
}

export function rankOf(what: number): number {
	return (what >>> RANK_SHIFT) & 7;
}

/** An IPv4 prefix is compared with one of IPv6 as if it were mapped into it (RPZ draft, section 5.4). */
const MAPPED_BITS = 96;

/** Who wins when several networks speak of an answer: the higher rank, then the longer prefix. */
export function networkWeight(what: number, prefix: number): number {
	return rankOf(what) * 256 + (prefix & 0xff) + (prefix >>> 8 === 4 ? MAPPED_BITS : 0);
}

/** The slot where the search for a hash begins: the table's size need not be a power of two. */
export function firstSlot(hash: number, slots: number): number {
	return Math.floor(((hash >>> 0) * slots) / 0x1_0000_0000);
}
