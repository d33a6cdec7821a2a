import type { Log } from "../../observe/log.ts";
import type { PoolStore } from "../store.ts";

/** Clocks that differ by less are taken for equal: the way to the store and back takes time too. */
const TOLERANCE_MS = 2_000;
const WARN_MS = 60_000;
/** An answer that took longer says too little about when it was given. */
const LONGEST_ANSWER_MS = 2 * TOLERANCE_MS;
/** A store whose clock stands outside these years has none. */
const EARLIEST = Date.UTC(2000, 0);
const LATEST = Date.UTC(9000, 0);

export interface PoolClockParts {
	/** This node's own clock, milliseconds since the epoch. */
	readonly now: () => number;
	readonly log: Log;
	/** Milliseconds between questions for the store's clock. */
	readonly everyMs: number;
}

/**
 * The time by which contributions begin and end to count: this node's, corrected by the store's clock, which all nodes
 * share. While the store is away, the difference last seen stays.
 */
export class PoolClock {
	readonly #local: () => number;
	readonly #log: Log;
	readonly #everyMs: number;
	#offset = 0;
	#askedAt: number | undefined;
	#warned = false;
	/** Told after the corrected time leapt. */
	onShift: (() => void) | undefined;

	constructor({ now, log, everyMs }: PoolClockParts) {
		this.#local = now;
		this.#log = log;
		this.#everyMs = everyMs;
	}

	/** Milliseconds since the epoch. */
	now(): number {
		return this.#local() + this.#correction();
	}

	/** Milliseconds by which this node's clock runs ahead of the store's. */
	get aheadMs(): number {
		return this.#offset === 0 ? 0 : -this.#offset;
	}

	/** Whether it is time to ask the store: long ago, or this node's clock was set in between. */
	get due(): boolean {
		if (this.#askedAt === undefined) return true;
		const since = this.#local() - this.#askedAt;
		return since < 0 || since >= this.#everyMs;
	}

	/** The store was away: to be asked again at the next opportunity. */
	doubt(): void {
		this.#askedAt = undefined;
	}

	/** Rejects as the store does; the difference last seen stays then. */
	async ask(store: Pick<PoolStore, "now">): Promise<void> {
		const asked = this.#local();
		this.#askedAt = asked;
		const theirs = await store.now();
		const answered = this.#local();
		if (answered < asked || answered - asked > LONGEST_ANSWER_MS) return;
		if (!(theirs > EARLIEST && theirs < LATEST)) {
			this.#log.warn(
				"the pool's store tells no sensible time, this node's own clock is used; see the clock of that machine",
				{ theirs },
			);
			return;
		}
		const before = this.#correction();
		this.#offset = Math.round(theirs - (asked + answered) / 2);
		this.#tell();
		if (this.#correction() !== before) this.onShift?.();
	}

	#correction(): number {
		return Math.abs(this.#offset) > TOLERANCE_MS ? this.#offset : 0;
	}

	#tell(): void {
		const far = Math.abs(this.#offset) > WARN_MS;
		if (far === this.#warned) return;
		this.#warned = far;
		const fields = { aheadSeconds: Math.round(this.aheadMs / 1000) };
		if (far) {
			this.#log.warn(
				"this node's clock and that of the pool's store differ by more than a minute; the store's is used for the pool; see that both are kept by NTP",
				fields,
			);
		} else this.#log.info("this node's clock agrees with that of the pool's store again", fields);
	}
}
