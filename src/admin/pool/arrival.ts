/** The bytes of a body as they arrive, from a client that may be slow, or gone. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { HungUp, Refusal } from "./refusal.ts";

export interface Pace {
	/** How long a client may keep us waiting, all in all, for a body of no length. */
	readonly graceMs: number;
	/** For each so many bytes that have come, it may keep us waiting a second longer. */
	readonly bytesPerSecond: number;
}

/** Whether the request has a body at all. */
export function hasBody({ headers }: IncomingMessage): boolean {
	const length = headers["content-length"];
	return headers["transfer-encoding"] !== undefined || (length !== undefined && length !== "0");
}

/**
 * Ends when the body does. Throws HungUp, and a Refusal when the client keeps us waiting longer than `pace` allows: only
 * the waiting counts, not what is done with the bytes. Leaves the request whole when it is left early.
 */
export async function* arrival(
	raw: IncomingMessage,
	response: ServerResponse,
	pace: Pace,
): AsyncGenerator<Buffer, void> {
	// Only now: a client that asked first (RFC 9110, section 10.1.1) has been spared a body that we refuse.
	if (raw.headers.expect !== undefined && !response.headersSent) response.writeContinue();
	const chunks = raw.iterator({ destroyOnReturn: false }) as AsyncIterableIterator<Buffer>;
	let waited = 0;
	let bytes = 0;
	let late = false;
	try {
		for (;;) {
			const since = performance.now();
			const patience = pace.graceMs + (bytes / pace.bytesPerSecond) * 1000 - waited;
			const timer = new AbortController();
			const next = chunks.next();
			const came = await Promise.race([next, tooLate(patience, timer.signal)]);
			timer.abort();
			waited += performance.now() - since;
			if (came === undefined) {
				late = true;
				next.catch(() => {});
				throw new Refusal(
					408,
					`the body arrives too slowly: ${bytes} bytes so far. Send it faster than ${pace.bytesPerSecond} bytes a second, or in smaller parts`,
					{ connection: "close" },
				);
			}
			if (came.done) return;
			bytes += came.value.length;
			yield came.value;
		}
	} catch (error) {
		if (error instanceof Refusal) throw error;
		throw new HungUp("the client hung up in the middle of the body", { cause: error });
	} finally {
		// A generator that waits for a chunk cannot be ended; its socket is about to be closed.
		if (!late) await chunks.return?.();
	}
}

async function tooLate(ms: number, signal: AbortSignal): Promise<undefined> {
	await delay(Math.max(0, ms), undefined, { signal, ref: false }).catch(() => {});
	return undefined;
}
