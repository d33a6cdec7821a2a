/** A query over TCP or TLS: each message behind its length in two bytes (RFC 1035, section 4.2.2; RFC 7858). */
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Attempt, Received } from "./attempt.ts";

/** Opens the connection; TLS speaks the given protocols and checks the certificate unless told otherwise. */
export function connect({ server, insecure }: Attempt, protocols: readonly string[]): Socket {
	const { host, port } = server;
	if (server.transport === "tcp") return connectTcp({ host, port });
	return connectTls({
		host,
		port,
		// An address is no server name (RFC 6066, section 3); it is checked against the certificate nevertheless.
		...(isIP(host) === 0 ? { servername: host } : {}),
		ALPNProtocols: [...protocols],
		rejectUnauthorized: !insecure,
	});
}

/** Sends the query and reads messages until one answers it. */
export function exchangeStream(attempt: Attempt): Promise<Received> {
	const { query, signal, accept } = attempt;
	const socket = connect(attempt, ["dot"]);
	return new Promise<Received>((resolve, reject) => {
		let pending = Buffer.alloc(0);
		let address = attempt.server.host;
		socket.once(attempt.server.transport === "tcp" ? "connect" : "secureConnect", () => {
			address = socket.remoteAddress ?? address;
			const length = Buffer.alloc(2);
			length.writeUInt16BE(query.message.length);
			socket.write(Buffer.concat([length, query.message]));
		});
		socket.on("data", (chunk) => {
			pending = Buffer.concat([pending, chunk]);
			while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
				const message = pending.subarray(2, 2 + pending.readUInt16BE(0));
				if (accept(message)) return resolve({ message, address });
				pending = pending.subarray(2 + message.length);
			}
		});
		socket.on("error", reject);
		socket.on("close", () => {
			reject(
				new Error(
					pending.length === 0
						? "the server closed the connection without an answer"
						: `the server closed the connection after ${pending.length} bytes of an answer`,
				),
			);
		});
		signal.addEventListener("abort", () => reject(new Error("timeout")), { once: true });
	}).finally(() => socket.destroy());
}
