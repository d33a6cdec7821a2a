/**
 * The configuration as the program uses it: numbers with their unit in the name, addresses and prefixes parsed.
 * Plain data that `postMessage` copies into each resolver thread.
 */
import { type AccessSettings, toAccess } from "./access-settings.ts";
import { type HostPort, parseHostPort } from "./address.ts";
import { type BlockingSettings, toBlocking } from "./blocking-settings.ts";
import { type CacheSettings, toCache } from "./cache-settings.ts";
import { usableCores } from "./cores.ts";
import { type DnssecSettings, toDnssec } from "./dnssec-settings.ts";
import { type CookieSettings, type IdentitySettings, toCookies, toIdentity } from "./edns-settings.ts";
import { type LocalSettings, toLocal } from "./local-settings.ts";
import { type LogSettings, toLog } from "./log-settings.ts";
import { milliseconds, parsed } from "./parsed.ts";
import type { Config } from "./schema.ts";
import { parseSize } from "./units.ts";
import { toUpstreams, type UpstreamSettings } from "./upstream-settings.ts";
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

export interface Settings {
	readonly listen: ListenSettings;
	readonly access: AccessSettings;
	readonly upstreams: UpstreamSettings;
	readonly local: LocalSettings;
	readonly dnssec: DnssecSettings;
	readonly blocking: BlockingSettings;
	readonly cache: CacheSettings;
	readonly log: LogSettings;
	/** Resolver threads wanted; `auto` is already counted out. */
	readonly workers: number;
	readonly workerPriority: WorkerPriority;
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

/** `cores`: how many threads `workers: auto` stands for. */
export function toSettings(config: Config, cores: number = usableCores()): Settings {
	return {
		listen: toListen(config),
		access: toAccess(config),
		upstreams: toUpstreams(config),
		local: toLocal(config),
		dnssec: toDnssec(config),
		blocking: toBlocking(config),
		cache: toCache(config),
		log: toLog(config),
		workers: config.workers === "auto" ? Math.min(Math.max(cores, 1), 256) : config.workers,
		workerPriority: config.workerPriority,
	};
}
