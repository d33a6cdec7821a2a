/** A receiver of Frame Streams that does as a test tells it, over a unix socket or TCP. */
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import type { Test } from "tap";
import type { DnstapAddress } from "../../../src/config/address.ts";
import { folder } from "../../scenario/cordon.ts";
import { Watchers } from "../../scenario/watchers.ts";

const PATIENCE_MS = 20_000;
export const DNSTAP = "protobuf:dnstap.Dnstap";

/** A control frame, put together word by word. */
export function control(type: number, ...contentTypes: readonly string[]): Buffer {
	const long = (value: number) => {
		const bytes = Buffer.alloc(4);
		bytes.writeUInt32BE(value);
		return bytes;
	};
	const fields = contentTypes.flatMap((text) => [long(1), long(text.length), Buffer.from(text)]);
	const body = Buffer.concat([long(type), ...fields]);
	return Buffer.concat([long(0), long(body.length), body]);
}

export const ACCEPT = control(1, DNSTAP);
export const START = control(2, DNSTAP);
export const STOP = control(3);
export const READY = control(4, DNSTAP);
export const FINISH = control(5);

export interface Behaviour {
	/** What it sends when a connection comes. */
	readonly greeting?: Buffer;
	/** What it says to READY; undefined: nothing. */
	readonly accept?: Buffer | undefined;
	/** What it says to STOP. */
	readonly finish?: Buffer | undefined;
	/** It reads nothing behind READY. */
	readonly isDeaf?: boolean;
	/** It closes the connection after so many data frames. */
	readonly closesAfter?: number;
}

export const PROPER: Behaviour = { accept: ACCEPT, finish: FINISH };

export class Receiver {
	behaviour: Behaviour;
	readonly frames: Buffer[] = [];
	/** All control frames in hex, in the order in which they came. */
	readonly controls: string[] = [];
	/** Connections so far. */
	connections = 0;
	readonly sockets = new Set<Socket>();
	readonly #server: Server;
	readonly #watchers = new Watchers();

	private constructor(behaviour: Behaviour) {
		this.behaviour = behaviour;
		this.#server = createServer((socket) => this.#serve(socket));
	}

	static async listen(t: Test, behaviour: Behaviour, at: DnstapAddress): Promise<Receiver> {
		const receiver = new Receiver(behaviour);
		receiver.#server.listen(at);
		await once(receiver.#server, "listening");
		t.teardown(() => receiver.stop());
		return receiver;
	}

	get port(): number {
		const address = this.#server.address();
		return typeof address === "object" && address !== null ? address.port : 0;
	}

	/** As if its process were killed. */
	async stop(): Promise<void> {
		if (!this.#server.listening) return;
		const closed = once(this.#server, "close");
		this.#server.close();
		for (const socket of this.sockets) socket.destroy();
		await closed;
	}

	/** Waits until that holds. */
	async until(holds: () => boolean, what: string): Promise<void> {
		const deadline = AbortSignal.timeout(PATIENCE_MS);
		while (!holds()) {
			if (deadline.aborted) throw new Error(`waited in vain: ${what}; ${this.frames.length} frames`);
			await this.#watchers.next(deadline);
		}
	}

	async has(count: number): Promise<readonly Buffer[]> {
		await this.until(() => this.frames.length >= count, `${count} frames`);
		return this.frames;
	}

	#serve(socket: Socket): void {
		let pending = Buffer.alloc(0);
		let frames = 0;
		this.connections++;
		this.sockets.add(socket);
		socket.on("error", () => socket.destroy());
		socket.on("close", () => {
			this.sockets.delete(socket);
			this.#watchers.wake();
		});
		if (this.behaviour.greeting !== undefined) socket.write(this.behaviour.greeting);
		socket.on("data", (piece) => {
			pending = Buffer.concat([pending, piece]);
			while (pending.length >= 4) {
				const isControl = pending.readUInt32BE(0) === 0;
				if (isControl && pending.length < 8) break;
				const size = isControl ? 8 + pending.readUInt32BE(4) : 4 + pending.readUInt32BE(0);
				if (pending.length < size) break;
				const frame = Buffer.from(pending.subarray(0, size));
				pending = pending.subarray(size);
				if (isControl) this.#answer(socket, frame);
				else {
					this.frames.push(frame.subarray(4));
					if (++frames === this.behaviour.closesAfter) socket.destroy();
				}
			}
			this.#watchers.wake();
		});
		this.#watchers.wake();
	}

	#answer(socket: Socket, frame: Buffer): void {
		this.controls.push(frame.toString("hex"));
		const { accept, finish, isDeaf } = this.behaviour;
		const type = frame.readUInt32BE(8);
		if (type === 4) {
			if (isDeaf) socket.pause();
			if (accept !== undefined) socket.write(accept);
		}
		if (type === 3 && finish !== undefined) socket.write(finish);
	}
}

/** A path for a unix socket that goes with the test. */
export function socketPath(t: Test): string {
	return `${folder(t)}/dnstap.sock`;
}
