import { createSocket } from "node:dgram";
import { query, readReply } from "./packet.ts";
import { isBlockedReply } from "./probe.ts";

const EVERY_MS = 1;
const PATIENCE_MS = 30_000;

/** Watches a node's answers from the outside, about every millisecond. */
export class Eye {
	readonly #port: number;
	readonly #socket = createSocket("udp4");
	#turn = 0;

	constructor(port: number) {
		this.#port = port;
		this.#socket.on("error", () => undefined);
	}

	/** Resolves with the time (performance.now) of the first answer that says so. */
	until(name: string, blocked: boolean): Promise<number> {
		const first = this.#turn;
		return new Promise((resolve, reject) => {
			const send = (): void => {
				this.#socket.send(query(this.#turn++ & 0xffff, name), this.#port, "127.0.0.1", () => undefined);
			};
			const hear = (packet: Buffer): void => {
				const now = performance.now();
				const reply = readReply(packet);
				// An answer to what was asked before says nothing of this name.
				if (reply === undefined || ((reply.id - first) & 0xffff) >= this.#turn - first) return;
				if (isBlockedReply(reply) !== blocked) return;
				end();
				resolve(now);
			};
			const end = (): void => {
				clearInterval(every);
				clearTimeout(deadline);
				this.#socket.off("message", hear);
			};
			const every = setInterval(send, EVERY_MS);
			const deadline = setTimeout(() => {
				end();
				reject(
					new Error(
						`${name} was not ${blocked ? "blocked" : "un-blocked"} on port ${this.#port} within ${PATIENCE_MS / 1000} s`,
					),
				);
			}, PATIENCE_MS);
			this.#socket.on("message", hear);
			send();
		});
	}

	close(): void {
		this.#socket.close();
	}
}
