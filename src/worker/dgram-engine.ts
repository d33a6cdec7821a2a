/** UDP through Node's own sockets, anywhere. */
import { DgramListener } from "../listen/dgram.ts";
import { DgramCarrier } from "../upstream/dgram.ts";
import type { Engine, EngineParts } from "./engine.ts";

export function createDgramEngine(parts: EngineParts): Engine {
	return {
		async listen(endpoint, _fd, maxAnswer) {
			const listener = new DgramListener({ ...parts, maxAnswer });
			const port = await listener.listen(endpoint);
			return { port, listener };
		},
		lastConnections: undefined,
		carrier: (server, events) => new DgramCarrier(server, parts.random, events),
		take: (priority) => priority === "normal",
		close: () => {},
	};
}
