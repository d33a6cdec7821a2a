/** The section `pool` as the program uses it: durations as milliseconds, secrets read from their files. */
import type { NamedHost } from "./address.ts";
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

export interface ValiditySettings {
	readonly defaultMs: number;
	readonly maxMs: number;
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
}
