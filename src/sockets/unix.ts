/**
 * Sockets of Unix: messages between processes of one machine, each arriving whole, with open descriptors if need be
 * (SCM_RIGHTS). Node has streams only, and sends no descriptors to programs that it did not start. Linux only.
 */
import { chmodSync, closeSync, constants, openSync } from "node:fs";
import { basename, dirname } from "node:path";
import * as libc from "./libc.ts";
import { LINUX } from "./libc.ts";

/** Of a path, in bytes, with the zero behind it: sun_path. */
const PATH_BYTES = 108;
const MESSAGE_BYTES = 64 << 10;
/** The kernel's own limit, SCM_MAX_FD. */
const MOST_DESCRIPTORS = 253;
/** struct msghdr on 64-bit machines: name, length of it, iovec, count of it, control, length of it, flags. */
const AT = { iov: 16, iovLength: 24, control: 32, controlLength: 40, flags: 48 };
/** Behind it the one iovec, then struct cmsghdr (length, level, type) with descriptors, then the bytes of the message. */
const IOVEC_AT = 56;
const CONTROL_AT = 72;
const CMSG_BYTES = 16;
const CONTROL_BYTES = CMSG_BYTES + MOST_DESCRIPTORS * 4 + 4;
const OURS = LINUX.SOCK_NONBLOCK | LINUX.SOCK_CLOEXEC;

/** The system did not let us; `code` is its name for why. */
export class UnixSocketError extends Error {
	readonly code: string;

	constructor(call: string, path: string, code = libc.lastError()) {
		super(`${call} ${path}: ${code}`);
		this.code = code;
	}
}

/** Who is at the other end, as the kernel knows it. */
export interface Credentials {
	/** 0 when it is in a container that we cannot see into. */
	readonly pid: number;
	readonly uid: number;
}

/** `@` at the beginning: a name of the abstract kind, which is in no folder. */
function sockaddr(path: string): Buffer {
	const bytes = Buffer.from(path.startsWith("@") ? `\0${path.slice(1)}` : `${path}\0`);
	const address = Buffer.alloc(2 + bytes.length);
	address.writeUInt16LE(LINUX.AF_UNIX, 0);
	address.set(bytes, 2);
	return address;
}

/** Calls `use` with an address for the path, which may be longer than an address can be. */
function withAddress<T>(path: string, use: (address: Buffer) => T): T {
	if (path.startsWith("@") || Buffer.byteLength(path) < PATH_BYTES) return use(sockaddr(path));
	const folder = openSync(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY);
	try {
		return use(sockaddr(`/proc/self/fd/${folder}/${basename(path)}`));
	} finally {
		closeSync(folder);
	}
}

/** The system's name for why a call of bind or connect failed; undefined when it did not. */
function failure(fd: number, call: typeof libc.bind, path: string): string | undefined {
	// Asked for at once: what closes the folder again overwrites it.
	return withAddress(path, (address) =>
		call(fd, address, address.length) === 0 ? undefined : libc.lastError(),
	);
}

/** One datagram to whoever listens at the path. @returns whether the system took it. */
export function sendDatagram(path: string, text: string): boolean {
	const fd = libc.socket(LINUX.AF_UNIX, LINUX.SOCK_DGRAM | LINUX.SOCK_CLOEXEC, 0);
	if (fd < 0) return false;
	try {
		const bytes = Buffer.from(text);
		const sent = withAddress(path, (address) =>
			libc.sendto(fd, bytes, bytes.length, LINUX.MSG_NOSIGNAL | LINUX.MSG_DONTWAIT, address, address.length),
		);
		return sent === bytes.length;
	} catch {
		// A path that leads nowhere.
		return false;
	} finally {
		libc.close(fd);
	}
}

export interface Packet {
	readonly text: string;
	/** For the reader to close. */
	readonly descriptors: readonly number[];
}

/** A connection that keeps the borders of messages. */
export class PacketConnection {
	readonly peer: Credentials;
	readonly #fd: number;
	readonly #watch: { close(): void };
	#isClosed = false;
	/** A message came. */
	onPacket: (packet: Packet) => void = () => {};
	/** The other side is gone, or what came was no message. */
	onEnd: () => void = () => {};

	/** Throws a UnixSocketError; ENOENT and ECONNREFUSED mean that nobody is there. */
	static connect(path: string): PacketConnection {
		const fd = libc.socket(LINUX.AF_UNIX, LINUX.SOCK_SEQPACKET | OURS, 0);
		if (fd < 0) throw new UnixSocketError("socket for", path);
		const code = failure(fd, libc.connect, path);
		if (code === undefined) return new PacketConnection(fd);
		libc.close(fd);
		throw new UnixSocketError("cannot connect to", path, code);
	}

	constructor(fd: number) {
		this.#fd = fd;
		const credentials = Int32Array.of(0, -1, -1);
		libc.getsockopt(fd, LINUX.SOL_SOCKET, LINUX.SO_PEERCRED, credentials, Uint32Array.of(12));
		this.peer = { pid: credentials[0], uid: credentials[1] };
		this.#watch = libc.watch(fd, () => outsideOf(() => this.#receive()));
	}

	/** The descriptors stay open here as well. @returns whether the system took it. */
	send(text: string, descriptors: readonly number[] = []): boolean {
		if (this.#isClosed) return false;
		const bytes = Buffer.from(text);
		const message = layOut(bytes.length, Math.ceil(descriptors.length / 2) * 8);
		message.set(bytes, message.length - bytes.length);
		message.writeBigUInt64LE(BigInt(CMSG_BYTES + 4 * descriptors.length), CONTROL_AT);
		message.writeInt32LE(LINUX.SOL_SOCKET, CONTROL_AT + 8);
		message.writeInt32LE(LINUX.SCM_RIGHTS, CONTROL_AT + 12);
		for (const [i, fd] of descriptors.entries()) message.writeInt32LE(fd, CONTROL_AT + CMSG_BYTES + 4 * i);
		if (descriptors.length === 0) message.writeBigUInt64LE(0n, AT.controlLength);
		return libc.sendmsg(this.#fd, message, LINUX.MSG_NOSIGNAL | LINUX.MSG_DONTWAIT) === bytes.length;
	}

	close(): void {
		if (this.#isClosed) return;
		this.#isClosed = true;
		this.#watch.close();
		libc.close(this.#fd);
	}

	#receive(): void {
		while (!this.#isClosed) {
			const message = layOut(MESSAGE_BYTES, CONTROL_BYTES - CMSG_BYTES);
			const length = libc.recvmsg(this.#fd, message, LINUX.MSG_DONTWAIT | LINUX.MSG_CMSG_CLOEXEC);
			if (length < 0 && ["EAGAIN", "EWOULDBLOCK", "EINTR"].includes(libc.lastError())) return;
			const descriptors = length < 0 ? [] : descriptorsIn(message);
			const isCut = (message.readUInt32LE(AT.flags) & (LINUX.MSG_TRUNC | LINUX.MSG_CTRUNC)) !== 0;
			if (length <= 0 || isCut) {
				for (const fd of descriptors) libc.close(fd);
				this.close();
				this.onEnd();
				return;
			}
			const from = message.length - MESSAGE_BYTES;
			this.onPacket({ text: message.toString("utf8", from, from + length), descriptors });
		}
	}
}

/** Takes connections at a path that only this user and root may connect to. */
export class PacketServer {
	readonly #fd: number;
	readonly #watch: { close(): void };
	#isClosed = false;

	/** `path`: nothing may be there. Throws a UnixSocketError. */
	constructor(path: string, accepted: (connection: PacketConnection) => void) {
		this.#fd = libc.socket(LINUX.AF_UNIX, LINUX.SOCK_SEQPACKET | OURS, 0);
		if (this.#fd < 0) throw new UnixSocketError("socket for", path);
		try {
			const code = failure(this.#fd, libc.bind, path);
			if (code !== undefined) throw new UnixSocketError("cannot make", path, code);
			// Nobody can connect before it listens.
			chmodSync(path, 0o600);
			if (libc.listen(this.#fd, 8) !== 0) throw new UnixSocketError("cannot listen at", path);
		} catch (error) {
			libc.close(this.#fd);
			throw error;
		}
		this.#watch = libc.watch(this.#fd, () => outsideOf(() => this.#accept(accepted)));
	}

	/** The file stays. */
	close(): void {
		if (this.#isClosed) return;
		this.#isClosed = true;
		this.#watch.close();
		libc.close(this.#fd);
	}

	#accept(accepted: (connection: PacketConnection) => void): void {
		while (!this.#isClosed) {
			const fd = libc.accept4(this.#fd, null, null, OURS);
			if (fd < 0) return;
			accepted(new PacketConnection(fd));
		}
	}
}

/** What is thrown into koffi is lost, and its next call ends the process. */
function outsideOf(work: () => void): void {
	try {
		work();
	} catch (error) {
		setImmediate(() => {
			throw error;
		});
	}
}

/** All in one piece of memory, so that what the header points to lives as long as the header. */
function layOut(messageBytes: number, descriptorBytes: number): Buffer {
	const controlBytes = CMSG_BYTES + descriptorBytes;
	const message = Buffer.from(new ArrayBuffer(CONTROL_AT + controlBytes + messageBytes));
	const base = libc.addressOf(message);
	message.writeBigUInt64LE(base + BigInt(IOVEC_AT), AT.iov);
	message.writeBigUInt64LE(1n, AT.iovLength);
	message.writeBigUInt64LE(base + BigInt(CONTROL_AT), AT.control);
	message.writeBigUInt64LE(BigInt(controlBytes), AT.controlLength);
	message.writeBigUInt64LE(base + BigInt(CONTROL_AT + controlBytes), IOVEC_AT);
	message.writeBigUInt64LE(BigInt(messageBytes), IOVEC_AT + 8);
	return message;
}

function descriptorsIn(message: Buffer): number[] {
	const end = CONTROL_AT + Number(message.readBigUInt64LE(AT.controlLength));
	const found: number[] = [];
	for (let at = CONTROL_AT; at + CMSG_BYTES <= end; ) {
		const length = Number(message.readBigUInt64LE(at));
		if (length < CMSG_BYTES) break;
		const isRights =
			message.readInt32LE(at + 8) === LINUX.SOL_SOCKET && message.readInt32LE(at + 12) === LINUX.SCM_RIGHTS;
		for (let i = at + CMSG_BYTES; isRights && i + 4 <= Math.min(at + length, end); i += 4)
			found.push(message.readInt32LE(i));
		at += Math.ceil(length / 8) * 8;
	}
	return found;
}
