/** A query over UDP. */
import { createSocket, type Socket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { once } from "node:events";
import type { Attempt, Received } from "./attempt.ts";

/** How often one query is sent before the time is up: datagrams get lost. */
const SENDS = 3;

/** Asks the first of the server's addresses that can be reached at all. */
export async function exchangeUdp(attempt: Attempt): Promise<Received> {
	const found = await lookup(attempt.server.host, { all: true });
	let failure: unknown = new Error(`no address for ${attempt.server.host}`);
	for (const { address, family } of found) {
		const socket = createSocket(family === 6 ? "udp6" : "udp4");
		try {
			// A connected socket takes nothing from other senders, and hears when nobody listens.
			socket.connect(attempt.server.port, address);
			await once(socket, "connect", { signal: attempt.signal });
			return { message: await ask(socket, attempt), address };
		} catch (error) {
			failure = error;
			if (!isUnreachable(error)) throw error;
		} finally {
			socket.close();
		}
	}
	throw failure;
}

function isUnreachable(error: unknown): boolean {
	const code = error instanceof Error && "code" in error ? error.code : undefined;
	return (
		code === "ENETUNREACH" || code === "EADDRNOTAVAIL" || code === "EHOSTUNREACH" || code === "EAFNOSUPPORT"
	);
}

function ask(socket: Socket, { query, accept, signal, timeoutMs }: Attempt): Promise<Buffer> {
	return new Promise((resolve, reject) => {
		const fail = (error: Error) => {
			clearInterval(again);
			reject(error);
		};
		const send = () => socket.send(query.message, (error) => error && fail(error));
		const again = setInterval(send, timeoutMs / SENDS);
		socket.on("error", fail);
		socket.on("message", (message) => {
			if (!accept(message)) return;
			clearInterval(again);
			resolve(message);
		});
		signal.addEventListener("abort", () => fail(new Error("timeout")), { once: true });
		send();
	});
}
