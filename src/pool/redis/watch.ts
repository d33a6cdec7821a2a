/** Waiting for changes: one blocking read, on a connection of its own, for all who wait. */
import type { Position } from "../record.ts";
import { PoolUnavailable } from "../store.ts";
import type { Client } from "./client.ts";
import type { Ground } from "./ground.ts";
import type { Link } from "./link.ts";

/** A pool that vanishes or is replaced wakes nobody: so often it is looked at. */
const SLICE_MS = 2000;

interface Waiter {
	readonly position: Position;
	readonly end: (error?: Error) => void;
}

export class Watch {
	readonly #ground: Ground;
	readonly #openLink: () => Link;
	#link: Link | undefined;
	readonly #waiters = new Set<Waiter>();
	#reading = false;
	#closed = false;

	/** @param openLink makes the connection when it is first needed. */
	constructor(ground: Ground, openLink: () => Link) {
		this.#ground = ground;
		this.#openLink = openLink;
	}

	async wait(position: Position, timeoutMs: number, signal: AbortSignal): Promise<void> {
		if (signal.aborted || this.#closed || (await this.#differs(position))) return;
		// Both may have come while we asked.
		if (signal.aborted || this.#closed) return;
		await new Promise<void>((resolve, reject) => {
			const end = (error?: Error) => {
				clearTimeout(timer);
				signal.removeEventListener("abort", stop);
				this.#waiters.delete(waiter);
				if (error === undefined) resolve();
				else reject(error);
			};
			const stop = () => end();
			const waiter: Waiter = { position, end };
			const timer = setTimeout(stop, timeoutMs);
			signal.addEventListener("abort", stop);
			this.#waiters.add(waiter);
			if (!this.#reading) void this.#read();
		});
	}

	close(): void {
		this.#closed = true;
		this.#endAll();
		this.#link?.close();
	}

	async #differs({ epoch, seq, token }: Position): Promise<boolean> {
		const head = (await this.#ground.fetchMeta())?.position;
		return head === undefined || head.epoch !== epoch || head.seq !== seq || head.token !== token;
	}

	async #read(): Promise<void> {
		this.#reading = true;
		try {
			for (;;) {
				const [first] = this.#waiters;
				if (first === undefined) break;
				if ((await this.#block(first.position)) || (await this.#differs(first.position))) this.#endAll();
			}
		} catch (error) {
			this.#endAll(error instanceof Error ? error : new PoolUnavailable(String(error)));
		} finally {
			this.#reading = false;
		}
	}

	/** @returns whether there is a change after `position`; false when the time is over. */
	async #block({ epoch, seq }: Position): Promise<boolean> {
		this.#link ??= this.#openLink();
		const link = this.#link;
		if (!link.up) await link.settled();
		return link.run(async (client: Client) => {
			// The server answers in time, or the connection is dead.
			const { timeoutMs } = this.#ground.options;
			const guard = setTimeout(() => link.abandon(client), SLICE_MS + timeoutMs);
			try {
				const key = this.#ground.keys.changes(epoch);
				const reply = await client.xread("COUNT", 1, "BLOCK", SLICE_MS, "STREAMS", key, `${seq}-0`);
				return reply !== null;
			} finally {
				clearTimeout(guard);
			}
		});
	}

	#endAll(error?: Error): void {
		for (const waiter of [...this.#waiters]) waiter.end(error);
	}
}
