/**
 * A UDP socket whose answers bear the time at which the kernel put them into it: what becomes of the process afterwards,
 * however long it has to wait for its core, is not part of how long an answer took. 64-bit Linux.
 */
import koffi from "koffi";
import { sockaddr } from "../../src/sockets/address.ts";
import { CONTROL_BYTES, Inbox, Outbox } from "../../src/sockets/batch.ts";
import { openConnectedUdp } from "../../src/sockets/open.ts";

const library = koffi.load(null);
const clockGettime: (clock: number, time: BigInt64Array) => number = library.func(
	"int clock_gettime(int, void *)",
);
const ppoll: (fds: Int32Array, count: number, timeout: BigInt64Array, signals: null) => number = library.func(
	"int ppoll(void *, ulong, void *, void *)",
);
const setsockopt: (fd: number, level: number, name: number, value: Int32Array, length: number) => number =
	library.func("int setsockopt(int, int, int, void *, uint)");

const SOL_SOCKET = 1;
const SO_TIMESTAMPNS = 35;
const CLOCK_REALTIME = 0;
const POLLIN = 1;
const SLOTS = 64;
const SLOT_BYTES = 1024;
/** Behind a cmsghdr of 16 bytes: seconds, then nanoseconds. */
const STAMP_AT = 16;

/** The clock of the kernel's stamps counts from here, so that microseconds keep their fractions. */
const EPOCH_S = BigInt(Math.floor(Date.now() / 1000));

export class StampedSocket {
	readonly #fd: number;
	readonly #inbox = new Inbox(SLOTS, SLOT_BYTES, true);
	readonly #control: DataView;
	readonly #outbox = new Outbox(SLOTS, SLOT_BYTES);
	readonly #time = new BigInt64Array(2);
	readonly #poll: Int32Array;

	constructor(port: number) {
		const fd = openConnectedUdp(sockaddr({ address: "127.0.0.1", port, family: 4 }), 4, 0);
		if (fd === undefined) throw new Error(`no socket for port ${port}`);
		if (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, Int32Array.of(1), 4) !== 0)
			throw new Error("the kernel stamps no answers");
		this.#fd = fd;
		this.#control = new DataView(this.#inbox.control.buffer);
		this.#poll = Int32Array.of(fd, POLLIN);
	}

	/** Microseconds by the clock of the stamps. */
	now(): number {
		clockGettime(CLOCK_REALTIME, this.#time);
		return Number(this.#time[0] - EPOCH_S) * 1e6 + Number(this.#time[1]) / 1e3;
	}

	/** Puts a question among those that `send` takes out. */
	put(packet: Uint8Array, id: number): void {
		const outbox = this.#outbox;
		if (outbox.isFull) this.send();
		const at = outbox.used * SLOT_BYTES;
		outbox.bytes.set(packet, at);
		outbox.bytes[at] = id >> 8;
		outbox.bytes[at + 1] = id & 0xff;
		outbox.push(packet.length, 0, 0);
	}

	send(): void {
		this.#outbox.flush(this.#fd);
	}

	/** Waits for an answer, so many microseconds at most. */
	wait(microseconds: number): void {
		this.#time[0] = BigInt(Math.floor(microseconds / 1e6));
		this.#time[1] = BigInt(Math.floor((microseconds % 1e6) * 1e3));
		ppoll(this.#poll, 1, this.#time, null);
	}

	/** Hands on the answers that are there: their ids, rcodes, and when they came. */
	receive(take: (id: number, rcode: number, at: number) => void): void {
		const inbox = this.#inbox;
		for (;;) {
			const count = inbox.receive(this.#fd);
			if (count <= 0) return;
			for (let slot = 0; slot < count; slot++) {
				const at = slot * SLOT_BYTES;
				const stamp = slot * CONTROL_BYTES + STAMP_AT;
				const seconds = this.#control.getBigInt64(stamp, true) - EPOCH_S;
				const nanoseconds = this.#control.getBigInt64(stamp + 8, true);
				take(
					(inbox.bytes[at] << 8) | inbox.bytes[at + 1],
					inbox.bytes[at + 3] & 15,
					Number(seconds) * 1e6 + Number(nanoseconds) / 1e3,
				);
			}
			inbox.recycle(count);
		}
	}
}
