/** Upstreams and how they are asked, as the program uses it. */
import { formatHostPort, parseUpstream, type UpstreamAddress } from "./address.ts";
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
}

export interface RandomCaseSettings {
	readonly enabled: boolean;
	/** `d` or `*.d`, as configured. */
	readonly exempt: readonly string[];
}

export function toUpstreams({ upstreams }: Config): UpstreamSettings {
	return {
		servers: upstreams.servers.map((text) => {
			const server = parsed(parseUpstream(text), text);
			return { ...server, name: `${server.transport}://${formatHostPort(server)}` };
		}),
		strategy: upstreams.strategy,
		timeoutMs: milliseconds(upstreams.timeout),
		attempts: upstreams.attempts,
		maxInFlight: upstreams.maxInFlight,
		cookies: upstreams.cookies,
		randomCase: upstreams.randomCase,
	};
}
