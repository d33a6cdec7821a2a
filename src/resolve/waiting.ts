/** How many questions of one client wait for upstreams, over all workers, so that no client takes all there is room for. */
import type { AccessSettings } from "../config/access-settings.ts";
import { AddressRanges } from "./address-ranges.ts";
import type { ClientCounts } from "./client-counts.ts";
import type { Asker } from "./query.ts";

export class Waiting {
	readonly #counts: ClientCounts;
	#most: number;
	#exempt: AddressRanges;
	#place = 0;
	#total = 0;

	constructor(counts: ClientCounts, access: AccessSettings) {
		this.#counts = counts;
		this.#most = access.maxWaitingPerClient;
		this.#exempt = new AddressRanges(access.waitingExempt);
	}

	/** Other limits, and how many workers there are to be. */
	use(access: AccessSettings, workers: number): void {
		this.#counts.workers = workers;
		this.#most = access.maxWaitingPerClient;
		this.#exempt = new AddressRanges(access.waitingExempt);
	}

	/** Whether one more question of the client may wait. */
	admits(asker: Asker): boolean {
		const { addressBytes, addressAt, addressLength } = asker;
		this.#place = this.#counts.placeOf(addressBytes, addressAt, addressLength);
		return (
			this.#most === 0 ||
			this.#counts.countOf(this.#place) < this.#most ||
			// Looked up only when it matters: most clients have next to nothing waiting.
			this.#exempt.has(addressBytes, addressAt, addressLength)
		);
	}

	/** `asker`, whose client was admitted just now, waits until `leave`. */
	enter(asker: Asker): void {
		asker.waitingAt = this.#place;
		this.#counts.enter(this.#place);
		this.#total++;
	}

	leave(asker: Asker): void {
		this.#counts.leave(asker.waitingAt);
		asker.waitingAt = -1;
		this.#total--;
	}

	/** Of this worker. */
	get total(): number {
		return this.#total;
	}
}
