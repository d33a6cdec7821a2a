/** What kind of socket a descriptor is that somebody else has opened. Linux only. */
import { type Endpoint, endpointOf } from "./address.ts";
import * as libc from "./libc.ts";
import { LINUX } from "./libc.ts";

export interface FoundSocket {
	readonly kind: "udp" | "tcp" | "other";
	readonly endpoint: Endpoint;
	/** Whether connections can be accepted on it. */
	readonly listens: boolean;
	/** Whether others may be opened beside it, on the same port. */
	readonly sharesPort: boolean;
	/** An IPv6 socket that IPv4 packets come to as well. */
	readonly isDual: boolean;
}

/** Undefined when it is no socket, or one of another family than IPv4 and IPv6. */
export function inspectSocket(fd: number): FoundSocket | undefined {
	const address = Buffer.alloc(28);
	if (libc.getsockname(fd, address, Uint32Array.of(address.length)) !== 0) return undefined;
	const endpoint = endpointOf(address);
	if (endpoint === undefined) return undefined;
	const type = read(fd, LINUX.SOL_SOCKET, LINUX.SO_TYPE);
	return {
		kind: type === LINUX.SOCK_DGRAM ? "udp" : type === LINUX.SOCK_STREAM ? "tcp" : "other",
		endpoint,
		listens: read(fd, LINUX.SOL_SOCKET, LINUX.SO_ACCEPTCONN) !== 0,
		sharesPort: read(fd, LINUX.SOL_SOCKET, LINUX.SO_REUSEPORT) !== 0,
		isDual: endpoint.family === 6 && read(fd, LINUX.IPPROTO_IPV6, LINUX.IPV6_V6ONLY) === 0,
	};
}

function read(fd: number, level: number, name: number): number {
	const value = Int32Array.of(0);
	return libc.getsockopt(fd, level, name, value, Uint32Array.of(4)) === 0 ? value[0] : 0;
}
