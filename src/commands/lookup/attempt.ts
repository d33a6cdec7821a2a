/** One try at one server: what a transport is given, and what it gives back. */
import type { Query } from "./query.ts";
import type { Server } from "./server.ts";

export interface ExchangeOptions {
	/** Until we give up, over all tries. */
	readonly timeoutMs: number;
	/** Whether any certificate will do. */
	readonly insecure: boolean;
}

/** What a transport works with. */
export interface Attempt extends ExchangeOptions {
	readonly server: Server;
	readonly query: Query;
	/** Ends everything when the time is up. */
	readonly signal: AbortSignal;
	/** Looks at a message; false when it does not answer our query and the wait goes on. */
	readonly accept: (message: Buffer) => boolean;
}

export interface Received {
	readonly message: Buffer;
	/** The address that answered. */
	readonly address: string;
}
