/** Sockets that the service manager has opened for us before it started us: sd_listen_fds(3). Linux only. */
import { formatHostPort, type HostPort } from "../config/address.ts";
import type { ListenSettings } from "../config/settings.ts";
import { type FoundSocket, inspectSocket } from "../sockets/inspect.ts";
import * as libc from "../sockets/libc.ts";
import type { HandedSocket } from "./handed.ts";

/** SD_LISTEN_FDS_START: the first behind standard input, output and error. */
const FIRST = 3;
const MOST = 1024;

/**
 * The sockets, each with the address of the configuration that it serves. Throws an Error with a message for the operator
 * when one serves none: somebody would send queries there, and wait in vain.
 */
export function activatedSockets(env: NodeJS.ProcessEnv, listen: ListenSettings): HandedSocket[] {
	const count = Number(env.LISTEN_FDS ?? 0);
	// Meant for another process, which started us without taking them out of the environment.
	if (env.LISTEN_PID !== `${process.pid}` || !Number.isInteger(count) || count < 1) return [];
	const names = (env.LISTEN_FDNAMES ?? "").split(":");
	const taken = new Set<string>();
	return Array.from({ length: Math.min(count, MOST) }, (_, i) => {
		const fd = FIRST + i;
		libc.closeOnExec(fd);
		const socket = matched(fd, names[i] ?? "", listen);
		const place = `${socket.role} ${socket.key}`;
		if (taken.has(place))
			throw fault(`two sockets for ${formatHostPort(socket.endpoint)}`, "leave one of them out");
		taken.add(place);
		return socket;
	});
}

function matched(fd: number, name: string, listen: ListenSettings): HandedSocket {
	const found = inspectSocket(fd);
	if (found === undefined || found.kind === "other")
		throw fault(
			`a socket "${name}" (descriptor ${fd}) that is neither UDP nor TCP`,
			"leave it out: Cordon listens by ListenDatagram= and ListenStream=",
		);
	const { endpoint, kind, listens } = found;
	const where = `${kind === "udp" ? "UDP" : "TCP"} on ${formatHostPort(endpoint)}`;
	if (kind === "tcp" && !listens)
		throw fault(`a connection (${where}) instead of a socket that listens`, "it has to have Accept=no");
	const common = { endpoint, worker: 0, isShared: true, fd };
	if (name === "admin") {
		const admin = listen.admin === undefined ? undefined : keyOf(found, [listen.admin]);
		if (admin !== undefined && kind === "tcp") return { ...common, role: "admin", key: admin };
		throw fault(`a socket "admin" (${where}) that is not listen.admin`, "correct one of them");
	}
	if (!isForDns(name))
		throw fault(`a socket "${name}" (${where})`, "FileDescriptorName= has to be dns or admin, or left out");
	const key = keyOf(found, listen.dns);
	if (key === undefined)
		throw fault(`a socket (${where}) that is no address of listen.dns`, "correct one of them");
	if (found.isDual)
		throw fault(`a socket (${where}) that IPv4 comes to as well`, "it has to have BindIPv6Only=ipv6-only");
	return { ...common, role: kind, key };
}

/** Without FileDescriptorName= it is the name of the unit; `unknown` where there is no unit. */
function isForDns(name: string): boolean {
	return name === "dns" || name === "" || name === "unknown" || name.endsWith(".socket");
}

function keyOf({ endpoint }: FoundSocket, wanted: readonly HostPort[]): string | undefined {
	const real = canonical(endpoint);
	const key = wanted.find((one) => canonical(one) === real);
	return key === undefined ? undefined : formatHostPort(key);
}

/** However an IPv6 address is written. */
function canonical({ address, port, family }: HostPort): string {
	return family === 4 ? `${address}:${port}` : `${new URL(`http://[${address}]`).hostname}:${port}`;
}

function fault(what: string, advice: string): Error {
	return new Error(`the service manager opened ${what}; in its .socket unit: ${advice}`);
}
