/** Addresses, prefixes and upstreams as the configuration writes them. */
import { isIP, isIPv4, isIPv6 } from "node:net";
import ipaddr from "ipaddr.js";

export interface HostPort {
	readonly address: string;
	readonly port: number;
	readonly family: 4 | 6;
}

/** `192.0.2.1`, `192.0.2.1:53`, `2001:db8::1`, `[2001:db8::1]:53`; undefined when it is none of these. */
export function parseHostPort(text: string, defaultPort: number): HostPort | undefined {
	// Zones (fe80::1%eth0) name an interface, which the socket addresses we make cannot carry.
	if (text.includes("%")) return undefined;
	if (isIP(text) !== 0) return { address: text, port: defaultPort, family: isIPv4(text) ? 4 : 6 };
	const match = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text);
	const address = match?.[1] ?? match?.[2];
	if (match === null || address === undefined) return undefined;
	const port = match[3] === undefined ? defaultPort : Number(match[3]);
	if (port > 65_535) return undefined;
	if (match[1] !== undefined ? !isIPv6(address) : !isIPv4(address)) return undefined;
	return { address, port, family: match[1] === undefined ? 4 : 6 };
}

export function formatHostPort(host: Pick<HostPort, "address" | "port" | "family">): string {
	return host.family === 6 ? `[${host.address}]:${host.port}` : `${host.address}:${host.port}`;
}

/** A host by name or address. */
export interface NamedHost {
	readonly host: string;
	readonly port: number;
}

/** `redis.example.net`, `redis.example.net:6379`, `192.0.2.1:6379`, `[2001:db8::1]:6379`; undefined when it is none of these. */
export function parseNamedHost(text: string, defaultPort: number): NamedHost | undefined {
	const address = parseHostPort(text, defaultPort);
	if (address !== undefined) return { host: address.address, port: address.port };
	const match = /^([A-Za-z0-9](?:[A-Za-z0-9._-]{0,252}))(?::(\d{1,5}))?$/.exec(text);
	if (match === null || /^[\d.]+$/.test(match[1])) return undefined;
	const port = match[2] === undefined ? defaultPort : Number(match[2]);
	return port < 1 || port > 65_535 ? undefined : { host: match[1], port };
}

export interface RedisAddress extends NamedHost {
	readonly tls: boolean;
	/** Undefined when the URL names none. */
	readonly database?: number;
}

export function parseRedisUrl(text: string): RedisAddress | undefined {
	const match = /^(rediss?):\/\/([^/@?#]+)(?:\/(\d{1,4})?)?$/.exec(text);
	const host = match === null ? undefined : parseNamedHost(match[2], 6379);
	if (match === null || host === undefined) return undefined;
	return {
		...host,
		tls: match[1] === "rediss",
		...(match[3] === undefined ? {} : { database: Number(match[3]) }),
	};
}

export type UpstreamTransport = "udp" | "tcp";

export interface UpstreamAddress extends HostPort {
	readonly transport: UpstreamTransport;
}

/** `udp://ADDRESS[:PORT]`, `tcp://…` or a bare address, which means udp. */
export function parseUpstream(text: string): UpstreamAddress | undefined {
	const match = /^(?:(udp|tcp):\/\/)?(.+)$/.exec(text);
	const host = match?.[2] === undefined ? undefined : parseHostPort(match[2], 53);
	return host === undefined ? undefined : { ...host, transport: match?.[1] === "tcp" ? "tcp" : "udp" };
}

/** A receiver of Frame Streams: a unix socket, or a host. */
export type DnstapAddress = { readonly path: string } | NamedHost;

/** Room for a path in a sockaddr_un, without the zero at its end. */
const LONGEST_SOCKET_PATH = 107;

/** `unix:/PATH`, or `HOST:PORT`; undefined when it is none of these. */
export function parseDnstapAddress(text: string): DnstapAddress | undefined {
	const path = /^unix:(\/[^\0]+)$/.exec(text)?.[1];
	if (path !== undefined) return Buffer.byteLength(path) > LONGEST_SOCKET_PATH ? undefined : { path };
	const host = parseNamedHost(text, 0);
	return host === undefined || host.port === 0 ? undefined : host;
}

export function formatDnstapAddress(to: DnstapAddress): string {
	if ("path" in to) return `unix:${to.path}`;
	return to.host.includes(":") ? `[${to.host}]:${to.port}` : `${to.host}:${to.port}`;
}

export interface Prefix {
	readonly family: 4 | 6;
	/** 4 or 16 bytes. */
	readonly bytes: Uint8Array;
	readonly length: number;
}

/** `192.0.2.0/24`, `2001:db8::/32` or a single address; undefined when it is none, or has bits set beyond its length. */
export function parsePrefix(text: string): Prefix | undefined {
	const [address = "", bits, more] = text.split("/");
	if (isIP(address) === 0 || address.includes("%") || more !== undefined) return undefined;
	if (bits !== undefined && !/^\d{1,3}$/.test(bits)) return undefined;
	const bytes = Uint8Array.from(ipaddr.parse(address).toByteArray());
	const length = bits === undefined ? bytes.length * 8 : Number(bits);
	if (length > bytes.length * 8) return undefined;
	for (let bit = length; bit < bytes.length * 8; bit++) {
		if (((bytes[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1) return undefined;
	}
	return { family: bytes.length === 4 ? 4 : 6, bytes, length };
}

const MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

/** IPv4 mapped into IPv6 as IPv4: it is the same host, whichever way it is written (RFC 4291, section 2.5.5.2). */
export function unmapped(prefix: Prefix): Prefix {
	const { family, bytes, length } = prefix;
	if (family === 4 || length < 96 || !MAPPED.every((byte, i) => bytes[i] === byte)) return prefix;
	return { family: 4, bytes: bytes.slice(12), length: length - 96 };
}

/** `192.0.2.0/24`; a single address without its length. */
export function formatPrefix({ bytes, length }: Prefix): string {
	const address = ipaddr.fromByteArray([...bytes]).toString();
	return length === bytes.length * 8 ? address : `${address}/${length}`;
}
