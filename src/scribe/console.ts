/**
 * Lines to standard output. Whoever reads them may be slow or gone, and this thread must not wait for it: a pipe or a
 * socket (journald's) is written through Node's own stream, which never blocks; a file or a terminal directly.
 */
import { fstatSync, writeSync } from "node:fs";
import { Socket } from "node:net";
import type { ScribeCounts, ScribeNumber } from "../observe/scribe-counts.ts";
import { Backlog } from "./backlog.ts";
import type { Sink } from "./sink.ts";

const STANDARD_OUTPUT = 1;
const MOST_HELD = 1 << 20;
/** Handed to the stream at once: the next piece follows when it has gone. */
const PIECE = 64 * 1024;
/** At the end a slow reader is waited for so long, looking so often. */
const FAREWELL_MS = 1000;
const STEP_MS = 10;

function isStream(fd: number): boolean {
	try {
		const about = fstatSync(fd);
		return about.isFIFO() || about.isSocket();
	} catch {
		return false;
	}
}

export class ConsoleSink implements Sink {
	readonly #fd: number;
	readonly #counts: ScribeCounts;
	readonly #backlog = new Backlog(MOST_HELD);
	/** Undefined: written directly. */
	readonly #stream: Socket | undefined;
	#isBroken = false;

	constructor(counts: ScribeCounts, fd = STANDARD_OUTPUT) {
		this.#fd = fd;
		this.#counts = counts;
		if (!isStream(fd)) return;
		// libuv never closes standard output, not even when its stream is destroyed.
		this.#stream = new Socket({ fd, readable: false, writable: true });
		this.#stream.on("drain", () => this.flush());
		this.#stream.on("error", () => {
			this.#isBroken = true;
		});
		this.#stream.unref();
	}

	take(line: Uint8Array, length: number): void {
		if (this.#hasRoom(line, length)) this.#counts.add("queriesHeld", 1);
		else this.#counts.add("queriesSlow", 1);
	}

	#hasRoom(line: Uint8Array, length: number): boolean {
		if (this.#isBroken) return false;
		if (this.#backlog.add(line, length)) return true;
		this.flush();
		return !this.#isBroken && this.#backlog.add(line, length);
	}

	flush(): void {
		while (this.#backlog.length > 0 && !this.#isBroken) {
			const written = this.#stream === undefined ? this.#writeDirectly() : this.#writeTo(this.#stream);
			if (written === 0) break;
			this.#settle(written, "queriesLogged");
		}
		if (this.#isBroken) this.#settle(this.#backlog.length, "queriesSlow");
	}

	/** The first `length` bytes are gone, this way or that. */
	#settle(length: number, as: ScribeNumber): void {
		const lines = this.#backlog.written(length);
		this.#counts.add(as, lines);
		this.#counts.add("queriesHeld", -lines);
	}

	#writeTo(stream: Socket): number {
		if (stream.destroyed) this.#isBroken = true;
		if (this.#isBroken || stream.writableLength > 0) return 0;
		const piece = this.#backlog.waiting(PIECE);
		// The backlog's memory is used again before the stream has written all of it.
		stream.write(Uint8Array.from(piece));
		return piece.length;
	}

	#writeDirectly(): number {
		try {
			return writeSync(this.#fd, this.#backlog.waiting(PIECE));
		} catch (error) {
			// A full terminal takes more later; what else there is, such as a closed output, stays.
			if ((error as NodeJS.ErrnoException).code !== "EAGAIN") this.#isBroken = true;
			return 0;
		}
	}

	async close(): Promise<void> {
		const until = performance.now() + FAREWELL_MS;
		for (;;) {
			this.flush();
			const waits = this.#backlog.length > 0 || (this.#stream?.writableLength ?? 0) > 0;
			if (!waits || this.#isBroken || performance.now() > until) break;
			await new Promise((resolve) => setTimeout(resolve, STEP_MS));
		}
		this.#settle(this.#backlog.length, "queriesSlow");
	}

	reopen(): void {}
}
