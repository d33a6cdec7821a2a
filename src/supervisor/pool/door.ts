/** The shared pool of the configuration in use: opened at the start, exchanged when a reload names another. */
import type { Config } from "../../config/schema.ts";
import type { Log } from "../../observe/log.ts";
import type { SharedPool, SharedPoolParts } from "./shared-pool.ts";

export class PoolDoor {
	readonly #parts: SharedPoolParts;
	readonly #log: Log;
	#pool: SharedPool | undefined;

	constructor(parts: SharedPoolParts) {
		this.#parts = parts;
		this.#log = parts.log;
	}

	/** Undefined when pool.store is off, or when it could not be opened. */
	get pool(): SharedPool | undefined {
		return this.#pool;
	}

	/** Rejects with a message for the operator. */
	async open(config: Config): Promise<void> {
		if (config.pool.store === "off") return;
		// Without a pool nobody pays for it.
		const { SharedPool } = await import("./shared-pool.ts");
		this.#pool = await SharedPool.open(config, this.#parts);
	}

	/**
	 * Another store is another pool; else the one there is goes on, judged as the configuration says now.
	 *
	 * @returns whether there is another one, or none any more.
	 */
	async reload(config: Config): Promise<boolean> {
		const before = this.#pool;
		if (before?.isKeptBy(config)) {
			before.use(config);
			return false;
		}
		if (before === undefined && config.pool.store === "off") return false;
		this.#pool = undefined;
		await before?.close();
		try {
			await this.open(config);
		} catch (error) {
			this.#log.error(
				"the pool cannot be opened, what it said last stays in use; correct the cause and restart",
				{
					why: (error as Error).message,
				},
			);
		}
		this.pool?.start();
		return true;
	}

	async close(): Promise<void> {
		await this.#pool?.close();
		this.#pool = undefined;
	}
}
