/**
 * The sockets that workers listen on, opened here: one pair for each worker and address, all with SO_REUSEPORT. They
 * outlive the worker, so that what waits in them is answered by its successor. Linux only; elsewhere workers open
 * their own.
 */
import { formatHostPort, type HostPort } from "../config/address.ts";
import * as libc from "../sockets/libc.ts";
import { boundPort, openTcp, openUdp } from "../sockets/open.ts";
import type { DoorSockets } from "../worker/messages.ts";

/** How often to look for a port that is free for both UDP and TCP, when any will do. */
const PORT_TRIES = 20;

/** Descriptors; tcp is -1 when it is closed already. */
interface Pair {
	readonly udp: number;
	tcp: number;
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

	/** The sockets of a worker: those it had before if it had any. TCP's descriptor is a copy for it to own. */
	forWorker(worker: number, keys: readonly string[] = this.keys): DoorSockets[] {
		// All are opened before the first is copied: when one cannot be had, no copy is left over.
		const opened = keys.flatMap((key) => {
			const address = this.#addresses.get(key);
			return address === undefined
				? []
				: [{ key, endpoint: address.endpoint, pair: pairOf(address, worker) }];
		});
		return opened.map(({ key, endpoint, pair: { udp, tcp } }) => ({
			key,
			endpoint,
			fds: { udp, tcp: libc.dup(tcp) },
		}));
	}

	/** No connection is taken that nobody would serve: by addresses that close, or by workers that leave. */
	closeStreams(isLeaving: (key: string, worker: number) => boolean): void {
		for (const [key, { pairs }] of this.#addresses) {
			for (const [worker, pair] of pairs) if (isLeaving(key, worker)) closeTcp(pair);
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
		return { udp, tcp: openTcp(endpoint, true) };
	} catch (error) {
		libc.close(udp);
		throw error;
	}
}

function pairOf({ endpoint, pairs }: Address, worker: number): Pair {
	try {
		const pair = pairs.get(worker) ?? openPair(endpoint);
		pairs.set(worker, pair);
		return pair;
	} catch (error) {
		throw explained(endpoint, error);
	}
}

function closePair(pair: Pair): void {
	libc.close(pair.udp);
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
