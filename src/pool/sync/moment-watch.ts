import { setImmediate as breathe } from "node:timers/promises";
import type { Log } from "../../observe/log.ts";
import type { Replica } from "../replica.ts";
import type { PoolClock } from "./clock.ts";
import { Trouble } from "./trouble.ts";

/** A clock may be set at any time, and no timer tells: so it is looked at this often at least. */
const LOOK_MS = 60_000;
const SLICE = 1000;

export interface MomentWatchParts {
	readonly replica: Pick<Replica, "moments" | "nextMoment">;
	readonly clock: PoolClock;
	readonly log: Log;
	/** Verdicts of these domains have to be made anew. When it fails they are named again later. */
	readonly touched: (domains: readonly string[]) => void | Promise<void>;
	/** Milliseconds between looks at the clock, at most. */
	readonly lookMs?: number;
	/** Domains named at once, at most. */
	readonly slice?: number;
}

/** Names the domains of which a contribution begins or ends to count, when its time has come, store or no store. */
export class MomentWatch {
	readonly #parts: MomentWatchParts;
	readonly #lookMs: number;
	readonly #slice: number;
	readonly #trouble: Trouble;
	/** Verdicts in use are those of this moment. */
	#judged = 0;
	#timer: NodeJS.Timeout | undefined;
	#running: Promise<void> | undefined;
	#again = false;
	#stopped = true;

	constructor(parts: MomentWatchParts) {
		this.#parts = parts;
		this.#lookMs = parts.lookMs ?? LOOK_MS;
		this.#slice = parts.slice ?? SLICE;
		this.#trouble = new Trouble(
			{
				level: "error",
				begins:
					"contributions whose time began or ended could not be judged anew; trying again every minute; see that the data folder can be read",
				ends: "contributions are judged anew when their time begins or ends, as before",
			},
			parts.log,
		);
	}

	/** @param judged the moment that the verdicts in use were made for, by the pool's clock. */
	start(judged: number): void {
		this.#judged = judged;
		this.#stopped = false;
		this.#parts.clock.onShift = () => this.look();
		this.look();
	}

	/** Looks now: to be called when the replica has changed, since its next moment may be nearer than before. */
	look(): void {
		if (this.#stopped) return;
		if (this.#running !== undefined) {
			this.#again = true;
			return;
		}
		clearTimeout(this.#timer);
		this.#running = this.#run();
	}

	async stop(): Promise<void> {
		this.#stopped = true;
		this.#parts.clock.onShift = undefined;
		clearTimeout(this.#timer);
		await this.#running;
	}

	async #run(): Promise<void> {
		let delay = this.#lookMs;
		try {
			do {
				this.#again = false;
				await this.#advance();
			} while (this.#again && !this.#stopped);
			const next = this.#parts.replica.nextMoment(this.#judged);
			if (next !== undefined) delay = Math.min(delay, Math.max(1, next - this.#parts.clock.now()));
			this.#trouble.end();
		} catch (error) {
			this.#trouble.begin(String(error), { error });
		}
		this.#running = undefined;
		if (this.#stopped) return;
		this.#timer = setTimeout(() => this.look(), delay).unref();
	}

	/** Up to now; or down to it, when the clock was set back: what ended since then counts again. */
	async #advance(): Promise<void> {
		const now = this.#parts.clock.now();
		if (now < this.#judged) {
			await this.#name(now, this.#judged);
			this.#judged = now;
			return;
		}
		for (let from = this.#judged; from < now && !this.#stopped; ) {
			from = await this.#name(from, now);
			this.#judged = from;
		}
	}

	/**
	 * Names the domains with a moment in (after, until], slice by slice.
	 *
	 * @returns how far it came before it was stopped.
	 */
	async #name(after: number, until: number): Promise<number> {
		const { replica, touched } = this.#parts;
		let limit = this.#slice;
		let width = until - after;
		while (after < until && !this.#stopped) {
			const next = replica.nextMoment(after);
			if (next === undefined || next > until) return until;
			let end = Math.min(until, next + width);
			let domains = replica.moments(after, end, limit);
			// So many that there may be more: a shorter time has fewer.
			while (domains.length >= limit && end > next) {
				end = next + Math.floor((end - next) / 2);
				domains = replica.moments(after, end, limit);
			}
			if (domains.length >= limit) {
				// A batch ends in one millisecond.
				limit *= 2;
				continue;
			}
			for (let i = 0; i < domains.length; i += this.#slice) {
				await touched(domains.slice(i, i + this.#slice));
				await breathe();
			}
			after = end;
			width = 2 * (end - next) + 1;
			limit = this.#slice;
		}
		return after;
	}
}
