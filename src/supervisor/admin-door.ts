/** The admin server at its address, which may change while we serve. */
import { type Admin, createAdmin } from "../admin/server.ts";
import { formatHostPort, type HostPort } from "../config/address.ts";
import type { Config } from "../config/schema.ts";
import type { Log } from "../observe/log.ts";
import { createMetrics } from "../observe/metrics.ts";
import type { NodeView } from "../observe/status.ts";
import type { PoolDesk } from "../pool/desk.ts";

/** What the admin server shows, and by which configuration. */
export interface AdminParts {
	readonly view: NodeView;
	readonly config: Config;
	readonly log: Log;
	/** Undefined without a pool. */
	readonly pool: PoolDesk | undefined;
}

export class AdminDoor {
	readonly #parts: () => AdminParts;
	#admin: Admin | undefined;
	#endpoint: HostPort | undefined;
	/** Undefined while there is no admin server. */
	url: string | undefined;

	/** `parts` are asked for whenever it opens. */
	constructor(parts: () => AdminParts) {
		this.#parts = parts;
	}

	/** To another address, or to none. Rejects with a message for the operator; it then stays where it was. */
	async move(to: HostPort | undefined): Promise<void> {
		const from = this.#endpoint;
		if (JSON.stringify(to) === JSON.stringify(from)) return;
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

	/** The same when the configuration has changed. `anyway`: what it shows is another one, wherever it is. */
	async follow(to: HostPort | undefined, anyway: boolean): Promise<void> {
		try {
			if (anyway) await this.close();
			await this.move(to);
		} catch (error) {
			this.#parts().log.error("the admin server stays where it was", { why: (error as Error).message });
		}
	}

	async close(): Promise<void> {
		await this.#admin?.close();
		this.#admin = undefined;
		this.#endpoint = undefined;
		this.url = undefined;
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
		const { port } = await admin.listen(endpoint.address, endpoint.port);
		this.#admin = admin;
		this.#endpoint = endpoint;
		this.url = `http://${formatHostPort({ ...endpoint, port })}`;
	}
}
