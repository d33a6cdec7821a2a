/**
 * One connection to a receiver of Frame Streams, from READY to FINISH. The receiver is not trusted: what it does against
 * the protocol, or not in time, ends the connection.
 */
import { connect, type Socket } from "node:net";
import type { DnstapAddress } from "../../config/address.ts";
import { CONTENT_TYPE, CONTROL, type ControlFrame, ControlFrames, controlFrame } from "./control-frame.ts";

/** A receiver that went without a word is found out after some multiple of this, even while nothing is sent. */
const KEEPALIVE_MS = 30_000;

export interface Patience {
	/** Milliseconds until a receiver has to have been reached, and to have said what it takes. */
	readonly acceptMs: number;
	/** Milliseconds that a block may lie in the socket before the receiver counts as gone. */
	readonly writeMs: number;
	/** Milliseconds that FINISH is waited for. */
	readonly finishMs: number;
}

export interface SessionEvents {
	/** Data may be sent. */
	opened(): void;
	/** Called once, at the end; `why`: for the operator. */
	closed(why: string): void;
}

export class Session {
	readonly #socket: Socket;
	readonly #events: SessionEvents;
	readonly #patience: Patience;
	readonly #frames = new ControlFrames();
	#state: "greeting" | "open" | "finishing" | "closed" = "greeting";
	#timer: NodeJS.Timeout | undefined;
	/** Why it ends, once that is certain. */
	#why: string | undefined;

	constructor(to: DnstapAddress, patience: Patience, events: SessionEvents) {
		this.#events = events;
		this.#patience = patience;
		this.#socket =
			"path" in to
				? connect({ path: to.path })
				: connect({ ...to, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEPALIVE_MS });
		this.#wait(patience.acceptMs, "the receiver did not answer in time");
		this.#socket.on("connect", () => this.#socket.write(controlFrame(CONTROL.ready, CONTENT_TYPE)));
		this.#socket.on("data", (piece: Buffer) => {
			if (!this.#frames.push(piece, (frame) => this.#hear(frame)))
				this.#break("the receiver speaks no Frame Streams");
		});
		// "close" follows.
		this.#socket.on("error", (error) => this.#break(error.message));
		this.#socket.on("end", () => this.#socket.destroy());
		this.#socket.on("close", () => this.#ended());
	}

	/** Data frames, each with its length in front; `written` is called when the system has taken them, and never if it hasn't. */
	write(bytes: Buffer, written: () => void): void {
		this.#wait(this.#patience.writeMs, "the receiver takes nothing any more");
		this.#socket.write(bytes, (error) => {
			if (this.#state === "closed" || (error !== undefined && error !== null)) return;
			clearTimeout(this.#timer);
			written();
		});
	}

	/** Nothing more comes; the connection is closed when the receiver has confirmed that, or has not in time. */
	finish(): void {
		if (this.#state !== "open") return;
		this.#state = "finishing";
		this.#wait(this.#patience.finishMs, "the receiver did not confirm the end");
		this.#socket.write(controlFrame(CONTROL.stop));
	}

	/** Closed at once. */
	abandon(): void {
		this.#break("it was told to end");
	}

	#hear({ type, contentTypes }: ControlFrame): void {
		if (this.#why !== undefined) return;
		if (this.#state === "greeting" && type === CONTROL.accept) {
			// One that names none takes any.
			if (contentTypes.length > 0 && !contentTypes.includes(CONTENT_TYPE)) {
				this.#break(`the receiver takes no ${CONTENT_TYPE}, but ${contentTypes.join(", ").slice(0, 100)}`);
				return;
			}
			clearTimeout(this.#timer);
			this.#state = "open";
			this.#socket.write(controlFrame(CONTROL.start, CONTENT_TYPE));
			this.#events.opened();
		} else if (this.#state === "finishing" && type === CONTROL.finish) {
			this.abandon();
		} else {
			this.#break(`the receiver sent a control frame of type ${type} where none such may come`);
		}
	}

	#wait(milliseconds: number, why: string): void {
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => this.#break(why), milliseconds);
	}

	#break(why: string): void {
		this.#why ??= why;
		this.#socket.destroy();
	}

	#ended(): void {
		if (this.#state === "closed") return;
		this.#state = "closed";
		clearTimeout(this.#timer);
		this.#events.closed(this.#why ?? "the receiver closed the connection");
	}
}
