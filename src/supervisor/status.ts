/** What the node says of itself, put together from its parts. */
import type { NodeStatus } from "../observe/status.ts";
import type { EngineName } from "../worker/messages.ts";
import type { Library } from "./library.ts";
import type { PoolDoor } from "./pool/door.ts";

interface StatusParts
	extends Pick<NodeStatus, "version" | "startedAt" | "log" | "dns" | "upstreams" | "workers"> {
	/** Why not ready; undefined when ready. */
	readonly waitingFor: string | undefined;
	readonly engine: EngineName;
	readonly library: Library;
	readonly pool: PoolDoor["pool"];
}

export function statusOf(parts: StatusParts): NodeStatus {
	const { version, startedAt, waitingFor, engine, log, dns, library, pool, upstreams, workers } = parts;
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
		lists: library.books.status(),
		...(pool === undefined ? {} : { pool: pool.state() }),
		upstreams,
		workers,
	};
}
