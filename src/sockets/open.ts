/** Opening sockets that several threads may share a port with. Linux only. */
import { type Endpoint, portOf, sockaddr } from "./address.ts";
import * as libc from "./libc.ts";
import { LINUX } from "./libc.ts";

const BUFFER_BYTES = 8 << 20;

/** A socket could not be had; `code` is the system's name for why. */
export class SocketError extends Error {
	readonly code: string;

	constructor(call: string, endpoint: Endpoint, code: string) {
		super(`${call} ${endpoint.address} port ${endpoint.port}: ${code}`);
		this.code = code;
	}
}

function option(fd: number, level: number, name: number, value: number): boolean {
	return libc.setsockopt(fd, level, name, Int32Array.of(value), 4) === 0;
}

/** Asks for roomy buffers: beyond the system's limit where we may, else as much as it grants. */
function widen(fd: number): void {
	const { SOL_SOCKET } = LINUX;
	if (!option(fd, SOL_SOCKET, LINUX.SO_RCVBUFFORCE, BUFFER_BYTES))
		option(fd, SOL_SOCKET, LINUX.SO_RCVBUF, BUFFER_BYTES);
	if (!option(fd, SOL_SOCKET, LINUX.SO_SNDBUFFORCE, BUFFER_BYTES))
		option(fd, SOL_SOCKET, LINUX.SO_SNDBUF, BUFFER_BYTES);
}

function create(endpoint: Endpoint, kind: number, isDual = false): number {
	const family = endpoint.family === 4 ? LINUX.AF_INET : LINUX.AF_INET6;
	const fd = libc.socket(family, kind | LINUX.SOCK_NONBLOCK | LINUX.SOCK_CLOEXEC, 0);
	if (fd < 0) throw new SocketError("socket for", endpoint, libc.lastError());
	if (endpoint.family === 6) option(fd, LINUX.IPPROTO_IPV6, LINUX.IPV6_V6ONLY, isDual ? 0 : 1);
	return fd;
}

function bindTo(fd: number, endpoint: Endpoint): void {
	const address = sockaddr(endpoint);
	if (libc.bind(fd, address, address.length) === 0) return;
	const code = libc.lastError();
	libc.close(fd);
	throw new SocketError("cannot listen on", endpoint, code);
}

/** The port a socket is bound to, for those that asked for port 0. */
export function boundPort(fd: number): number {
	const address = Buffer.alloc(28);
	libc.getsockname(fd, address, Uint32Array.of(28));
	return portOf(address);
}

export function isWildcard(endpoint: Endpoint): boolean {
	return endpoint.address === "0.0.0.0" || endpoint.address === "::";
}

/** A UDP socket to listen on. */
export function openUdp(endpoint: Endpoint, reusePort: boolean): number {
	const fd = create(endpoint, LINUX.SOCK_DGRAM);
	if (reusePort) option(fd, LINUX.SOL_SOCKET, LINUX.SO_REUSEPORT, 1);
	furnishUdp(fd, endpoint);
	bindTo(fd, endpoint);
	return fd;
}

/**
 * What a UDP socket to listen on has to have, whoever opened it. On a wildcard address the kernel tells with each packet
 * which of our addresses was asked, so that the reply can leave from it. Replies go out whole or not at all,
 * and what ICMP says of the path is not believed (RFC 9715, section 3.1).
 */
export function furnishUdp(fd: number, endpoint: Endpoint): void {
	widen(fd);
	if (endpoint.family === 4) {
		option(fd, LINUX.IPPROTO_IP, LINUX.IP_MTU_DISCOVER, LINUX.IP_PMTUDISC_PROBE);
		if (isWildcard(endpoint)) option(fd, LINUX.IPPROTO_IP, LINUX.IP_PKTINFO, 1);
	} else {
		option(fd, LINUX.IPPROTO_IPV6, LINUX.IPV6_MTU_DISCOVER, LINUX.IP_PMTUDISC_PROBE);
		if (isWildcard(endpoint)) option(fd, LINUX.IPPROTO_IPV6, LINUX.IPV6_RECVPKTINFO, 1);
	}
}

/**
 * No packet comes to a socket any more but those that wait in it already, while the others that share its port go on:
 * connected to itself it is the wrong one for everybody else, and the kernel passes it over when it chooses among
 * those with SO_REUSEPORT. Replies can still be sent to any address. Closed instead, it would lose what waits in it.
 */
export function turnAway(socket: { readonly fd: number; readonly endpoint: Endpoint }): void {
	const { fd, endpoint } = socket;
	const loopback = endpoint.family === 4 ? "127.0.0.1" : "::1";
	const self = sockaddr({ ...endpoint, address: isWildcard(endpoint) ? loopback : endpoint.address });
	libc.connect(fd, self, self.length);
}

/**
 * A TCP socket that listens; `net.Server.listen({ fd })` takes it over.
 *
 * @param isDual whether an IPv6 wildcard address means IPv4 as well, as Node has it.
 */
export function openTcp(endpoint: Endpoint, reusePort: boolean, isDual = false): number {
	const fd = create(endpoint, LINUX.SOCK_STREAM, isDual);
	option(fd, LINUX.SOL_SOCKET, LINUX.SO_REUSEADDR, 1);
	if (reusePort) option(fd, LINUX.SOL_SOCKET, LINUX.SO_REUSEPORT, 1);
	bindTo(fd, endpoint);
	if (libc.listen(fd, 1024) !== 0) {
		const code = libc.lastError();
		libc.close(fd);
		throw new SocketError("cannot listen on", endpoint, code);
	}
	return fd;
}

/**
 * A UDP socket connected to `to`, so that the kernel itself drops what comes from elsewhere.
 *
 * @param port to send from; undefined when it is taken.
 */
export function openConnectedUdp(to: Buffer, family: 4 | 6, port: number): number | undefined {
	const fd = libc.socket(
		family === 4 ? LINUX.AF_INET : LINUX.AF_INET6,
		LINUX.SOCK_DGRAM | LINUX.SOCK_NONBLOCK | LINUX.SOCK_CLOEXEC,
		0,
	);
	if (fd < 0) return undefined;
	const own = Buffer.alloc(family === 4 ? 16 : 28);
	own.writeUInt16LE(family === 4 ? LINUX.AF_INET : LINUX.AF_INET6, 0);
	own.writeUInt16BE(port, 2);
	if (libc.bind(fd, own, own.length) === 0 && libc.connect(fd, to, to.length) === 0) return fd;
	libc.close(fd);
	return undefined;
}
