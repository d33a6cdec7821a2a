/** The Cordon that ran before, as its successor sees it. */
import type { Log } from "../../observe/log.ts";
import { PacketConnection } from "../../sockets/unix.ts";
import type { EngineName } from "../../worker/messages.ts";
import type { HandedSocket, Kept } from "../handed.ts";
import { Channel, closeAll, PeerFault, PeerGone } from "./channel.ts";
import { doorPath } from "./door.ts";
import { type FromPredecessor, type FromSuccessor, PROTOCOL, readFromPredecessor } from "./message.ts";

/** A reload, or lists that are being compiled, come to their end first. */
const PATIENCE_MS = 120_000;
const FAREWELL_MS = 10_000;
const ALIVE_MS = 5000;

type Welcome = Extract<FromPredecessor, { kind: "welcome" }>;

export class Predecessor {
	readonly engine: EngineName;
	readonly cookieSecret: Uint8Array;
	/** Of all addresses that it answers on; ours now as well. */
	readonly sockets: readonly HandedSocket[];
	readonly pid: number;
	readonly #channel: Channel<FromPredecessor, FromSuccessor>;
	readonly #log: Log;
	#pulse: NodeJS.Timeout | undefined;

	/**
	 * Undefined when none runs with this dataDir. Rejects with a message for the operator when there is one that does not
	 * hand over.
	 */
	static async meet(dataDir: string, version: string, log: Log): Promise<Predecessor | undefined> {
		const path = doorPath(dataDir);
		let connection: PacketConnection;
		try {
			connection = PacketConnection.connect(path);
		} catch (error) {
			const { code, message } = error as { code?: string; message: string };
			if (code === "ENOENT" || code === "ECONNREFUSED") return undefined;
			throw new Error(`cannot take over: ${message}; start as the user that the running Cordon has`);
		}
		const { uid } = connection.peer;
		const own = process.geteuid?.();
		if (uid !== own && own !== 0) {
			connection.close();
			throw new Error(
				`cannot take over: the Cordon at ${path} runs as user ${uid}, and this one as ${own}; start as that user`,
			);
		}
		const channel = new Channel<FromPredecessor, FromSuccessor>(connection, readFromPredecessor);
		const sockets: HandedSocket[] = [];
		try {
			channel.send({ kind: "hello", protocol: PROTOCOL, version });
			return new Predecessor(await received(channel, sockets), sockets, channel, log);
		} catch (error) {
			channel.close();
			closeAll(sockets.map(({ fd }) => fd));
			// It ended before it had promised anything: nobody is there.
			if (error instanceof PeerGone) return undefined;
			throw new Error(`cannot take over from the running Cordon: ${(error as Error).message}`);
		}
	}

	private constructor(
		welcome: Welcome,
		sockets: readonly HandedSocket[],
		channel: Channel<FromPredecessor, FromSuccessor>,
		log: Log,
	) {
		this.engine = welcome.engine;
		this.cookieSecret = Buffer.from(welcome.cookieSecret, "hex");
		this.sockets = sockets;
		this.pid = channel.peer.pid;
		this.#channel = channel;
		this.#log = log;
	}

	/**
	 * Asks for dataDir and what is in it. `inherits`: we go on with its sockets; else they are closed, too. Rejects with a
	 * message for the operator.
	 */
	async letGo(how: { readonly inherits: boolean; readonly keepsAdmin: boolean }): Promise<void> {
		this.#channel.send({ kind: "let-go", ...how });
		try {
			await this.#hears("yours", PATIENCE_MS);
		} catch (error) {
			if (!(error instanceof PeerGone)) throw error;
			this.#log.warn("the running Cordon ended before it let go; all that it had is ours", { pid: this.pid });
		}
		this.#pulse = setInterval(() => this.#channel.send({ kind: "alive" }), ALIVE_MS);
	}

	/** Its sockets are not wanted. */
	forsake(): void {
		closeAll(this.sockets.map(({ fd }) => fd));
	}

	/** Our workers answer. Resolves when it has said farewell, or has ended in another way. */
	async succeeded(kept: Kept): Promise<void> {
		clearInterval(this.#pulse);
		this.#channel.send({ kind: "serving", ...kept });
		try {
			await this.#hears("farewell", FAREWELL_MS);
		} catch (error) {
			if (!(error instanceof PeerGone)) throw error;
		}
	}

	/** It takes everything back. */
	failed(why: string): void {
		clearInterval(this.#pulse);
		this.#channel.send({ kind: "failed", why });
	}

	async #hears(kind: "yours" | "farewell", patienceMs: number): Promise<void> {
		const { message, descriptors } = await this.#channel.next(patienceMs);
		closeAll(descriptors);
		if (message.kind !== kind)
			throw new PeerFault(`the running Cordon said ${message.kind} where ${kind} was due`);
	}
}

/** Takes in what is offered. Rejects with a message for the operator. */
async function received(
	channel: Channel<FromPredecessor, FromSuccessor>,
	sockets: HandedSocket[],
): Promise<Welcome> {
	let welcome: Welcome | undefined;
	for (;;) {
		const { message, descriptors } = await channel.next(PATIENCE_MS);
		if (message.kind === "sockets" && message.sockets.length === descriptors.length) {
			for (const [i, about] of message.sockets.entries()) sockets.push({ ...about, fd: descriptors[i] });
			continue;
		}
		closeAll(descriptors);
		if (message.kind === "refused") throw new Error(message.why);
		if (message.kind === "welcome" && message.protocol === PROTOCOL) welcome = message;
		else if (message.kind === "granted" && welcome !== undefined) return welcome;
		else throw new PeerFault(`it said ${message.kind} out of turn; restart instead`);
	}
}
