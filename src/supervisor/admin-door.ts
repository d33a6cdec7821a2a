/** The admin server at its address, which may change while we serve. */
import type { Admin } from "../admin/server.ts";
import { formatHostPort, type HostPort } from "../config/address.ts";

export class AdminDoor {
	readonly #create: () => Admin;
	#admin: Admin | undefined;
	#endpoint: HostPort | undefined;
	/** Undefined while there is no admin server. */
	url: string | undefined;

	constructor(create: () => Admin) {
		this.#create = create;
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

	async close(): Promise<void> {
		await this.#admin?.close();
		this.#admin = undefined;
		this.#endpoint = undefined;
		this.url = undefined;
	}

	async #open(endpoint: HostPort): Promise<void> {
		const admin = this.#create();
		const { port } = await admin.listen(endpoint.address, endpoint.port);
		this.#admin = admin;
		this.#endpoint = endpoint;
		this.url = `http://${formatHostPort({ ...endpoint, port })}`;
	}
}
