/** What the node says of itself, put together from its parts. */
import type { ScribeCounts } from "../observe/scribe-counts.ts";
import type { NodeStatus } from "../observe/status.ts";
import type { EngineName } from "../worker/messages.ts";
import type { Library } from "./library.ts";
import { memoryLimit } from "./memory-limit.ts";
import type { PoolDoor } from "./pool/door.ts";

interface StatusParts
	extends Pick<NodeStatus, "version" | "startedAt" | "log" | "dns" | "reload" | "upstreams" | "workers"> {
	readonly scribe: ScribeCounts;
	/** Why not ready; undefined when ready. */
	readonly waitingFor: string | undefined;
	readonly engine: EngineName;
	readonly library: Library;
	readonly pool: PoolDoor["pool"];
}

export function statusOf(parts: StatusParts): NodeStatus {
	const { version, startedAt, waitingFor, engine, log, dns, library, pool, reload, upstreams, workers } =
		parts;
	const { loaded } = library;
	return {
		version,
		startedAt,
		ready: waitingFor === undefined,
		...(waitingFor === undefined ? {} : { waitingFor }),
		udpEngine: engine,
		log,
		dns,
		blockedDomains: loaded?.index.blockedNames ?? 0,
		allowedDomains: loaded?.index.allowedNames ?? 0,
		blockedNetworks: loaded?.index.blockedNetworks ?? 0,
		indexBytes: loaded?.index.bytes ?? 0,
		...(loaded === undefined ? {} : { compiledAt: loaded.about.compiledAt }),
		memoryLimitBytes: memoryLimit(),
		reload,
		lists: library.books.status(),
		...(pool === undefined ? {} : { pool: pool.state() }),
		upstreams,
		workers,
		scribe: parts.scribe.all(),
	};
}

/** In one line, for the service manager. */
export function servesText({ dns, blockedDomains, workers }: NodeStatus): string {
	const domains = `${blockedDomains.toLocaleString("en")} ${blockedDomains === 1 ? "domain" : "domains"}`;
	return `answering ${dns.join(", ")} with ${workers.length} ${workers.length === 1 ? "worker" : "workers"}, blocking ${domains}`;
}
