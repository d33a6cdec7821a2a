import type { LimitSettings } from "../../config/pool-settings.ts";
import type { Log } from "../../observe/log.ts";
import type { Position } from "../record.ts";
import type { Replica } from "../replica.ts";
import type { Gap, PoolStore } from "../store.ts";
import type { PoolClock } from "./clock.ts";
import { follows, type Page } from "./history.ts";
import type { Patience } from "./patience.ts";
import { RemovalWatch } from "./removal-watch.ts";
import { onReplica } from "./replica-fault.ts";
import type { Sieve } from "./sieve.ts";

export interface TailParts {
	readonly store: PoolStore;
	readonly replica: Replica;
	readonly clock: PoolClock;
	readonly sieve: Sieve;
	readonly patience: Patience;
	readonly log: Log;
	/** Changes asked for at once. */
	readonly page: number;
}

/** The end of the log: from the store into the replica, page by page. */
export class Tail {
	readonly #parts: TailParts;
	readonly #removals: RemovalWatch;

	constructor(parts: TailParts) {
		this.#parts = parts;
		this.#removals = new RemovalWatch(parts.replica, parts.log);
	}

	async read(position: Position): Promise<Page | Gap> {
		const { store, patience, log } = this.#parts;
		const page = await patience.unlessStopped(store.changesSince(position, this.#parts.page));
		if (typeof page === "string" || follows(page, position)) return page;
		log.warn(
			"the shared pool's log has a hole or is out of order, its state is read as a whole; see who writes to it past Cordon",
			{
				after: position.seq,
			},
		);
		return "replaced";
	}

	/** @returns the domains that were touched. */
	async take({ changes, position }: Page, limits: LimitSettings): Promise<readonly string[]> {
		const { replica, clock, sieve } = this.#parts;
		return onReplica(() => {
			this.#removals.see(changes, clock.now(), limits);
			return replica.apply(sieve.changes(changes), position);
		});
	}
}
