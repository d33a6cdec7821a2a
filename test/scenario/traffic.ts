/** Queries that go on and on: several clients, each with a few in flight, the next one soon after an answer. */
import type { Socket } from "node:dgram";
import { connectedUdp } from "./client.ts";
import { question, type Reply, readReply } from "./message.ts";

/** From as many ports, so that every worker gets its share. */
const CLIENTS = 8;
const IN_FLIGHT = 2;
/** Between an answer and the next query, so that compiling, which gives way to answering, gets its turn. */
const PAUSE_MS = 3;
/** A query that is not answered within this time is lost. */
const PATIENCE_MS = 3000;

export class Traffic {
	sent = 0;
	answered = 0;
	/** What `judge` made of the answers, and how often. */
	readonly verdicts = new Map<string, number>();
	readonly #sockets: Socket[] = [];
	readonly #names: readonly string[];
	readonly #judge: (reply: Reply) => string;
	#isEnding = false;
	#progress = () => {};

	private constructor(names: readonly string[], judge: (reply: Reply) => string) {
		this.#names = names;
		this.#judge = judge;
	}

	/** Asks `server` for the names in turn until `stop`. */
	static async start(
		server: string,
		names: readonly string[],
		judge: (reply: Reply) => string,
	): Promise<Traffic> {
		const traffic = new Traffic(names, judge);
		for (let i = 0; i < CLIENTS; i++) {
			const socket = await connectedUdp(server);
			traffic.#sockets.push(socket);
			socket.on("message", (bytes) => traffic.#hear(socket, bytes));
			socket.on("error", () => {});
		}
		for (const socket of traffic.#sockets) for (let i = 0; i < IN_FLIGHT; i++) traffic.#send(socket);
		return traffic;
	}

	/** Waits for so many more answers. */
	async goOn(count: number): Promise<void> {
		const until = this.answered + count;
		await this.#until(() => this.answered >= until);
	}

	/** Sends no more, waits for what is in flight, and tells how many queries were never answered. */
	async stop(): Promise<number> {
		this.#isEnding = true;
		await this.#until(() => this.answered === this.sent);
		for (const socket of this.#sockets) socket.close();
		return this.sent - this.answered;
	}

	#send(socket: Socket): void {
		if (this.#isEnding) return;
		socket.send(question(this.#names[this.sent % this.#names.length] ?? "any.example"));
		this.sent++;
	}

	#hear(socket: Socket, bytes: Buffer): void {
		this.answered++;
		const verdict = this.#judge(readReply(bytes));
		this.verdicts.set(verdict, (this.verdicts.get(verdict) ?? 0) + 1);
		setTimeout(() => this.#send(socket), PAUSE_MS);
		this.#progress();
	}

	#until(isDone: () => boolean): Promise<void> {
		return new Promise((resolve) => {
			const timer = setTimeout(resolve, PATIENCE_MS);
			this.#progress = () => {
				if (isDone()) {
					clearTimeout(timer);
					resolve();
				} else timer.refresh();
			};
			this.#progress();
		});
	}
}
