/**
 * Many descriptors behind one: an epoll instance of ours, itself watched in libuv's loop. Adding and removing a
 * descriptor is one cheap call, where a libuv handle each would cost an object and a callback into it.
 */
import * as libc from "./libc.ts";
import { LINUX } from "./libc.ts";

const MOST_EVENTS = 64;
/** struct epoll_event is packed on x64 only. */
const EVENT_BYTES = process.arch === "x64" ? 12 : 16;
const DATA_AT = EVENT_BYTES - 8;
/** Rounds of one wake-up before the rest of the program gets its turn. */
const MOST_ROUNDS = 16;

export class Reactor {
	readonly #epoll = libc.epollCreate(LINUX.EPOLL_CLOEXEC);
	readonly #events = Buffer.alloc(MOST_EVENTS * EVENT_BYTES);
	readonly #readers: (((fd: number) => void) | undefined)[] = [];
	readonly #before: () => void;
	readonly #after: () => void;
	readonly #handle: { close(): void };
	#isClosed = false;

	/** `before` runs ahead of each round of readers, `after` behind it: time is taken and batches are sent there. */
	constructor(before: () => void, after: () => void) {
		this.#before = before;
		this.#after = after;
		this.#handle = libc.watch(this.#epoll, () => this.#run());
	}

	add(fd: number, reader: (fd: number) => void): void {
		const event = Buffer.alloc(EVENT_BYTES);
		event.writeUInt32LE(LINUX.EPOLLIN, 0);
		event.writeInt32LE(fd, DATA_AT);
		this.#readers[fd] = reader;
		libc.epollControl(this.#epoll, LINUX.EPOLL_CTL_ADD, fd, event);
	}

	/** Stops watching; the descriptor stays open. */
	remove(fd: number): void {
		this.#readers[fd] = undefined;
		libc.epollControl(this.#epoll, LINUX.EPOLL_CTL_DEL, fd, null);
	}

	/** May be called again. */
	close(): void {
		if (this.#isClosed) return;
		this.#isClosed = true;
		this.#handle.close();
		libc.close(this.#epoll);
	}

	#run(): void {
		try {
			this.#rounds();
		} catch (error) {
			// What is thrown into koffi is lost, and the next call of it ends the process: this is for the thread to die of.
			this.close();
			setImmediate(() => {
				throw error;
			});
		}
	}

	#rounds(): void {
		for (let round = 0; round < MOST_ROUNDS; round++) {
			const ready = libc.epollWait(this.#epoll, this.#events, MOST_EVENTS, 0);
			if (ready <= 0) return;
			this.#before();
			for (let i = 0; i < ready; i++) {
				const fd = this.#events.readInt32LE(i * EVENT_BYTES + DATA_AT);
				this.#readers[fd]?.(fd);
			}
			this.#after();
		}
	}
}
