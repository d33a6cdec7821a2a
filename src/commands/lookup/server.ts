/** The server to ask, as people write it. */
import { isIP } from "node:net";
import { formatHostPort, parseHostPort } from "../../config/address.ts";

export type Transport = "udp" | "tcp" | "tls" | "https";

export interface Server {
	readonly transport: Transport;
	/** An address, or a name for the system's resolver to find. */
	readonly host: string;
	readonly port: number;
	/** What follows the host in a DoH URL. */
	readonly path: string;
}

const PORTS: Readonly<Record<Transport, number>> = { udp: 53, tcp: 53, tls: 853, https: 443 };

/** A server that cannot be understood; the message names it and says what is. */
export class ServerError extends Error {
	override readonly name = "ServerError";
}

function fault(text: string, why: string): ServerError {
	return new ServerError(
		`--server ${JSON.stringify(text)}: ${why}; write udp://, tcp://, tls:// or https:// and a host, or an address alone`,
	);
}

/** `udp://`, `tcp://`, `tls://HOST[:PORT]`, `https://HOST[:PORT][/PATH]`, or a bare host or address, which means udp. */
export function parseServer(text: string): Server {
	const bare = parseHostPort(text, PORTS.udp);
	// Port 0 is no server: it falls through to the complaint below.
	if (bare !== undefined && bare.port !== 0)
		return { transport: "udp", host: bare.address, port: bare.port, path: "" };
	const scheme = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/i.exec(text);
	const transport = scheme?.[1]?.toLowerCase() ?? "udp";
	if (!isTransport(transport)) throw fault(text, `${transport}:// is not spoken`);
	// A `{?dns}` template names the parameter of a GET; we POST (RFC 8484, section 4.1).
	const [, authority = "", path = ""] =
		/^([^/?#]*)(.*)$/.exec((scheme?.[2] ?? text).replace(/\{\?dns\}$/, "")) ?? [];
	const [, host = authority, port] = /^(\[.*\]|[^:]*):(\d{1,5})$/.exec(authority) ?? [];
	if (transport !== "https" && path.length > 1) throw fault(text, "a path has a meaning only with https://");
	if (port !== undefined && (Number(port) === 0 || Number(port) > 65_535))
		throw fault(text, `no port ${port}`);
	let url: URL;
	try {
		url = new URL(`https://${isIP(host) === 6 ? `[${host}]` : host}${path}`);
	} catch {
		throw fault(text, "not a host");
	}
	if (url.username !== "" || url.password !== "") throw fault(text, "a user name has no meaning here");
	return {
		transport,
		host: url.hostname.replace(/^\[|\]$/g, ""),
		port: port === undefined ? PORTS[transport] : Number(port),
		// The path that RFC 8484 uses in its examples, and everybody since.
		path: transport !== "https" ? "" : `${url.pathname === "/" ? "/dns-query" : url.pathname}${url.search}`,
	};
}

function isTransport(text: string): text is Transport {
	return Object.hasOwn(PORTS, text);
}

/** `udp://127.0.0.1:53`: the server for messages. */
export function formatServer(server: Server): string {
	const family = isIP(server.host) === 6 ? 6 : 4;
	const host = formatHostPort({ address: server.host, port: server.port, family });
	return `${server.transport}://${host}${server.path}`;
}
