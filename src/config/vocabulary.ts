/** The words that configuration and program share. Nothing here needs the schema, which is large. */

export const LIST_FORMATS = ["hosts", "domains", "adblock", "dnsmasq", "unbound", "rpz", "networks"] as const;
export type ListFormat = (typeof LIST_FORMATS)[number];

export const CATEGORIES = ["malware", "phishing", "c2", "botnet", "fraud", "ads", "legal", "other"] as const;

/** What contributions to the pool may be about. */
export const POOL_CATEGORIES = ["malware", "phishing", "c2", "botnet", "fraud", "legal", "other"] as const;
export type PoolCategory = (typeof POOL_CATEGORIES)[number];

/** Why a contribution wants a name blocked; answers carry it as extended error 15, 16 or 17 (RFC 8914). */
export const BASES = ["policy", "law", "request"] as const;
export type Basis = (typeof BASES)[number];

/** The name of list 0: `blocking.allow` and `blocking.deny`. The pool and the configured lists follow. */
export const CONFIG_LIST = "config";

/**
 * Lists 1 to POOL_LISTS: the shared pool, one for each category and basis, so that an answer can tell both. The configured
 * lists follow.
 */
export const POOL_LISTS = POOL_CATEGORIES.length * BASES.length;
export const FIRST_CONFIGURED_LIST = 1 + POOL_LISTS;

/** The number of the list that stands for the pool's word with this category and basis. */
export function poolList(category: PoolCategory, basis: Basis): number {
	return 1 + POOL_CATEGORIES.indexOf(category) * BASES.length + BASES.indexOf(basis);
}

/** Whoever can read the node's own token is a member of this name. */
export const OPERATOR = "operator";
/** Does what happens by itself, such as expiry; never a member. */
export const PROGRAM = "cordon";

/** Names of members, nodes and pools. */
export const MEMBER_NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;
export const MEMBER_NAME_RULE =
	"must be 1 to 63 lower case letters, digits, dots, dashes or underscores, the first a letter or digit";

/** Where an answer came from, in the order in which workers count it. */
export const VIAS = [
	"blocked",
	"cache",
	"stale",
	"upstream",
	"local",
	"refused",
	"limited",
	"error",
] as const;
export type Via = (typeof VIAS)[number];

/** What dnstap can be given: what clients ask and get, what upstreams are asked and answer. */
export const DNSTAP_MESSAGES = [
	"client-query",
	"client-response",
	"forwarder-query",
	"forwarder-response",
] as const;
export type DnstapMessage = (typeof DNSTAP_MESSAGES)[number];

/** What the query log says of a question unless it is told otherwise. */
export const QUERY_LOG_USUAL_FIELDS = [
	"time",
	"client",
	"transport",
	"name",
	"type",
	"rcode",
	"via",
	"category",
	"action",
	"reason",
	"list",
	"logOnly",
	"upstream",
	"durationMs",
	"ede",
] as const;
export const QUERY_LOG_FIELDS = [
	...QUERY_LOG_USUAL_FIELDS,
	"clientPort",
	"class",
	"flags",
	"answers",
] as const;
export type QueryLogField = (typeof QUERY_LOG_FIELDS)[number];
