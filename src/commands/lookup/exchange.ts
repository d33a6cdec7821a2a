/** One query and its answer, over whatever transport the server's address names. */
import { once } from "node:events";
import { isIP } from "node:net";
import type { ExchangeOptions, Received } from "./attempt.ts";
import { exchangeHttps } from "./doh.ts";
import type { Query } from "./query.ts";
import { mismatch } from "./reply.ts";
import { formatServer, type Server } from "./server.ts";
import { exchangeStream } from "./stream.ts";
import { exchangeUdp } from "./udp.ts";

export interface Exchange extends Received {
	readonly server: Server;
	readonly timeMs: number;
	/** Messages that came but did not answer the query, and why. */
	readonly ignored: readonly string[];
}

/** No reply; the message says from whom and why. */
export class NoReply extends Error {
	override readonly name = "NoReply";
	readonly ignored: readonly string[];

	constructor(message: string, ignored: readonly string[]) {
		super(message);
		this.ignored = ignored;
	}
}

/** Sends the query and waits for its answer; throws {@link NoReply} when none comes. */
export async function exchange(server: Server, query: Query, options: ExchangeOptions): Promise<Exchange> {
	const ignored: string[] = [];
	const accept = (message: Buffer): boolean => {
		const why = mismatch(query, message);
		// A flood of wrong answers must not become a flood of memory.
		if (why !== undefined && ignored.length < 100) ignored.push(why);
		return why === undefined;
	};
	const signal = AbortSignal.timeout(options.timeoutMs);
	const transport =
		server.transport === "udp" ? exchangeUdp : server.transport === "https" ? exchangeHttps : exchangeStream;
	const started = performance.now();
	try {
		// The system's resolver cannot be interrupted: it is left behind.
		const late = once(signal, "abort").then(() => Promise.reject(new Error("timeout")));
		const received = await Promise.race([transport({ ...options, server, query, signal, accept }), late]);
		return { ...received, server, timeMs: performance.now() - started, ignored };
	} catch (error) {
		const why = signal.aborted ? `no reply within ${options.timeoutMs / 1000} s` : explain(error, server);
		throw new NoReply(`${formatServer(server)}: ${why}`, ignored);
	}
}

function explain(error: unknown, server: Server): string {
	if (!(error instanceof Error)) return String(error);
	// Several addresses were tried at once and each failed in its own way.
	const cause: Error =
		error instanceof AggregateError && error.errors[0] instanceof Error ? error.errors[0] : error;
	const code = "code" in cause ? String(cause.code) : "";
	switch (code) {
		case "ECONNREFUSED":
			return "connection refused; is a server running there, on this port?";
		case "ENOTFOUND":
		case "EAI_AGAIN":
			return `the system's resolver finds no address for ${server.host}; give an IP address instead`;
		case "ENETUNREACH":
		case "EHOSTUNREACH":
			return "the network cannot be reached from here";
		case "ECONNRESET":
		case "EPIPE":
			return "the server closed the connection without an answer";
	}
	if (/CERT|SELF_SIGNED|ALTNAME|ISSUER/.test(code)) {
		const name =
			isIP(server.host) === 0 ? "" : " (a certificate must name the address itself; try the host name)";
		return `the certificate is not trusted: ${cause.message}${name}; --insecure asks all the same`;
	}
	return cause.message;
}
