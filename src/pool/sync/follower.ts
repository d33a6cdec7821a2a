import { setImmediate as breathe } from "node:timers/promises";
import type { LimitSettings } from "../../config/pool-settings.ts";
import type { Log } from "../../observe/log.ts";
import type { Position } from "../record.ts";
import type { Replica } from "../replica.ts";
import { type PoolStore, PoolUnavailable } from "../store.ts";
import { Backoff } from "./backoff.ts";
import type { PoolClock } from "./clock.ts";
import type { FollowerCallbacks, FollowerParts, FollowerStatus } from "./following.ts";
import type { Page } from "./history.ts";
import type { Accepted } from "./hold.ts";
import { Level } from "./level.ts";
import { PACE, type Pace } from "./pace.ts";
import { Patience, Stopped } from "./patience.ts";
import { Recovery } from "./recovery.ts";
import { Sieve } from "./sieve.ts";
import { Tail } from "./tail.ts";
import { Troubles } from "./troubles.ts";

/** A wait that ends sooner with nothing new was no wait: the next one is preceded by a pause. */
const HASTY_MS = 10;
const IDLE_MS = [20, 1000] as const;

/** Keeps the replica level with the store. What the store does or does not do never stops it, nor does it ever throw. */
export class Follower {
	readonly #store: PoolStore;
	readonly #replica: Replica;
	readonly #clock: PoolClock;
	readonly #log: Log;
	readonly #callbacks: FollowerCallbacks;
	readonly #pace: Pace;
	readonly #patience = new Patience();
	readonly #troubles: Troubles;
	readonly #sieve: Sieve;
	readonly #tail: Tail;
	readonly #recovery: Recovery;
	readonly #level = new Level();
	readonly #retry: Backoff;
	readonly #idle: Backoff;
	#limits: LimitSettings;
	/** The last wait ended at once. */
	#hasty = false;
	#running: Promise<void> | undefined;

	constructor(parts: FollowerParts) {
		const { store, replica, clock, log, limits, callbacks, random, pace: given } = parts;
		const pace = { ...PACE, ...given };
		const patience = this.#patience;
		const sieve = new Sieve(log);
		const tail = new Tail({ store, replica, clock, sieve, patience, log, page: pace.page });
		this.#store = store;
		this.#replica = replica;
		this.#clock = clock;
		this.#log = log;
		this.#callbacks = callbacks;
		this.#pace = pace;
		this.#limits = limits;
		this.#troubles = new Troubles(log, parts.storeTells ?? false);
		this.#sieve = sieve;
		this.#tail = tail;
		this.#recovery = new Recovery({
			store,
			replica,
			clock,
			sieve,
			tail,
			patience,
			log,
			pace,
			random,
			replaced: (domains) => this.#call(() => callbacks.replaced(domains)),
		});
		this.#retry = new Backoff(pace.retryMs, random);
		this.#idle = new Backoff(IDLE_MS, random);
	}

	/** Returns at once, whatever the store does. */
	start(): void {
		this.#running ??= this.#run();
	}

	/** Resolves when the replica is no longer touched, without waiting for the store. */
	async stop(): Promise<void> {
		this.#patience.stop();
		this.#recovery.hold.settle(stopping());
		await this.#running;
	}

	/** Looks at the store now, rather than when it is due: for whoever knows that it has changed, or is back. */
	look(): void {
		this.#recovery.hold.scanned = undefined;
		this.#patience.wake();
	}

	/** Other limits, from the next changes on. */
	useLimits(limits: LimitSettings): void {
		this.#limits = limits;
	}

	/**
	 * Takes a state that is held as it is; where there is none, an empty pool is created. Rejects with PoolUnavailable
	 * when the store cannot be reached; the replica is as it was then, and stays so.
	 */
	accept(): Promise<Accepted> {
		if (this.#patience.stopped) return Promise.reject(stopping());
		const accepted = this.#recovery.hold.accept(this.#limits.maxChange);
		this.#patience.wake();
		return accepted;
	}

	get status(): FollowerStatus {
		return {
			up: this.#troubles.up,
			problem: this.#troubles.problem,
			lagMs: this.#level.lagMs,
			position: this.#replica.position,
			resyncs: { ...this.#recovery.resyncs },
			held: this.#recovery.hold.held,
			refusedRecords: this.#sieve.refused,
			clockAheadMs: this.#clock.aheadMs,
		};
	}

	async #run(): Promise<void> {
		while (!this.#patience.stopped) {
			try {
				await this.#round();
			} catch (error) {
				if (error instanceof Stopped) return;
				this.#failed(error);
				await this.#patience.pause(this.#retry.next());
			}
			await breathe();
		}
	}

	async #round(): Promise<void> {
		const { position } = this.#replica;
		if (position === undefined) {
			await this.#patience.unlessStopped(this.#store.head());
			await this.#reached();
			return this.#recovery.begin(this.#limits);
		}
		const page = await this.#tail.read(position);
		await this.#reached();
		if (typeof page === "string") return this.#recovery.gap(page, this.#limits);
		this.#recovery.followed();
		if (page.changes.length > 0) await this.#take(page);
		else await this.#wait(position);
		this.#retry.reset();
	}

	async #take(page: Page): Promise<void> {
		const domains = await this.#tail.take(page, this.#limits);
		this.#troubles.over();
		this.#hasty = false;
		this.#idle.reset();
		await this.#call(() => this.#callbacks.touched(domains));
	}

	/** The replica is level with the store. */
	async #wait(position: Position): Promise<void> {
		const { waitMs, waitGraceMs } = this.#pace;
		this.#level.reached();
		this.#troubles.over();
		if (this.#hasty) await this.#patience.pause(this.#idle.next());
		else this.#idle.reset();
		const started = performance.now();
		this.#level.waiting(waitMs + waitGraceMs);
		try {
			await this.#patience.within(waitMs + waitGraceMs, (signal) =>
				this.#store.wait(position, waitMs, signal),
			);
		} finally {
			this.#level.waited();
		}
		this.#hasty = performance.now() - started < HASTY_MS;
	}

	/** The store answered. */
	async #reached(): Promise<void> {
		this.#troubles.reached();
		if (!this.#clock.due) return;
		try {
			await this.#patience.unlessStopped(this.#clock.ask(this.#store));
		} catch (error) {
			if (error instanceof Stopped) throw error;
			// Following goes on without it; if the store is gone, the next question says so.
			this.#log.debug("the store's clock could not be asked", { error });
		}
	}

	#failed(error: unknown): void {
		this.#troubles.tell(error);
		this.#recovery.hold.settle(error instanceof Error ? error : new Error(String(error)));
		if (error instanceof PoolUnavailable) this.#clock.doubt();
	}

	async #call(callback: () => void | Promise<void>): Promise<void> {
		try {
			await callback();
		} catch (error) {
			this.#log.error(
				"verdicts could not be brought up to date with the shared pool, and are tried again; report it when it comes back",
				{ error },
			);
		}
	}
}

function stopping(): PoolUnavailable {
	return new PoolUnavailable("this node is stopping: try again when it is back");
}
