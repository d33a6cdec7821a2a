import { setImmediate as breathe } from "node:timers/promises";
import type { LimitSettings } from "../../config/pool-settings.ts";
import type { Log } from "../../observe/log.ts";
import type { Position } from "../record.ts";
import type { Replica } from "../replica.ts";
import type { Gap, PoolStore } from "../store.ts";
import { Backoff } from "./backoff.ts";
import type { PoolClock } from "./clock.ts";
import type { ResyncReason } from "./following.ts";
import { isSamePlace } from "./history.ts";
import { type Accepted, Hold } from "./hold.ts";
import type { Pace } from "./pace.ts";
import type { Patience } from "./patience.ts";
import { type Resynced, resync } from "./resync.ts";
import type { Sieve } from "./sieve.ts";
import type { Tail } from "./tail.ts";

export interface RecoveryParts {
	readonly store: PoolStore;
	readonly replica: Replica;
	readonly clock: PoolClock;
	readonly sieve: Sieve;
	readonly tail: Tail;
	readonly patience: Patience;
	readonly log: Log;
	readonly pace: Pace;
	readonly random: () => number;
	/** The replica was replaced, and these domains differ, or too many to name. */
	readonly replaced: (domains: readonly string[] | "many") => Promise<void>;
}

/** What is done when the log cannot be followed: the state is read as a whole, or held when it is not to be believed. */
export class Recovery {
	readonly hold: Hold;
	readonly resyncs: Record<ResyncReason, number> = { first: 0, trimmed: 0, replaced: 0, lost: 0 };
	readonly #parts: RecoveryParts;
	readonly #looks: Backoff;
	readonly #scans: Backoff;
	readonly #moves: Backoff;

	constructor(parts: RecoveryParts) {
		const { pace, random, log } = parts;
		this.#parts = parts;
		this.hold = new Hold(log);
		this.#looks = new Backoff(pace.holdMs, random);
		this.#scans = new Backoff(pace.rescanMs, random);
		this.#moves = new Backoff(pace.retryMs, random);
	}

	/** There is no replica yet. */
	async begin(limits: LimitSettings): Promise<void> {
		const { store, patience } = this.#parts;
		if ((await patience.unlessStopped(store.head())) === undefined) await this.#create();
		await this.#resync("first", limits);
	}

	/** The log leads nowhere. */
	async gap(gap: Gap, limits: LimitSettings): Promise<void> {
		if (gap !== "lost") return this.#resync(gap, limits);
		const { contributions, members } = this.#parts.replica.counts;
		if (contributions + members > 0 && !this.hold.isAccepted) {
			const reason = `the shared pool is gone from the store, this node has ${contributions} contributions and ${members} members`;
			this.hold.begin({
				kind: "lost",
				reason,
				since: this.#parts.clock.now(),
				ours: contributions,
				theirs: 0,
			});
			return this.#parts.patience.pause(this.#looks.next());
		}
		await this.#create();
		await this.#resync(gap, limits);
	}

	/** The log is followed. */
	followed(): void {
		this.#moves.reset();
		this.#believe("the history that this node followed is there again", "nothing-held");
	}

	async #create(): Promise<void> {
		const { store, patience, log } = this.#parts;
		log.info("there is no shared pool: an empty one is created");
		await patience.unlessStopped(store.create());
	}

	async #resync(reason: ResyncReason, limits: LimitSettings): Promise<void> {
		const { patience, log, pace } = this.#parts;
		if (!(await this.#isScanDue())) return patience.pause(this.#looks.next());
		const started = performance.now();
		const outcome = await resync({
			...this.#parts,
			limits,
			most: pace.most,
			accepts: (contributions) => this.hold.accepts(contributions),
		});
		switch (outcome.kind) {
			case "taken":
				return this.#taken(reason, outcome, started, limits);
			case "shrunk":
				this.#holdShrunk(outcome, performance.now() - started);
				this.hold.settle("held-again");
				return patience.pause(this.#looks.next());
			default:
				// Looked at again from the beginning: it is lost now, or another one.
				log.debug("the shared pool changed while it was read; reading it again", { outcome: outcome.kind });
				return patience.pause(this.#moves.next());
		}
	}

	/** A held state is read again when it has changed, or after a long time, since what we have expires meanwhile. */
	async #isScanDue(): Promise<boolean> {
		const { scanned, isAccepted } = this.hold;
		if (scanned === undefined || isAccepted) return true;
		const now = performance.now();
		if (now >= scanned.anywayAt) return true;
		const head = await this.#parts.patience.unlessStopped(this.#parts.store.head());
		// Another epoch is another pool, restored perhaps.
		if (head?.epoch !== scanned.head.epoch) return true;
		return now >= scanned.againAt && !isSamePlace(head, scanned.head);
	}

	#holdShrunk({ reason, ours, theirs, head }: Extract<Resynced, { kind: "shrunk" }>, tookMs: number): void {
		const [, longest] = this.#parts.pace.rescanMs;
		const now = performance.now();
		// Reading all of a large pool in vain is to be a small part of what the store does.
		const rest = Math.max(this.#scans.next(), Math.min(10 * tookMs, longest));
		this.hold.scanned = { head, againAt: now + rest, anywayAt: now + longest };
		this.hold.begin({ kind: "shrunk", reason, since: this.#parts.clock.now(), ours, theirs });
	}

	async #taken(
		reason: ResyncReason,
		{ domains, end }: Extract<Resynced, { kind: "taken" }>,
		started: number,
		limits: LimitSettings,
	): Promise<void> {
		const { replica, log, pace, replaced } = this.#parts;
		this.resyncs[reason]++;
		this.#believe(
			this.hold.isAccepted ? "a person accepted its state" : "its state is not shrunk any more",
			"taken",
		);
		const differ = domains === "many" ? undefined : new Set(domains);
		try {
			await this.#catchUp(end, differ, limits);
		} finally {
			const named = differ === undefined || differ.size > pace.most ? "many" : [...differ];
			log.info("the shared pool was read as a whole", {
				because: reason,
				contributions: replica.counts.contributions,
				changedDomains: named === "many" ? `more than ${pace.most}` : named.length,
				seconds: Math.round((performance.now() - started) / 100) / 10,
			});
			await replaced(named);
		}
	}

	/** A scan sees each record at another moment; with the changes up to its end all are of one again. */
	async #catchUp(end: Position, differ: Set<string> | undefined, limits: LimitSettings): Promise<void> {
		const { replica, tail } = this.#parts;
		for (;;) {
			const { position } = replica;
			if (position === undefined || position.epoch !== end.epoch || position.seq >= end.seq) return;
			const page = await tail.read(position);
			// The next round says what to do about it.
			if (typeof page === "string" || page.changes.length === 0) return;
			for (const domain of await tail.take(page, limits)) differ?.add(domain);
			await breathe();
		}
	}

	#believe(why: string, outcome: Accepted): void {
		this.hold.end(why);
		this.hold.settle(outcome);
		this.#looks.reset();
		this.#scans.reset();
	}
}
