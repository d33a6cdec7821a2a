/** UDP in batches, on Linux. */
import { DATAGRAM_BYTES, QUERY_SLOTS, UdpListener } from "../listen/udp.ts";
import { Inbox } from "../sockets/batch.ts";
import { LastConnections } from "../sockets/last-connections.ts";
import { isWildcard } from "../sockets/open.ts";
import { Reactor } from "../sockets/reactor.ts";
import { takePrecedence, takeShortTurns } from "../sockets/scheduling.ts";
import { createReplyInbox, UdpCarrier } from "../upstream/udp.ts";
import type { Engine, EngineParts } from "./engine.ts";

export function createBatchEngine(parts: EngineParts): Engine {
	const { round } = parts;
	const reactor = new Reactor(
		() => round.begin(),
		() => round.end(),
	);
	const replies = createReplyInbox();
	const inboxes = new Map<boolean, Inbox>();

	function inboxFor(withControl: boolean): Inbox {
		const inbox = inboxes.get(withControl) ?? new Inbox(QUERY_SLOTS, DATAGRAM_BYTES, withControl);
		inboxes.set(withControl, inbox);
		return inbox;
	}

	return {
		async listen(endpoint, fd, maxAnswer) {
			if (fd === undefined) throw new Error("the batch engine listens on sockets that are open already");
			const inbox = inboxFor(isWildcard(endpoint));
			const listener = new UdpListener({ fd, endpoint }, { ...parts, reactor, inbox, maxAnswer });
			return { port: endpoint.port, listener };
		},
		lastConnections: (fd) => new LastConnections(fd),
		carrier: (server, events) => new UdpCarrier(server, reactor, replies, parts.random, events),
		take(priority) {
			if (priority === "realtime" && takePrecedence()) return true;
			takeShortTurns();
			return priority === "normal";
		},
		close: () => reactor.close(),
	};
}
