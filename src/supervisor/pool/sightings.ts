/**
 * How often the pool's domains were asked for and blocked here: sums by domain and hour, told to the pool now and then. No
 * client, and no time finer than the hour, ever leaves this node.
 */
import { randomUUID } from "node:crypto";
import type { BlocklistIndex } from "../../blocklist/index.ts";
import type { Log } from "../../observe/log.ts";
import type { PoolStore, SightingSum } from "../../pool/store.ts";

/** Domains of one report; what is seen beyond that is only counted. */
const MOST_DOMAINS = 10_000;
/** Reports that wait for the store to come back. */
const MOST_REPORTS = 48;
const REPORT_MS = 5 * 60_000;
const HOUR_MS = 3_600_000;

interface Report {
	readonly id: string;
	readonly sums: readonly SightingSum[];
}

export interface SightingsParts {
	readonly store: PoolStore;
	readonly network: string;
	readonly log: Log;
	/** Milliseconds since the epoch, by the pool's clock. */
	readonly now: () => number;
	/** The blocklist in use. */
	readonly index: () => BlocklistIndex | undefined;
}

export class Sightings {
	readonly #parts: SightingsParts;
	#counts = new Map<string, number>();
	#hour: number;
	readonly #waiting: Report[] = [];
	readonly #timer: NodeJS.Timeout;
	#sending: Promise<void> = Promise.resolve();
	/** Blocked queries that no report had room for, and those of reports that were given up. */
	lost = 0;

	constructor(parts: SightingsParts) {
		this.#parts = parts;
		this.#hour = hourOf(parts.now());
		this.#timer = setInterval(() => void this.report(), REPORT_MS);
		this.#timer.unref();
	}

	/** Takes in what was counted. To be called before a blocklist is given up, too. */
	collect(index: BlocklistIndex | undefined = this.#parts.index()): void {
		const hour = hourOf(this.#parts.now());
		if (hour !== this.#hour) this.#close(hour);
		index?.takeHits((name, count) => {
			const before = this.#counts.get(name);
			if (before === undefined && this.#counts.size >= MOST_DOMAINS) this.lost += count;
			else this.#counts.set(name, (before ?? 0) + count);
		});
	}

	/** Tells the store what was counted since the last report. What it cannot take is told the next time. */
	report(): Promise<void> {
		this.collect();
		this.#close(this.#hour);
		this.#sending = this.#sending.then(() => this.#send());
		return this.#sending;
	}

	/** The last report; the store is still there. */
	async close(): Promise<void> {
		clearInterval(this.#timer);
		await this.report();
	}

	#close(hour: number): void {
		if (this.#counts.size > 0) {
			const { network } = this.#parts;
			const sums = Array.from(this.#counts, ([domain, count]) => ({
				domain,
				count,
				network,
				hour: this.#hour,
			}));
			this.#waiting.push({ id: randomUUID(), sums });
			this.#counts = new Map();
		}
		this.#hour = hour;
		while (this.#waiting.length > MOST_REPORTS) {
			const given = this.#waiting.shift()?.sums ?? [];
			this.lost += given.reduce((sum, one) => sum + one.count, 0);
		}
	}

	async #send(): Promise<void> {
		for (let report = this.#waiting[0]; report !== undefined; report = this.#waiting[0]) {
			try {
				await this.#parts.store.addSightings(report.id, report.sums);
				// More may have come meanwhile, and the oldest may have been given up.
				if (this.#waiting[0] === report) this.#waiting.shift();
			} catch (error) {
				this.#parts.log.debug("sightings wait until the pool can be reached again", {
					reports: this.#waiting.length,
					why: (error as Error).message,
				});
				return;
			}
		}
	}
}

function hourOf(time: number): number {
	return Math.floor(time / HOUR_MS) * HOUR_MS;
}
