/**
 * A listening TCP socket that is to be closed without cutting anybody off. When it closes, Linux resets whoever is connected to
 * it and was not accepted, and who is in the middle of connecting. So it turns newcomers away first: their first packet is
 * dropped, and comes again after a second, when this socket is no longer there and another one of the same port takes it.
 */
import * as libc from "./libc.ts";
import { LINUX } from "./libc.ts";

/** No packet has more: those that come over a network, or the loopback, have less (RFC 5082 uses it the other way round). */
const MOST_HOPS = Int32Array.of(255);
const ANY_HOPS = Int32Array.of(0);

export class LastConnections {
	/** A descriptor of our own, so that the other may be closed meanwhile. */
	readonly #fd: number;

	/** `fd` listens. Newcomers are turned away from now on. */
	constructor(fd: number) {
		this.#fd = libc.dup(fd);
		needHops(this.#fd, MOST_HOPS);
	}

	/** Accepts one of those that are connected; undefined when there is none any more. */
	accept(): number | undefined {
		const fd = libc.accept4(this.#fd, null, null, LINUX.SOCK_NONBLOCK | LINUX.SOCK_CLOEXEC);
		if (fd < 0) return undefined;
		// It has inherited that from the socket it came to.
		needHops(fd, ANY_HOPS);
		return fd;
	}

	close(): void {
		libc.close(this.#fd);
	}
}

/** One of the two is refused, for it is of the other family; with IPv4 mapped into IPv6 both count. */
function needHops(fd: number, hops: Int32Array): void {
	libc.setsockopt(fd, LINUX.IPPROTO_IP, LINUX.IP_MINTTL, hops, 4);
	libc.setsockopt(fd, LINUX.IPPROTO_IPV6, LINUX.IPV6_MINHOPCOUNT, hops, 4);
}
