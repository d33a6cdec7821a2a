/** How work on a store's file is done: writing not while the pool is restored, and faults told as the store's callers know them. */
import { PoolUnavailable } from "../store.ts";
import { DiskFault, type Environment } from "./environment.ts";
import { Gate } from "./gate.ts";

export class Access {
	/** Shut while the pool is restored. */
	readonly gate = new Gate();
	readonly #environment: Environment;
	/** Milliseconds since the epoch. */
	readonly #now: () => number;

	constructor(environment: Environment, now: () => number) {
		this.#environment = environment;
		this.#now = now;
	}

	/** Throws PoolUnavailable when the disk does not take or give what it should, as all of these do. */
	answer<T>(work: () => T): T {
		try {
			this.#environment.assertOpen();
			return work();
		} catch (error) {
			throw this.unavailable(error);
		}
	}

	/** `work` makes its own transactions. */
	async write<T>(work: () => T): Promise<T> {
		await this.gate.passed();
		return this.answer(work);
	}

	/** All that `work` writes is on disk when this resolves, or nothing. */
	async record<T>(work: (now: number) => T): Promise<T> {
		return this.write(() => this.#environment.transact(() => work(this.#now())));
	}

	/** What was thrown, for the callers of the store. */
	unavailable(error: unknown): unknown {
		const fault = this.#environment.fault(error);
		return fault instanceof DiskFault ? new PoolUnavailable(fault.message, { cause: error }) : fault;
	}
}
