import { createSocket } from "node:dgram";
import { once } from "node:events";
import { wildcardReply } from "./packet.ts";

/** An authority of our own for loads that are light: every name has the address 192.0.2.1. Returns its port. */
export async function startWildcardUpstream(): Promise<number> {
	const socket = createSocket("udp4");
	socket.on("message", (packet, from) => {
		const reply = wildcardReply(packet);
		if (reply !== undefined) socket.send(reply, from.port, from.address);
	});
	socket.bind(0, "127.0.0.1");
	await once(socket, "listening");
	socket.unref();
	return socket.address().port;
}
