/** Upstreams and how they are asked, as the program uses it. */
import { formatHostPort, parseUpstream, type UpstreamAddress } from "./address.ts";
import { canonicalName } from "./canonical-name.ts";
import { milliseconds, parsed } from "./parsed.ts";
import type { Config } from "./schema.ts";

export interface UpstreamServer extends UpstreamAddress {
	/** The label in metrics and logs, such as `udp://9.9.9.9:53`; unique. */
	readonly name: string;
}

export interface UpstreamSettings {
	readonly servers: readonly UpstreamServer[];
	readonly strategy: "fastest" | "strict" | "random";
	readonly timeoutMs: number;
	readonly attempts: number;
	/** In one worker. */
	readonly maxInFlight: number;
	/** Whether DNS cookies are sent. */
	readonly cookies: boolean;
	readonly randomCase: RandomCaseSettings;
	readonly clientSubnet: ClientSubnetSettings;
	readonly zones: readonly ZoneSettings[];
}

export interface ClientSubnetSettings {
	readonly mode: "off" | "forward" | "synthesize";
	/** Bits of an address that are told at most. */
	readonly ipv4Prefix: number;
	readonly ipv6Prefix: number;
	/** `d` or `*.d`, as configured; empty: all names. */
	readonly zones: readonly string[];
}

export interface RandomCaseSettings {
	readonly enabled: boolean;
	/** `d` or `*.d`, as configured. */
	readonly exempt: readonly string[];
}

/** Names whose questions go to servers of their own. */
export interface ZoneSettings
	extends Pick<UpstreamSettings, "servers" | "strategy" | "timeoutMs" | "attempts"> {
	/** In lower case and A-labels, without trailing dot; each stands for all below it too. */
	readonly names: readonly string[];
}

/** All servers that are asked for anything, each once. */
export function everyServer({ servers, zones }: UpstreamSettings): readonly UpstreamServer[] {
	const all = [...servers, ...zones.flatMap((zone) => zone.servers)];
	return [...new Map(all.map((server) => [server.name, server])).values()];
}

function toServer(text: string): UpstreamServer {
	const server = parsed(parseUpstream(text), text);
	return { ...server, name: `${server.transport}://${formatHostPort(server)}` };
}

export function toUpstreams({ upstreams }: Config): UpstreamSettings {
	return {
		servers: upstreams.servers.map(toServer),
		strategy: upstreams.strategy,
		timeoutMs: milliseconds(upstreams.timeout),
		attempts: upstreams.attempts,
		maxInFlight: upstreams.maxInFlight,
		cookies: upstreams.cookies,
		randomCase: upstreams.randomCase,
		zones: upstreams.zones.map((zone) => ({
			names: zone.names.map((text) => parsed(canonicalName(text), text)),
			servers: zone.servers.map(toServer),
			strategy: zone.strategy ?? upstreams.strategy,
			timeoutMs: milliseconds(zone.timeout ?? upstreams.timeout),
			attempts: zone.attempts ?? upstreams.attempts,
		})),
		clientSubnet: upstreams.clientSubnet,
	};
}
