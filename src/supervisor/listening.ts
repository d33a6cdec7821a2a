/**
 * The sockets that workers listen on, opened here: one pair for each worker and address, all with SO_REUSEPORT. They
 * outlive the worker, so that what waits in them is answered by its successor. Linux only; elsewhere workers open
 * their own.
 */
import { formatHostPort, type HostPort } from "../config/address.ts";
import * as libc from "../sockets/libc.ts";
import { boundPort, furnishUdp, openTcp, openUdp } from "../sockets/open.ts";
import type { DoorSockets } from "../worker/messages.ts";
import type { HandedSocket } from "./handed.ts";

/** How often to look for a port that is free for both UDP and TCP, when any will do. */
const PORT_TRIES = 20;

/** Descriptors; -1 for one that is closed already, or was not handed over. */
interface Pair {
	udp: number;
	tcp: number;
	/** Others read from these very sockets too: other workers, or the service manager that opened them. */
	readonly isShared: boolean;
}

interface Address {
	readonly endpoint: HostPort;
	/** By worker. */
	readonly pairs: Map<number, Pair>;
}

/** A socket error, said so that the one who reads it can act. */
function explained(endpoint: HostPort, error: unknown): Error {
	const { code } = error as { code?: string };
	const where = formatHostPort(endpoint);
	switch (code) {
		case "EADDRINUSE":
			return new Error(
				`cannot listen on ${where}: another program has this port (find it with: ss -lunpt 'sport = :${endpoint.port}'); stop it, or choose another port in listen.dns`,
			);
		case "EACCES":
		case "EPERM":
			return new Error(
				`cannot listen on ${where}: ports below 1024 need a privilege; grant it with: setcap cap_net_bind_service=+ep $(readlink -f $(which node)), or choose another port in listen.dns`,
			);
		case "EADDRNOTAVAIL":
			return new Error(
				`cannot listen on ${where}: this machine does not have this address; correct listen.dns`,
			);
		default:
			return new Error(`cannot listen on ${where}: ${(error as Error).message}`);
	}
}

export class ListeningSockets {
	readonly #addresses = new Map<string, Address>();

	/** Opens an address; its key names it from then on. Throws an Error with a message for the operator. */
	open(wanted: HostPort): string {
		const key = formatHostPort(wanted);
		const handed = this.#addresses.get(key);
		if (handed !== undefined) {
			complete(handed);
			return key;
		}
		let last: unknown;
		for (let i = 0; i < (wanted.port === 0 ? PORT_TRIES : 1); i++) {
			try {
				const endpoint = { ...wanted, port: probe(wanted) };
				// The first worker's sockets are opened at once: until then anybody could take the port.
				this.#addresses.set(key, { endpoint, pairs: new Map([[0, openPair(endpoint)]]) });
				return key;
			} catch (error) {
				last = error;
			}
		}
		throw explained(wanted, last);
	}

	get keys(): string[] {
		return Array.from(this.#addresses.keys());
	}

	/** Where it really listens, port 0 resolved. */
	get endpoints(): HostPort[] {
		return Array.from(this.#addresses.values(), (address) => address.endpoint);
	}

	/**
	 * The sockets of a worker: those it had before if it had any, without those that are being closed. TCP's descriptor
	 * is a copy for it to own.
	 */
	forWorker(worker: number, keys: readonly string[] = this.keys): DoorSockets[] {
		// All are opened before the first is copied: when one cannot be had, no copy is left over.
		const opened = keys
			.flatMap((key) => {
				const address = this.#addresses.get(key);
				return address === undefined
					? []
					: [{ key, endpoint: address.endpoint, pair: pairOf(address, worker) }];
			})
			.filter(({ pair }) => pair.tcp >= 0);
		return opened.map(({ key, endpoint, pair: { udp, tcp, isShared } }) => ({
			key,
			endpoint,
			fds: { udp, tcp: libc.dup(tcp), isShared },
		}));
	}

	/** Takes sockets for its own that somebody else has opened, or closes them. */
	adopt(sockets: readonly HandedSocket[], isWanted: (socket: HandedSocket) => boolean): void {
		for (const socket of sockets) {
			const { role, key, endpoint, worker, isShared, fd } = socket;
			if (role === "admin") continue;
			if (!isWanted(socket)) {
				libc.close(fd);
				continue;
			}
			const address = this.#addresses.get(key) ?? { endpoint, pairs: new Map<number, Pair>() };
			this.#addresses.set(key, address);
			const pair = address.pairs.get(worker) ?? { udp: -1, tcp: -1, isShared };
			address.pairs.set(worker, pair);
			if (role === "udp") furnishUdp(fd, endpoint);
			pair[role] = fd;
		}
	}

	/** All that are open, for a successor. */
	get handed(): HandedSocket[] {
		return Array.from(this.#addresses).flatMap(([key, { endpoint, pairs }]) =>
			Array.from(pairs).flatMap(([worker, pair]) =>
				(["udp", "tcp"] as const)
					.filter((role) => pair[role] >= 0)
					.map((role) => ({ role, key, endpoint, worker, isShared: pair.isShared, fd: pair[role] })),
			),
		);
	}

	/** No connection is taken that nobody would serve: by addresses that close, or by workers that leave. */
	closeStreams(isLeaving: (key: string, worker: number) => boolean): void {
		for (const [key, { pairs }] of this.#addresses) {
			for (const [worker, pair] of pairs) if (isLeaving(key, worker)) closeTcp(pair);
		}
	}

	/** Closes the sockets of some workers at some addresses, to be opened anew when they are asked for. */
	drop(isGone: (key: string, worker: number) => boolean): void {
		for (const [key, { pairs }] of this.#addresses) {
			for (const [worker, pair] of pairs) {
				if (!isGone(key, worker)) continue;
				pairs.delete(worker);
				closePair(pair);
			}
		}
	}

	close(key: string): void {
		for (const pair of this.#addresses.get(key)?.pairs.values() ?? []) closePair(pair);
		this.#addresses.delete(key);
	}

	/** A worker is gone for good. */
	closeWorker(worker: number): void {
		for (const { pairs } of this.#addresses.values()) {
			const pair = pairs.get(worker);
			pairs.delete(worker);
			if (pair !== undefined) closePair(pair);
		}
	}
}

/** Both or none. */
function openPair(endpoint: HostPort): Pair {
	const udp = openUdp(endpoint, true);
	try {
		return { udp, tcp: openTcp(endpoint, true), isShared: false };
	} catch (error) {
		libc.close(udp);
		throw error;
	}
}

/** Opens what was not handed over. */
function complete({ endpoint, pairs }: Address): void {
	try {
		for (const pair of pairs.values()) {
			if (pair.udp < 0) pair.udp = openUdp(endpoint, true);
			if (pair.tcp < 0) pair.tcp = openTcp(endpoint, true);
		}
	} catch (error) {
		throw explained(endpoint, error);
	}
}

function pairOf({ endpoint, pairs }: Address, worker: number): Pair {
	try {
		const pair = pairs.get(worker) ?? openBeside(endpoint, pairs);
		pairs.set(worker, pair);
		return pair;
	} catch (error) {
		throw explained(endpoint, error);
	}
}

/** Sockets of one's own on the same port; where the kernel gives none beside those of others, copies of these. */
function openBeside(endpoint: HostPort, pairs: ReadonlyMap<number, Pair>): Pair {
	const shared = Array.from(pairs.values()).find(
		({ isShared, udp, tcp }) => isShared && udp >= 0 && tcp >= 0,
	);
	try {
		return openPair(endpoint);
	} catch (error) {
		if (shared === undefined) throw error;
		return { udp: libc.dup(shared.udp), tcp: libc.dup(shared.tcp), isShared: true };
	}
}

function closePair(pair: Pair): void {
	if (pair.udp >= 0) libc.close(pair.udp);
	closeTcp(pair);
}

function closeTcp(pair: Pair): void {
	if (pair.tcp >= 0) libc.close(pair.tcp);
	pair.tcp = -1;
}

/**
 * Whether the address is free, for both protocols: SO_REUSEPORT would let us share it with another Cordon, which is
 * hardly ever what was meant.
 *
 * @returns the port, chosen by the system when `endpoint` has 0.
 */
function probe(endpoint: HostPort): number {
	const udp = openUdp(endpoint, false);
	try {
		const port = boundPort(udp);
		libc.close(openTcp({ ...endpoint, port }, false));
		return port;
	} finally {
		libc.close(udp);
	}
}
