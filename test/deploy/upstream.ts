/** A resolver for whom every name has the address 192.0.2.1: `node upstream.js ADDRESS`. */
import { createSocket } from "node:dgram";
import { wildcardReply } from "../bench/packet.ts";

const socket = createSocket("udp4");
socket.on("message", (packet, from) => {
	const reply = wildcardReply(packet);
	if (reply !== undefined) socket.send(reply, from.port, from.address);
});
socket.bind(53, process.argv[2]);
