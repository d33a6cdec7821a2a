import { setImmediate as breathe } from "node:timers/promises";
import type { Log } from "../../observe/log.ts";
import type { AuditWish } from "../retention.ts";
import { type PoolStore, PoolUnavailable } from "../store.ts";
import { Patience, Stopped } from "./patience.ts";
import { Trouble } from "./trouble.ts";

const EVERY_MS = 30_000;
const SWEEP = 1000;
/** A store that always finds more must not keep us at it for ever. */
const MOST_SWEEPS = 2000;

export interface HousekeeperParts {
	readonly store: Pick<PoolStore, "sweep" | "retention">;
	/** This node's name. */
	readonly node: string;
	readonly log: Log;
	/** How long this node would have the audit kept. */
	readonly audit: () => AuditWish;
	/** Carries on batches that are being applied. */
	readonly resumeBatches: () => Promise<void>;
	/** From 0 to 1. */
	readonly random: () => number;
	readonly everyMs?: number;
}

/**
 * What any node does for all now and then: takes out what has expired, carries on what was left half done, and keeps the
 * audit no longer than it is wished.
 */
export class Housekeeper {
	readonly #parts: HousekeeperParts;
	readonly #patience = new Patience();
	readonly #trouble: Trouble;
	#running: Promise<void> | undefined;
	/** Contributions that this node swept out. */
	swept = 0;
	/** Entries of the audit that this node took out. */
	trimmed = 0;
	/** How many the audit had when it was last looked at; undefined until then. */
	auditEntries: number | undefined;

	constructor(parts: HousekeeperParts) {
		this.#parts = parts;
		this.#trouble = new Trouble(
			{
				level: "warn",
				begins:
					"housekeeping of the shared pool failed; expired contributions count for nothing all the same; trying again",
				ends: "housekeeping of the shared pool works again",
			},
			parts.log,
		);
	}

	start(): void {
		this.#running ??= this.#run();
	}

	/** Does its round now rather than later. */
	look(): void {
		this.#patience.wake();
	}

	async stop(): Promise<void> {
		this.#patience.stop();
		await this.#running;
	}

	async #run(): Promise<void> {
		const { everyMs = EVERY_MS, random } = this.#parts;
		while (!this.#patience.stopped) {
			await this.#patience.pause(everyMs * (0.75 + random() / 2));
			if (this.#patience.stopped) return;
			try {
				await this.#sweep();
				await this.#patience.unlessStopped(this.#parts.resumeBatches());
				await this.#trim();
				this.#trouble.end();
			} catch (error) {
				if (error instanceof Stopped) return;
				// That the store is away, the follower tells.
				if (!(error instanceof PoolUnavailable)) this.#trouble.begin(String(error), { error });
			}
		}
	}

	async #sweep(): Promise<void> {
		const { store, node } = this.#parts;
		for (let i = 0; i < MOST_SWEEPS; i++) {
			const swept = await this.#patience.unlessStopped(store.sweep(node, SWEEP));
			if (swept === 0) return;
			this.swept += swept;
			await breathe();
		}
	}

	async #trim(): Promise<void> {
		const { store, node, audit, log } = this.#parts;
		const before = this.trimmed;
		for (let i = 0; i < MOST_SWEEPS; i++) {
			const { removed, entries } = await this.#patience.unlessStopped(store.retention.apply(node, audit()));
			this.auditEntries = entries;
			this.trimmed += removed;
			if (removed === 0) break;
			await breathe();
		}
		if (this.trimmed === before) return;
		log.info("old entries of the pool's audit were taken out, as pool.auditKeep and pool.auditMost have it", {
			entries: this.trimmed - before,
			left: this.auditEntries,
		});
	}
}
