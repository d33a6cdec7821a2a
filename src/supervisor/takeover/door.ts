/** Where a successor knocks: `cordon.sock` in dataDir, there while we hold that folder. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "../../observe/log.ts";
import { type PacketConnection, PacketServer } from "../../sockets/unix.ts";
import { Channel } from "./channel.ts";
import { handOver, type Incumbent } from "./handover.ts";
import { type FromPredecessor, type FromSuccessor, readFromSuccessor } from "./message.ts";

const NAME = "cordon.sock";
/** Who knocks at the same time; more are sent away. */
const MOST_CONNECTIONS = 4;

export function doorPath(dataDir: string): string {
	return join(dataDir, NAME);
}

export class TakeoverDoor {
	readonly #incumbent: Incumbent;
	readonly #log: Log;
	#open: { readonly path: string; readonly server: PacketServer } | undefined;
	#connections = 0;

	constructor(incumbent: Incumbent, log: Log) {
		this.#incumbent = incumbent;
		this.#log = log;
	}

	/** The folder has to be locked by us: what lies there of another Cordon's is removed. */
	open(dataDir: string): void {
		const path = doorPath(dataDir);
		if (this.#open?.path === path) return;
		this.close();
		try {
			rmSync(path, { force: true });
			const server = new PacketServer(path, (connection) => void this.#receive(connection));
			this.#open = { path, server };
		} catch (error) {
			this.#log.warn("no successor can take over from this Cordon without a pause; it has to be restarted", {
				path,
				why: (error as Error).message,
			});
		}
	}

	close(): void {
		this.#open?.server.close();
		try {
			if (this.#open !== undefined) rmSync(this.#open.path, { force: true });
		} catch {
			// The next one to lock the folder removes it.
		}
		this.#open = undefined;
	}

	async #receive(connection: PacketConnection): Promise<void> {
		const { pid, uid } = connection.peer;
		const own = process.geteuid?.();
		if ((uid !== own && uid !== 0) || this.#connections >= MOST_CONNECTIONS) {
			connection.close();
			this.#log.warn("somebody who may not take over was sent away", { pid, uid });
			return;
		}
		const channel = new Channel<FromSuccessor, FromPredecessor>(connection, readFromSuccessor);
		this.#connections++;
		try {
			await handOver(channel, this.#incumbent, this.#log);
		} catch (error) {
			this.#log.error("handing over failed", { error });
		} finally {
			this.#connections--;
			channel.close();
		}
	}
}
