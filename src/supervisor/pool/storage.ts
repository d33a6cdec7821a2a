/** Where a node's pool is kept: on its own disk, or in Redis with a copy on its own disk. */
import type { PoolSettings } from "../../config/pool-settings.ts";
import type { Log } from "../../observe/log.ts";
import type { HeldPool as HeldForPerson, SyncState } from "../../pool/desk/parts.ts";
import { DeskError, type HeldEntry } from "../../pool/desk.ts";
import { openEmbeddedStore, openReplica } from "../../pool/embedded/open.ts";
import type { Position } from "../../pool/record.ts";
import type { Replica } from "../../pool/replica.ts";
import type { PoolStore } from "../../pool/store.ts";
import type { PoolClock } from "../../pool/sync/clock.ts";
import { Follower } from "../../pool/sync/follower.ts";

/** Whoever wrote waits so long for their words to come back. */
const CATCH_UP_MS = 3000;

/** What is known of how the replica keeps level with the store. */
export type Following = Omit<SyncState, "verdicts">;

export interface PoolChanges {
	/** The replica says something new of these. */
	touched(domains: readonly string[]): void | Promise<void>;
	/** It was replaced as a whole; `many`: too many differ to name them. */
	replaced(domains: readonly string[] | "many"): void | Promise<void>;
}

export interface PoolStorage {
	readonly store: PoolStore;
	readonly replica: Replica;
	readonly heldPool: HeldForPerson;
	readonly following: Following;
	/** Begins to follow; never waits for the store. */
	start(): void;
	/** Resolves when the replica has reached the position, or has taken too long. */
	caughtUp(position: Position): Promise<void>;
	use(settings: PoolSettings): void;
	close(): Promise<void>;
}

export interface StorageParts {
	readonly dataDir: string;
	readonly log: Log;
	readonly clock: PoolClock;
	readonly changes: PoolChanges;
	readonly releaseFilePages: (path: string) => void;
}

export async function openStorage(settings: PoolSettings, parts: StorageParts): Promise<PoolStorage> {
	return settings.store === "redis" ? openShared(settings, parts) : openOwn(parts);
}

async function openOwn({ dataDir, log, changes, releaseFilePages }: StorageParts): Promise<PoolStorage> {
	const store = await openEmbeddedStore(dataDir, { releaseFilePages, log });
	if ((await store.head()) === undefined) await store.create();
	return {
		store,
		replica: store.replica,
		heldPool: { entry: () => undefined, accept: async () => {} },
		following: { up: true, lagMs: 0, resyncs: 0, clockAheadMs: 0 },
		start: () =>
			store.onCommitted(
				(domains) => void (domains === "many" ? changes.replaced(domains) : changes.touched(domains)),
			),
		// What is committed is in the replica.
		caughtUp: async () => {},
		use: () => {},
		close: () => store.close(),
	};
}

async function openShared(settings: PoolSettings, parts: StorageParts): Promise<PoolStorage> {
	const { dataDir, log, clock, changes, releaseFilePages } = parts;
	const { RedisStore } = await import("../../pool/redis/store.ts");
	const replica = await openReplica(dataDir, { releaseFilePages, log });
	const store = new RedisStore(settings.redis, settings.name, settings.node, log, {
		// Else the follower would sleep on for up to half a minute.
		onState: (up) => {
			if (up) follower.look();
		},
	});
	const arrivals = new Set<() => void>();
	const arrived = (): void => {
		for (const look of arrivals) look();
	};
	const follower: Follower = new Follower({
		store,
		replica,
		clock,
		log,
		limits: settings.limits,
		storeTells: true,
		random: Math.random,
		callbacks: {
			touched: async (domains) => {
				await changes.touched(domains);
				arrived();
			},
			replaced: async (domains) => {
				await changes.replaced(domains);
				arrived();
			},
		},
	});
	return {
		store,
		replica,
		heldPool: { entry: () => heldEntry(follower), accept: () => accept(follower) },
		get following() {
			const { up, problem, lagMs, resyncs, clockAheadMs } = follower.status;
			return {
				up,
				...(problem === undefined ? {} : { problem }),
				lagMs,
				resyncs: Object.values(resyncs).reduce((sum, count) => sum + count, 0),
				clockAheadMs,
			};
		},
		start: () => follower.start(),
		caughtUp: (position) => {
			const isThere = (): boolean => {
				const at = replica.position;
				return at !== undefined && at.epoch === position.epoch && at.seq >= position.seq;
			};
			follower.look();
			return new Promise((resolve) => {
				const done = (): void => {
					clearTimeout(timer);
					arrivals.delete(look);
					resolve();
				};
				const look = (): void => {
					if (isThere()) done();
				};
				const timer = setTimeout(done, CATCH_UP_MS);
				arrivals.add(look);
				look();
			});
		},
		use: (next) => follower.useLimits(next.limits),
		close: async () => {
			await follower.stop();
			await store.close();
			await replica.close();
		},
	};
}

async function accept(follower: Follower): Promise<void> {
	if ((await follower.accept()) !== "held-again") return;
	throw new DeskError(409, "the shared pool lost more while you decided: look at what is held again");
}

function heldEntry(follower: Follower): HeldEntry | undefined {
	const { held } = follower.status;
	if (held === undefined) return undefined;
	const { reason, since } = held;
	return { id: "pool", kind: "pool", reason, since, approvalsNeeded: 1, approvals: [] };
}
