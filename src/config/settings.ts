/**
 * The configuration as the program uses it: numbers with their unit in the name, addresses and prefixes parsed.
 * Plain data that `postMessage` copies into each resolver thread.
 */
import { availableParallelism } from "node:os";
import ipaddr from "ipaddr.js";
import { type AccessSettings, toAccess } from "./access-settings.ts";
import { type HostPort, parseHostPort } from "./address.ts";
import { type CookieSettings, type IdentitySettings, toCookies, toIdentity } from "./edns-settings.ts";
import { type LocalSettings, toLocal } from "./local-settings.ts";
import { milliseconds, parsed } from "./parsed.ts";
import type { BlockAnswer, Config } from "./schema.ts";
import { parseDuration, parseSize } from "./units.ts";
import { toUpstreams, type UpstreamSettings } from "./upstream-settings.ts";
import { BASES, type Basis, CATEGORIES, CONFIG_LIST, POOL_CATEGORIES } from "./vocabulary.ts";
import type { WorkerPriority } from "./workers-schema.ts";

export interface TcpSettings {
	/** Over all workers: each takes its share. */
	readonly maxConnections: number;
	/** Over all workers: each takes its share. */
	readonly maxConnectionsPerClient: number;
	readonly maxInFlight: number;
	/** In one worker. */
	readonly maxHeldBytes: number;
	readonly firstByteTimeoutMs: number;
	readonly idleTimeoutMs: number;
}

export interface ListenSettings {
	readonly dns: readonly HostPort[];
	/** Absent: no admin server. */
	readonly admin?: HostPort;
	readonly udpEngine: "auto" | "batch" | "dgram";
	readonly udpMaxAnswerBytes: number;
	readonly tcp: TcpSettings;
	readonly cookies: CookieSettings;
	readonly identity: IdentitySettings;
	readonly any: "minimal" | "forward";
}

/** What the client of a blocked name gets. `custom` holds one address or both, as 4 and 16 bytes. */
export type BlockedAnswer =
	| { readonly kind: "zero-ip" | "nxdomain" | "nodata" | "refused" | "drop" }
	| { readonly kind: "custom"; readonly ipv4?: Uint8Array; readonly ipv6?: Uint8Array };

/** The arrays are indexed by list number. */
export interface BlockingSettings {
	readonly answer: BlockedAnswer;
	readonly ttlSeconds: number;
	readonly listNames: readonly string[];
	/** Index into CATEGORIES. */
	readonly listCategories: readonly number[];
	/** Why names of the list are blocked: the pool's lists differ in it. */
	readonly listBases: readonly Basis[];
	/** The list's own answer, else `answer`. */
	readonly listAnswers: readonly BlockedAnswer[];
	/** Whether the list has an answer of its own, which then stands above the actions of its RPZ zone. */
	readonly listAnswerOverrides: readonly boolean[];
}

export interface CacheSettings {
	/** Of all workers together: each takes its share. */
	readonly sizeBytes: number;
	readonly minTtlSeconds: number;
	readonly maxTtlSeconds: number;
	readonly maxNegativeTtlSeconds: number;
	readonly failureTtlMs: number;
}

export interface Settings {
	readonly listen: ListenSettings;
	readonly access: AccessSettings;
	readonly upstreams: UpstreamSettings;
	readonly local: LocalSettings;
	readonly blocking: BlockingSettings;
	readonly cache: CacheSettings;
	/** Resolver threads wanted; `auto` is already counted out. */
	readonly workers: number;
	readonly workerPriority: WorkerPriority;
}

/** TTLs are whole seconds; a duration above zero never becomes 0, which would mean "do not keep". */
function ttlSeconds(text: string): number {
	return Math.ceil(parsed(parseDuration(text), text));
}

function bytesOf(address: string): Uint8Array {
	return Uint8Array.from(ipaddr.parse(address).toByteArray());
}

function toBlockedAnswer(answer: BlockAnswer): BlockedAnswer {
	if (typeof answer === "string") return { kind: answer };
	return {
		kind: "custom",
		...(answer.ipv4 === undefined ? {} : { ipv4: bytesOf(answer.ipv4) }),
		...(answer.ipv6 === undefined ? {} : { ipv6: bytesOf(answer.ipv6) }),
	};
}

function toListen(config: Config): ListenSettings {
	const { listen } = config;
	const { tcp } = listen;
	return {
		dns: listen.dns.map((text) => parsed(parseHostPort(text, 53), text)),
		...(listen.admin === false ? {} : { admin: parsed(parseHostPort(listen.admin, 8053), listen.admin) }),
		udpEngine: listen.udpEngine,
		udpMaxAnswerBytes: listen.udpMaxAnswer,
		tcp: {
			maxConnections: tcp.maxConnections,
			maxConnectionsPerClient: tcp.maxConnectionsPerClient,
			maxInFlight: tcp.maxInFlight,
			maxHeldBytes: parsed(parseSize(tcp.maxHeld), tcp.maxHeld),
			firstByteTimeoutMs: milliseconds(tcp.firstByteTimeout),
			idleTimeoutMs: milliseconds(tcp.idleTimeout),
		},
		cookies: toCookies(config),
		identity: toIdentity(config),
		any: listen.any,
	};
}

/** The pool's lists, in the order that `poolList` counts them. */
const POOL = POOL_CATEGORIES.flatMap((category) => BASES.map((basis) => ({ category, basis })));

function toBlocking({ blocking, lists }: Config): BlockingSettings {
	const answer = toBlockedAnswer(blocking.answer);
	const categories = [
		"other" as const,
		...POOL.map(({ category }) => category),
		...lists.map((list) => list.category),
	];
	return {
		answer,
		ttlSeconds: ttlSeconds(blocking.ttl),
		listNames: [
			CONFIG_LIST,
			...POOL.map(({ category }) => `blocked by the shared pool as ${category}`),
			...lists.map((list) => list.name),
		],
		listCategories: categories.map((category) => CATEGORIES.indexOf(category)),
		listBases: ["policy", ...POOL.map(({ basis }) => basis), ...lists.map(() => "policy" as const)],
		listAnswers: [
			answer,
			...POOL.map(() => answer),
			...lists.map((list) => (list.answer === undefined ? answer : toBlockedAnswer(list.answer))),
		],
		listAnswerOverrides: [false, ...POOL.map(() => false), ...lists.map((list) => list.answer !== undefined)],
	};
}

function toCache({ cache }: Config): CacheSettings {
	return {
		sizeBytes: parsed(parseSize(cache.size), cache.size),
		minTtlSeconds: ttlSeconds(cache.minTtl),
		maxTtlSeconds: ttlSeconds(cache.maxTtl),
		maxNegativeTtlSeconds: ttlSeconds(cache.maxNegativeTtl),
		failureTtlMs: milliseconds(cache.failureTtl),
	};
}

/** `cores`: how many threads `workers: auto` stands for. */
export function toSettings(config: Config, cores: number = availableParallelism()): Settings {
	return {
		listen: toListen(config),
		access: toAccess(config),
		upstreams: toUpstreams(config),
		local: toLocal(config),
		blocking: toBlocking(config),
		cache: toCache(config),
		workers: config.workers === "auto" ? Math.min(Math.max(cores, 1), 256) : config.workers,
		workerPriority: config.workerPriority,
	};
}
