/** One side of the conversation between a running Cordon and its successor: messages in turn, none waited for without end. */
import { setTimeout as pause } from "node:timers/promises";
import * as libc from "../../sockets/libc.ts";
import type { Credentials, Packet, PacketConnection } from "../../sockets/unix.ts";

/** The other side has closed the connection, or its process has ended. */
export class PeerGone extends Error {
	override readonly name = "PeerGone";
}

/** The other side said nothing for too long, or something that is no message. */
export class PeerFault extends Error {
	override readonly name = "PeerFault";
}

const DELIVER_TRIES = 300;
const DELIVER_PAUSE_MS = 10;
/** Messages that wait; nobody who keeps to the protocol sends more ahead. */
const MOST_WAITING = 64;

export interface Heard<In> {
	readonly message: In;
	readonly descriptors: readonly number[];
}

export class Channel<In, Out> {
	readonly #connection: PacketConnection;
	readonly #read: (text: string) => In | undefined;
	readonly #heard: Heard<In>[] = [];
	#fault: Error | undefined;
	#wake: () => void = () => {};
	/** Resolves when the other side is gone, or has said what is no message. */
	readonly ended: Promise<void>;
	#end: () => void = () => {};

	constructor(connection: PacketConnection, read: (text: string) => In | undefined) {
		this.#connection = connection;
		this.#read = read;
		this.ended = new Promise((resolve) => {
			this.#end = resolve;
		});
		connection.onPacket = (packet) => this.#hear(packet);
		connection.onEnd = () => this.#fail(new PeerGone("the other side has gone"));
	}

	get peer(): Credentials {
		return this.#connection.peer;
	}

	get isOpen(): boolean {
		return this.#fault === undefined;
	}

	send(message: Out, descriptors: readonly number[] = []): void {
		if (this.#fault === undefined && !this.#connection.send(JSON.stringify(message), descriptors))
			this.#fail(new PeerGone("the other side takes no message"));
	}

	/** The same for much at once, which the system may take only as the other side reads it. */
	async deliver(message: Out, descriptors: readonly number[]): Promise<void> {
		for (let tries = DELIVER_TRIES; tries > 0 && this.isOpen; tries--) {
			if (this.#connection.send(JSON.stringify(message), descriptors)) return;
			await pause(DELIVER_PAUSE_MS);
		}
		this.#fail(new PeerGone("the other side takes no message"));
	}

	/** The next message. Rejects with PeerGone or PeerFault. */
	async next(patienceMs: number): Promise<Heard<In>> {
		const until = performance.now() + patienceMs;
		for (;;) {
			const heard = this.#heard.shift();
			if (heard !== undefined) return heard;
			if (this.#fault !== undefined) throw this.#fault;
			const left = until - performance.now();
			if (left <= 0) throw new PeerFault(`the other side said nothing for ${patienceMs / 1000} s`);
			await new Promise<void>((resolve) => {
				const timer = setTimeout(resolve, left);
				this.#wake = () => {
					clearTimeout(timer);
					resolve();
				};
			});
		}
	}

	close(): void {
		this.#fault ??= new PeerGone("the conversation is over");
		this.#connection.close();
		for (const { descriptors } of this.#heard.splice(0)) closeAll(descriptors);
		this.#wake();
		this.#end();
	}

	#hear({ text, descriptors }: Packet): void {
		const message = this.#read(text);
		if (message === undefined || this.#heard.length >= MOST_WAITING) {
			closeAll(descriptors);
			this.#fail(new PeerFault("the other side said what is no message of this protocol"));
			return;
		}
		this.#heard.push({ message, descriptors });
		this.#wake();
	}

	#fail(fault: Error): void {
		this.#fault ??= fault;
		this.#connection.close();
		this.#wake();
		this.#end();
	}
}

/** Descriptors that nobody wants. */
export function closeAll(descriptors: readonly number[]): void {
	for (const fd of descriptors) libc.close(fd);
}
