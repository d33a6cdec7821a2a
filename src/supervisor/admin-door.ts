/** The admin server at its address, which may change while we serve. */
import { listenProblem } from "../admin/listen-problem.ts";
import type { Node } from "../admin/node.ts";
import { type Admin, createAdmin } from "../admin/server.ts";
import { formatHostPort, type HostPort } from "../config/address.ts";
import type { Config } from "../config/schema.ts";
import type { Log } from "../observe/log.ts";
import { createMetrics } from "../observe/metrics.ts";
import type { PoolDesk } from "../pool/desk.ts";

/** What the admin server shows, and by which configuration. */
export interface AdminParts {
	readonly view: Node;
	readonly config: Config;
	readonly log: Log;
	/** Undefined without a pool. */
	readonly pool: PoolDesk | undefined;
}

/** Listening sockets that outlive the server on them, so that a successor can go on with them. */
export interface AdminSockets {
	/** Throws the system's error. */
	open(endpoint: HostPort): number;
	/** A descriptor more of the same socket. */
	copy(fd: number): number;
	close(fd: number): void;
}

export class AdminDoor {
	readonly #parts: () => AdminParts;
	readonly #sockets: AdminSockets | undefined;
	#admin: Admin | undefined;
	#endpoint: HostPort | undefined;
	/** The socket of that endpoint, where it is ours. */
	#fd: number | undefined;
	/** Undefined while there is no admin server. */
	url: string | undefined;

	/** `parts` are asked for whenever it opens. `sockets` undefined: Node opens its own. */
	constructor(parts: () => AdminParts, sockets: AdminSockets | undefined) {
		this.#parts = parts;
		this.#sockets = sockets;
	}

	/** Takes a socket that somebody else has opened, for when this endpoint is wanted. */
	adopt(endpoint: HostPort, fd: number): void {
		this.#endpoint = endpoint;
		this.#fd = fd;
	}

	/**
	 * Takes the address. The server on it needs as long to load as a worker does: where it `mayWait`, and the socket is ours,
	 * it is left to `move`, and whoever connects meanwhile waits. Rejects with a message for the operator.
	 */
	async begin(endpoint: HostPort | undefined, mayWait: boolean): Promise<void> {
		if (!mayWait || this.#sockets === undefined) return this.move(endpoint);
		if (endpoint === undefined || isSame(endpoint, this.#endpoint)) return;
		try {
			this.adopt(endpoint, this.#sockets.open(endpoint));
		} catch (error) {
			throw listenProblem(error, endpoint.address, endpoint.port);
		}
	}

	/** Undefined when there is none that could be handed over. */
	get handed(): { readonly endpoint: HostPort; readonly fd: number } | undefined {
		return this.#endpoint === undefined || this.#fd === undefined
			? undefined
			: { endpoint: this.#endpoint, fd: this.#fd };
	}

	/** Answers no more until `resume`; whoever connects waits, if the socket is ours. */
	async pause(): Promise<void> {
		await this.#admin?.close();
		this.#admin = undefined;
		this.url = undefined;
	}

	/** Rejects with a message for the operator. */
	async resume(endpoint: HostPort | undefined): Promise<void> {
		if (endpoint !== undefined && this.#admin === undefined) await this.#open(endpoint);
	}

	/** To another address, or to none. Rejects with a message for the operator; it then stays where it was. */
	async move(to: HostPort | undefined): Promise<void> {
		const from = this.#endpoint;
		if (isSame(to, from)) return this.resume(to);
		// Closed first: the new address may contain the old one.
		await this.close();
		if (to === undefined) return;
		try {
			await this.#open(to);
		} catch (error) {
			if (from !== undefined) await this.#open(from);
			throw error;
		}
	}

	/**
	 * The same for a reload, which goes on when it fails. `anyway`: what is shown there has changed.
	 *
	 * @returns whether it is where it is wanted.
	 */
	async follow(to: HostPort | undefined, anyway: boolean): Promise<boolean> {
		try {
			if (anyway) await this.pause();
			await this.move(to);
			return true;
		} catch (error) {
			this.#parts().log.error("the admin server stays where it was; correct listen.admin", {
				why: (error as Error).message,
			});
			return false;
		}
	}

	async close(): Promise<void> {
		await this.pause();
		this.#endpoint = undefined;
		if (this.#fd !== undefined) this.#sockets?.close(this.#fd);
		this.#fd = undefined;
	}

	async #open(endpoint: HostPort): Promise<void> {
		const { view, config, log, pool } = this.#parts();
		const admin = createAdmin({
			view,
			log,
			metrics: createMetrics({ view, process: config.metrics.process }),
			allowedHosts: config.listen.adminHosts,
			...(pool === undefined ? {} : { pool }),
		});
		const { port } = await this.#listen(admin, endpoint);
		this.#admin = admin;
		this.#endpoint = endpoint;
		this.url = `http://${formatHostPort({ ...endpoint, port })}`;
	}

	async #listen(admin: Admin, endpoint: HostPort): Promise<{ readonly port: number }> {
		const sockets = this.#sockets;
		if (sockets === undefined) return admin.listen(endpoint.address, endpoint.port);
		try {
			return await admin.listen(endpoint.address, endpoint.port, () => {
				this.#fd ??= sockets.open(endpoint);
				return sockets.copy(this.#fd);
			});
		} catch (error) {
			if (this.#fd !== undefined) sockets.close(this.#fd);
			this.#fd = undefined;
			throw error;
		}
	}
}

function isSame(one: HostPort | undefined, other: HostPort | undefined): boolean {
	return JSON.stringify(one) === JSON.stringify(other);
}
