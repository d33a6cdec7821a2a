/** The way to one receiver: connected again whenever it is lost, and frames kept meanwhile, as far as there is room. */
import type { DnstapAddress } from "../../config/address.ts";
import { formatDnstapAddress } from "../../config/address.ts";
import { Backlog, type Block } from "./backlog.ts";
import { type Patience, Session } from "./session.ts";

export interface Pace extends Patience {
	readonly firstPauseMs: number;
	readonly longestPauseMs: number;
	/** A connection that was open so long did not end because of how it began. */
	readonly steadyMs: number;
}

const PACE: Pace = {
	acceptMs: 10_000,
	writeMs: 30_000,
	finishMs: 2000,
	firstPauseMs: 250,
	longestPauseMs: 10_000,
	steadyMs: 10_000,
};

/** Why a frame was dropped: the receiver is too slow, or it is not there. */
export type LinkDrop = "slow" | "disconnected";

export interface LinkEvents {
	/** So many more frames wait, or fewer. */
	held(change: number): void;
	sent(frames: number): void;
	dropped(reason: LinkDrop, frames: number): void;
	up(isUp: boolean): void;
	/** For the log: once for each change. */
	say(level: "info" | "warn", message: string, fields: Readonly<Record<string, unknown>>): void;
}

export class Link {
	readonly #to: DnstapAddress;
	readonly #events: LinkEvents;
	readonly #pace: Pace;
	readonly #backlog: Backlog;
	#session: Session | undefined;
	#isOpen = false;
	#isClosing = false;
	#openedAt = 0;
	#pauseMs: number;
	#timer: NodeJS.Timeout | undefined;
	/** What the socket has, and has not taken yet. */
	#underWay: Block | undefined;
	/** The trouble that the log knows of. */
	#trouble = "";
	#ended: () => void = () => {};

	/** `bufferBytes`: of frames that wait. */
	constructor(to: DnstapAddress, bufferBytes: number, events: LinkEvents, pace: Pace = PACE) {
		this.#to = to;
		this.#events = events;
		this.#pace = pace;
		this.#pauseMs = pace.firstPauseMs;
		this.#backlog = new Backlog(bufferBytes);
		this.#connect();
	}

	/** One message of dnstap. It leaves with the next `flush` at the latest. */
	push(bytes: Uint8Array, start: number, end: number): void {
		if (this.#backlog.push(bytes, start, end)) this.#events.held(1);
		else this.#events.dropped(this.#isOpen ? "slow" : "disconnected", 1);
	}

	flush(): void {
		if (!this.#isOpen || this.#underWay !== undefined) return;
		const block = this.#backlog.take();
		if (block === undefined) {
			if (this.#isClosing) this.#session?.finish();
			return;
		}
		this.#underWay = block;
		this.#session?.write(block.bytes.subarray(0, block.used), () => {
			this.#underWay = undefined;
			this.#events.held(-block.frames);
			this.#events.sent(block.frames);
			this.#backlog.recycle(block);
			this.flush();
		});
	}

	/** Sends what waits, if there is somebody to take it, and says good-bye. Resolves when the connection is closed. */
	async close(): Promise<void> {
		this.#isClosing = true;
		clearTimeout(this.#timer);
		if (this.#isOpen) this.#events.up(false);
		if (this.#session !== undefined) {
			const ended = new Promise<void>((resolve) => {
				this.#ended = resolve;
			});
			if (this.#isOpen) this.flush();
			else this.#session.abandon();
			const timer = setTimeout(() => this.#session?.abandon(), this.#pace.finishMs);
			await ended;
			clearTimeout(timer);
		}
		this.#drop(this.#backlog.clear());
	}

	/** Closed at once. */
	abandon(): void {
		this.#isClosing = true;
		clearTimeout(this.#timer);
		this.#session?.abandon();
		this.#drop(this.#backlog.clear());
	}

	#connect(): void {
		this.#session = new Session(this.#to, this.#pace, {
			opened: () => this.#opened(),
			closed: (why) => this.#closed(why),
		});
	}

	#opened(): void {
		this.#isOpen = true;
		this.#openedAt = performance.now();
		this.#trouble = "";
		this.#events.up(true);
		this.#events.say("info", "the receiver of dnstap is connected", { to: formatDnstapAddress(this.#to) });
		this.flush();
	}

	#closed(why: string): void {
		this.#session = undefined;
		if (this.#isOpen) {
			this.#isOpen = false;
			if (!this.#isClosing) this.#events.up(false);
			if (performance.now() - this.#openedAt >= this.#pace.steadyMs) this.#pauseMs = this.#pace.firstPauseMs;
		}
		// Half of it may have arrived: sent again, some would arrive twice.
		const lost = this.#underWay;
		this.#underWay = undefined;
		if (lost !== undefined) {
			this.#drop(lost.frames);
			this.#backlog.recycle(lost);
		}
		if (this.#isClosing) {
			this.#ended();
			return;
		}
		if (why !== this.#trouble) {
			this.#trouble = why;
			this.#events.say(
				"warn",
				"there is no connection to the receiver of dnstap; it is tried again for ever, and messages that find no room meanwhile are dropped; see to the receiver, or correct log.dnstap.to",
				{ to: formatDnstapAddress(this.#to), why },
			);
		}
		this.#timer = setTimeout(() => this.#connect(), this.#pauseMs);
		this.#pauseMs = Math.min(this.#pauseMs * 2, this.#pace.longestPauseMs);
	}

	/** Frames that were held. */
	#drop(frames: number): void {
		if (frames === 0) return;
		this.#events.held(-frames);
		this.#events.dropped("disconnected", frames);
	}
}
