/** The section `pool` as the program uses it: durations as milliseconds, secrets read from their files. */
import { isIP } from "node:net";
import { hostname } from "node:os";
import { type NamedHost, parseNamedHost, parseRedisUrl } from "./address.ts";
import { milliseconds, parsed } from "./parsed.ts";
import { certificateIn, passwordIn, privateKeyIn } from "./pool-files.ts";
import { VALIDITY, type ValiditySettings } from "./pool-validity.ts";
import type { Config } from "./schema.ts";
import type { PoolCategory } from "./vocabulary.ts";

export type CategoryMode = "block" | "log-only" | "ignore";
export type CategoryModes = Readonly<Partial<Record<PoolCategory, CategoryMode>>>;

export interface RedisTls {
	/** PEM. */
	readonly ca?: string;
	readonly cert?: string;
	readonly key?: string;
	readonly serverName?: string;
}

/** Where the servers are. */
export type RedisServers =
	| { readonly kind: "single"; readonly host: NamedHost }
	| {
			readonly kind: "sentinel";
			readonly sentinels: readonly NamedHost[];
			readonly master: string;
			readonly sentinelPassword?: string;
	  }
	| { readonly kind: "cluster"; readonly nodes: readonly NamedHost[] };

export interface RedisSettings {
	readonly servers: RedisServers;
	readonly database: number;
	readonly username?: string;
	readonly password?: string;
	/** Undefined: no TLS. */
	readonly tls?: RedisTls;
	readonly prefix: string;
	readonly waitReplicas: number;
	readonly timeoutMs: number;
}

export interface TrustedMember {
	readonly name: string;
	readonly weight: number;
	readonly mode: "block" | "log-only";
	readonly categories: CategoryModes;
}

export interface TrustSettings {
	readonly threshold: number;
	/** Of members that are not named. */
	readonly weight: number;
	readonly categories: CategoryModes;
	readonly disputeWeight: number;
	readonly members: readonly TrustedMember[];
}

export interface LimitSettings {
	readonly maxChange: number;
	readonly freeChanges: number;
	readonly maxChanges: number;
}

export interface GuardSettings {
	/** `d` or `*.d`, as they are written. */
	readonly ownNames: readonly string[];
	readonly protect: readonly string[];
	/** Hosts that lists and upstreams are reached by, lower case: nobody may block them. */
	readonly infrastructure: readonly string[];
}

/** How long entries of the audit are kept, and how many. */
export interface AuditSettings {
	readonly keepMs: number;
	readonly most: number;
}

export interface PoolSettings {
	readonly store: "embedded" | "redis" | "off";
	readonly name: string;
	readonly node: string;
	readonly network: string;
	readonly redis: RedisSettings;
	readonly trust: TrustSettings;
	readonly limits: LimitSettings;
	readonly guard: GuardSettings;
	readonly validity: Readonly<Record<PoolCategory, ValiditySettings>>;
	readonly sightings: boolean;
	readonly audit: AuditSettings;
}

/** Throws an Error that names the key: the file was fine when the configuration was checked, a moment ago. */
function fromFile<K extends string>(
	setting: K,
	key: string,
	file: string | undefined,
	read: (file: string) => string,
): { readonly [k in K]?: string } {
	if (file === undefined) return {};
	try {
		return { [setting]: read(file) } as { readonly [k in K]: string };
	} catch (error) {
		throw new Error(`pool.redis.${key} ${error instanceof Error ? error.message : String(error)}`);
	}
}

function toServers({ pool: { redis } }: Config): RedisServers {
	const named = (text: string, port: number) => parsed(parseNamedHost(text, port), text);
	if (redis.sentinels !== undefined) {
		return {
			kind: "sentinel",
			sentinels: redis.sentinels.map((text) => named(text, 26379)),
			master: redis.master,
			...fromFile("sentinelPassword", "sentinelPasswordFile", redis.sentinelPasswordFile, passwordIn),
		};
	}
	if (redis.cluster !== undefined) {
		return { kind: "cluster", nodes: redis.cluster.map((text) => named(text, 6379)) };
	}
	const { host, port } = parsed(parseRedisUrl(redis.url ?? ""), "pool.redis.url");
	return { kind: "single", host: { host, port } };
}

function toTls({ pool: { redis } }: Config): RedisTls | undefined {
	const overUrl = redis.url !== undefined && parseRedisUrl(redis.url)?.tls === true;
	if (typeof redis.tls === "boolean") return redis.tls || overUrl ? {} : undefined;
	const { ca, cert, key, serverName } = redis.tls;
	return {
		...fromFile("ca", "tls.ca", ca, certificateIn),
		...fromFile("cert", "tls.cert", cert, certificateIn),
		...fromFile("key", "tls.key", key, privateKeyIn),
		...(serverName === undefined ? {} : { serverName }),
	};
}

function toRedis(config: Config): RedisSettings {
	const { redis, store } = config.pool;
	const common = {
		prefix: redis.prefix,
		waitReplicas: redis.waitReplicas,
		timeoutMs: milliseconds(redis.timeout),
	};
	if (store !== "redis") {
		// What is written for later is not needed now: neither are its files.
		return { ...common, servers: { kind: "single", host: { host: "127.0.0.1", port: 6379 } }, database: 0 };
	}
	const tls = toTls(config);
	return {
		...common,
		servers: toServers(config),
		database: (redis.url === undefined ? undefined : parseRedisUrl(redis.url)?.database) ?? redis.database,
		...(redis.username === undefined ? {} : { username: redis.username }),
		...(redis.password === undefined ? {} : { password: redis.password }),
		...fromFile("password", "passwordFile", redis.passwordFile, passwordIn),
		...(tls === undefined ? {} : { tls }),
	};
}

/** Lower case, A-labels; undefined for what has no name, such as an address. */
function hostOf(url: string): string | undefined {
	const host = URL.canParse(url) ? new URL(url).hostname.replace(/\.$/, "") : "";
	return host === "" || host.startsWith("[") || isIP(host) !== 0 ? undefined : host;
}

/** Upstreams have addresses, no names. Redis has both, and may be looked up through ourselves. */
function infrastructure(config: Config): readonly string[] {
	const { url, sentinels = [], cluster = [] } = config.pool.redis;
	const servers = [...sentinels, ...cluster].map((text) => parseNamedHost(text, 6379)?.host);
	const redis = url === undefined ? undefined : parseRedisUrl(url)?.host;
	const hosts = [...servers, redis, ...config.listen.adminHosts].flatMap((host) =>
		host === undefined ? [] : (hostOf(`http://${host}/`) ?? []),
	);
	const lists = config.lists.flatMap((list) => (list.url === undefined ? [] : (hostOf(list.url) ?? [])));
	return [...new Set([...lists, ...hosts])];
}

function toValidity({ pool: { validity } }: Config): Readonly<Record<PoolCategory, ValiditySettings>> {
	const merged = (category: PoolCategory): ValiditySettings => {
		const { default: usual, max } = validity[category] ?? {};
		const maxMs = max === undefined ? VALIDITY[category].maxMs : milliseconds(max);
		const defaultMs = usual === undefined ? VALIDITY[category].defaultMs : milliseconds(usual);
		return { defaultMs: Math.min(defaultMs, maxMs), maxMs };
	};
	return {
		malware: merged("malware"),
		phishing: merged("phishing"),
		c2: merged("c2"),
		botnet: merged("botnet"),
		fraud: merged("fraud"),
		legal: merged("legal"),
		other: merged("other"),
	};
}

/** A host's name as a name in the pool: `Node-1.example.net` becomes `node-1.example.net`. */
export function nodeName(host: string): string {
	const name = host
		.toLowerCase()
		.replace(/[^a-z0-9._-]/g, "-")
		.replace(/^[^a-z0-9]+/, "")
		.slice(0, 63);
	return name === "" ? "node" : name;
}

/**
 * The section `pool` of a configuration whose paths are absolute, with the files that it names read.
 * `host`: this machine's name. Throws an Error that names the key whose file cannot be read any more.
 */
export function toPoolSettings(config: Config, host: string = hostname()): PoolSettings {
	const { pool } = config;
	const node = pool.node ?? nodeName(host);
	return {
		store: pool.store,
		name: pool.name,
		node,
		network: pool.network ?? node,
		redis: toRedis(config),
		trust: pool.trust,
		limits: pool.limits,
		guard: { ...pool.guard, infrastructure: infrastructure(config) },
		validity: toValidity(config),
		sightings: pool.sightings,
		audit: { keepMs: milliseconds(pool.auditKeep), most: pool.auditMost },
	};
}
