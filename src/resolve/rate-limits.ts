/** The limits of rates that are on. Loaded when the first is. */
import type { AccessSettings } from "../config/access-settings.ts";
import type { Counters } from "../observe/counters.ts";
import { ClientRates } from "./client-rates.ts";
import type { LimitedNetwork } from "./limited-networks.ts";
import { RateTable } from "./rate-table.ts";
import { ResponseRates } from "./response-rates.ts";
import type { SharedLimits } from "./shared-limits.ts";

export class RateLimits {
	/** Undefined: questions are not limited. */
	readonly clients: ClientRates | undefined;
	/** Undefined: answers are not limited. */
	readonly responses: ResponseRates | undefined;

	/** `seed`: secret. */
	constructor(access: AccessSettings, memory: SharedLimits, counters: Counters, seed: number) {
		const { rateLimit, responseRateLimit } = access;
		if (rateLimit !== undefined)
			this.clients = new ClientRates(rateLimit, new RateTable(memory.clientRates, seed), counters);
		if (responseRateLimit !== undefined) {
			const table = new RateTable(memory.responseRates, seed);
			this.responses = new ResponseRates(responseRateLimit, table, counters, seed);
		}
	}

	/** Whom each of them has limited since the last call. */
	take(): readonly (readonly [key: string, networks: readonly LimitedNetwork[]])[] {
		return [
			["access.rateLimit", this.clients?.limited.take() ?? []],
			["access.responseRateLimit", this.responses?.limited.take() ?? []],
		];
	}
}
