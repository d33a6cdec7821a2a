/** Whether somebody else is where we want to listen. */
import { formatHostPort, type HostPort } from "../../config/address.ts";
import { fault, ok, type Said, warning } from "./finding.ts";
import { describeHolder, isCordon } from "./known-servers.ts";
import type { Check, Patient } from "./patient.ts";
import { holdersOf, type RunningProcess } from "./process-table.ts";
import { type BoundSocket, boundSockets } from "./socket-table.ts";

interface Wanted {
	readonly key: string;
	readonly endpoint: HostPort;
	readonly protocols: readonly BoundSocket["protocol"][];
}

function isWildcard(address: string): boolean {
	return address === "0.0.0.0" || address === "::";
}

/** In full, so that two spellings are equal. */
function canonical({ address, family }: HostPort): string {
	if (family === 4) return address;
	const [head, tail] = address.split("::");
	const words = (text: string | undefined) => (text === undefined || text === "" ? [] : text.split(":"));
	const [first, last] = [words(head), words(tail)];
	const zeros = tail === undefined ? 0 : 8 - first.length - last.length;
	return [...first, ...Array.from({ length: zeros }, () => "0"), ...last]
		.map((word) => Number.parseInt(word, 16).toString(16))
		.join(":");
}

/** `perhaps`: a socket of IPv6 that listens everywhere may take IPv4 as well, and the kernel does not tell. */
function clash({ endpoint, protocols }: Wanted, socket: BoundSocket): "yes" | "perhaps" | "no" {
	if (socket.port !== endpoint.port || endpoint.port === 0 || !protocols.includes(socket.protocol))
		return "no";
	if (socket.family === endpoint.family) {
		const same = socket.wildcard || isWildcard(endpoint.address) || socket.address === canonical(endpoint);
		return same ? "yes" : "no";
	}
	return socket.family === 6 && socket.wildcard ? "perhaps" : "no";
}

function wantedBy({ settings: { listen } }: Patient): Wanted[] {
	return [
		...listen.dns.map((endpoint): Wanted => ({ key: "listen.dns", endpoint, protocols: ["UDP", "TCP"] })),
		...(listen.admin === undefined
			? []
			: [{ key: "listen.admin", endpoint: listen.admin, protocols: ["TCP"] } as const]),
	];
}

function judge(
	wanted: Wanted,
	clashing: readonly { readonly socket: BoundSocket; readonly sure: boolean }[],
	holders: ReadonlyMap<string, readonly RunningProcess[]>,
): Said[] {
	const where = `${formatHostPort(wanted.endpoint)} (${wanted.key})`;
	if (clashing.length === 0) return [ok(`${where} is free`)];
	const said = new Map<string, Said>();
	for (const { socket, sure } of clashing) {
		const what = `${socket.protocol} ${where}`;
		const processes = holders.get(socket.inode) ?? [];
		const cordon = processes.find(isCordon);
		if (cordon !== undefined) {
			said.set(`cordon ${cordon.pid}`, ok(`${where} is served by Cordon already (process ${cordon.pid})`));
			continue;
		}
		const level = sure ? fault : warning;
		const taken = sure ? "is taken by" : "may be taken by";
		if (processes.length === 0) {
			const text = `${what} ${taken} a process of user ${socket.uid} that this user may not look into`;
			said.set(text, level(text, `sudo ss -lnptu 'sport = :${socket.port}'`));
			continue;
		}
		const { called, mend } = describeHolder(processes[0]);
		said.set(`${what} ${called}`, level(`${what} ${taken} ${called}`, mend));
	}
	return [...said.values()];
}

export const PORTS: Check = {
	name: "ports",
	linux: true,
	async look(patient, signal) {
		const sockets = await boundSockets(patient.proc);
		if (sockets === undefined) return [warning(`${patient.proc}/net does not tell who listens`)];
		const found = wantedBy(patient).map((wanted) => ({
			wanted,
			clashing: sockets.flatMap((socket) => {
				const how = clash(wanted, socket);
				return how === "no" ? [] : [{ socket, sure: how === "yes" }];
			}),
		}));
		const inodes = found.flatMap(({ clashing }) => clashing.map(({ socket }) => socket.inode));
		const holders = await holdersOf(patient.proc, inodes, signal);
		return found.flatMap(({ wanted, clashing }) => judge(wanted, clashing, holders));
	},
};
