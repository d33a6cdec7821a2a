/** Open sockets that come from elsewhere: from the Cordon before, or from the service manager. */
import type { HostPort } from "../config/address.ts";

export interface HandedSocket {
	readonly role: "udp" | "tcp" | "admin";
	/** The address as the configuration writes it. */
	readonly key: string;
	/** Where it really listens. */
	readonly endpoint: HostPort;
	/** Which worker's it is. */
	readonly worker: number;
	/** Somebody keeps the same socket for good. */
	readonly isShared: boolean;
	readonly fd: number;
}

/** What a successor goes on with of the sockets that it was offered. */
export interface Kept {
	/** Sockets of workers below this number. */
	readonly workers: number;
	/** Of these addresses. */
	readonly keys: readonly string[];
}
