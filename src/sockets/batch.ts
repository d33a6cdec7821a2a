/**
 * Many datagrams in one system call: the structures of recvmmsg and sendmmsg, laid out once and used for ever.
 *
 * struct mmsghdr on 64-bit little-endian Linux, the only place this runs:
 *
 *     0 msg_name *   8 msg_namelen   16 msg_iov *   24 msg_iovlen   32 msg_control *   40 msg_controllen
 *     48 msg_flags   56 msg_len      (64 bytes)
 */
import { SOCKADDR_BYTES } from "./address.ts";
import * as libc from "./libc.ts";
import { LINUX } from "./libc.ts";

const HEADER_WORDS = 16;
const NAME_LENGTH = 2;
const CONTROL_LENGTH = 10;
const FLAGS = 12;
const LENGTH = 14;
const IOVEC_WORDS = 4;
const IOVEC_LENGTH = 2;
/** One cmsghdr with an in_pktinfo (28 bytes) or in6_pktinfo (36), rounded up. */
export const CONTROL_BYTES = 48;

/** What both directions share: `slots` messages, each with room for its bytes, its address and its control data. */
class Batch {
	readonly slots: number;
	readonly slotBytes: number;
	/** All messages' bytes; that of slot i begin at `i * slotBytes`. */
	readonly bytes: Uint8Array;
	/** All socket addresses; that of slot i begins at `i * SOCKADDR_BYTES`. */
	readonly addresses: Uint8Array;
	/** All control data; that of slot i begins at `i * CONTROL_BYTES`. */
	readonly control: Uint8Array;
	protected readonly headers: Uint32Array;
	protected readonly iovecs: Uint32Array;

	constructor(slots: number, slotBytes: number) {
		this.slots = slots;
		this.slotBytes = slotBytes;
		this.bytes = new Uint8Array(new ArrayBuffer(slots * slotBytes));
		this.addresses = new Uint8Array(new ArrayBuffer(slots * SOCKADDR_BYTES));
		this.control = new Uint8Array(new ArrayBuffer(slots * CONTROL_BYTES));
		this.headers = new Uint32Array(new ArrayBuffer(slots * HEADER_WORDS * 4));
		this.iovecs = new Uint32Array(new ArrayBuffer(slots * IOVEC_WORDS * 4));
		const header = new DataView(this.headers.buffer);
		const iovec = new DataView(this.iovecs.buffer);
		for (let i = 0; i < slots; i++) {
			const at = i * HEADER_WORDS * 4;
			header.setBigUint64(at, libc.addressOf(this.addresses) + BigInt(i * SOCKADDR_BYTES), true);
			header.setBigUint64(at + 16, libc.addressOf(this.iovecs) + BigInt(i * IOVEC_WORDS * 4), true);
			header.setBigUint64(at + 24, 1n, true);
			header.setBigUint64(at + 32, libc.addressOf(this.control) + BigInt(i * CONTROL_BYTES), true);
			iovec.setBigUint64(i * IOVEC_WORDS * 4, libc.addressOf(this.bytes) + BigInt(i * slotBytes), true);
		}
	}
}

/** Datagrams coming in. */
export class Inbox extends Batch {
	readonly #withControl: boolean;

	/** `withControl`: whether to take packet information along, for sockets on a wildcard address. */
	constructor(slots: number, slotBytes: number, withControl: boolean) {
		super(slots, slotBytes);
		this.#withControl = withControl;
		for (let i = 0; i < slots; i++) {
			this.iovecs[i * IOVEC_WORDS + IOVEC_LENGTH] = slotBytes;
			this.#ready(i);
		}
	}

	/** How many datagrams came; negative when none could be had, with the reason in `lastError`. */
	receive(fd: number): number {
		return libc.recvmmsg(fd, this.headers, this.slots, LINUX.MSG_DONTWAIT, null);
	}

	lengthOf(slot: number): number {
		return this.headers[slot * HEADER_WORDS + LENGTH];
	}

	/** Whether the datagram was larger than its slot. */
	isCut(slot: number): boolean {
		return (this.headers[slot * HEADER_WORDS + FLAGS] & LINUX.MSG_TRUNC) !== 0;
	}

	/** Bytes of control data that came with it. */
	controlLengthOf(slot: number): number {
		return this.#withControl ? this.headers[slot * HEADER_WORDS + CONTROL_LENGTH] : 0;
	}

	/** To be called for the first `count` slots before the next `receive`: the kernel has overwritten the lengths. */
	recycle(count: number): void {
		for (let i = 0; i < count; i++) this.#ready(i);
	}

	#ready(slot: number): void {
		const at = slot * HEADER_WORDS;
		this.headers[at + NAME_LENGTH] = SOCKADDR_BYTES;
		this.headers[at + CONTROL_LENGTH] = this.#withControl ? CONTROL_BYTES : 0;
		this.headers[at + FLAGS] = 0;
	}
}

/** Datagrams going out: fill slot `used`, then `push`, and `flush` when it is full or nothing more comes. */
export class Outbox extends Batch {
	used = 0;

	/** `nameLength` 0 for connected sockets; `controlLength` 0 where the kernel may choose the source address. */
	push(length: number, nameLength: number, controlLength: number): void {
		const slot = this.used++;
		const at = slot * HEADER_WORDS;
		this.headers[at + NAME_LENGTH] = nameLength;
		this.headers[at + CONTROL_LENGTH] = controlLength;
		this.iovecs[slot * IOVEC_WORDS + IOVEC_LENGTH] = length;
	}

	get isFull(): boolean {
		return this.used === this.slots;
	}

	/**
	 * Sends everything. The kernel may take fewer than given; the rest follows. A datagram that it refuses outright
	 * (an unreachable network, port 0) is left out, the others still go.
	 *
	 * @returns how many were not sent.
	 */
	flush(fd: number): number {
		let sent = 0;
		let unsent = 0;
		while (sent < this.used) {
			const headers = sent === 0 ? this.headers : this.headers.subarray(sent * HEADER_WORDS);
			const count = libc.sendmmsg(fd, headers, this.used - sent, LINUX.MSG_DONTWAIT);
			if (count > 0) {
				sent += count;
			} else {
				sent++;
				unsent++;
			}
		}
		this.used = 0;
		return unsent;
	}
}
