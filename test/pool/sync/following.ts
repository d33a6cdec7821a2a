/** A node as far as the sync goes: a replica that follows a store, and what it told. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Test } from "tap";
import type { LimitSettings } from "../../../src/config/pool-settings.ts";
import type { Replica } from "../../../src/pool/replica.ts";
import type { PoolStore } from "../../../src/pool/store.ts";
import { PoolClock } from "../../../src/pool/sync/clock.ts";
import { Follower } from "../../../src/pool/sync/follower.ts";
import type { Pace } from "../../../src/pool/sync/pace.ts";
import { allRecords, puts } from "../store-contract/pool.ts";
import { type Lines, logLines } from "./lines.ts";

export const LIMITS: LimitSettings = { maxChange: 0.25, freeChanges: 10, maxChanges: 100_000 };

/** Quick, so that tests need not wait; nothing here depends on how quick. */
export const QUICK: Partial<Pace> = {
	waitMs: 500,
	waitGraceMs: 500,
	retryMs: [10, 100],
	holdMs: [10, 50],
	rescanMs: [20, 200],
};

const DEADLINE_MS = 20_000;

/** Resolves when the condition holds; fails the test with `what` when it takes too long. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
	const deadline = performance.now() + DEADLINE_MS;
	while (!(await holds())) {
		if (performance.now() > deadline) throw new Error(`in vain waited for: ${what}`);
		await sleep(5);
	}
}

/** Every record of the replica, by key. */
export function replicaRecords(replica: Replica): Map<string, string> {
	const all = new Map<string, string>();
	for (const { key, value } of replica.members()) all.set(key, value);
	for (const { records } of replica.domains()) for (const { key, value } of records) all.set(key, value);
	return all;
}

/** Compares by a dump of all keys and values on both sides: as many keys, and the same value for each. */
export async function sameAsStore(t: Test, replica: Replica, store: PoolStore, what: string): Promise<void> {
	const there = await allRecords(store);
	const here = replicaRecords(replica);
	t.equal(here.size, there.size, `${what}: as many records`);
	const differing = [...there].filter(([key, value]) => here.get(key) !== value);
	t.strictSame(differing.slice(0, 5), [], `${what}: every key and value`);
	let contributions = 0;
	for (const key of there.keys()) if (key.includes("\tc\t")) contributions++;
	t.equal(replica.counts.contributions, contributions, `${what}: the replica counts right`);
}

/** So many contributions, `PREFIX0.example` and on. */
export async function fill(store: PoolStore, count: number, prefix = "d"): Promise<void> {
	const edits = puts(count, prefix);
	for (let i = 0; i < edits.length; i += 1000) await store.commit(edits.slice(i, i + 1000), []);
}

export interface Node extends Lines {
	readonly follower: Follower;
	readonly replica: Replica;
	readonly clock: PoolClock;
	/** Domains named by the callbacks, in order. */
	readonly touched: string[];
	readonly replaced: (readonly string[] | "many")[];
	/** Waits until it has taken in all that is in the store. */
	level(store: PoolStore): Promise<void>;
}

export interface NodeOptions {
	readonly limits?: LimitSettings;
	readonly pace?: Partial<Pace>;
	readonly now?: () => number;
	readonly touched?: (domains: readonly string[]) => void | Promise<void>;
	readonly replaced?: () => void;
	readonly storeTells?: boolean;
}

/** Started, and stopped in `t`'s teardown before the replica is closed. */
export function startNode(t: Test, store: PoolStore, replica: Replica, options: NodeOptions = {}): Node {
	const lines = logLines();
	const { log } = lines;
	const { now = Date.now } = options;
	const touched: string[] = [];
	const replaced: (readonly string[] | "many")[] = [];
	const clock = new PoolClock({ now, log, everyMs: 120_000 });
	const follower = new Follower({
		store,
		replica,
		clock,
		log,
		limits: options.limits ?? LIMITS,
		callbacks: {
			touched: async (domains) => {
				touched.push(...domains);
				await options.touched?.(domains);
			},
			replaced: (domains) => {
				replaced.push(domains);
				options.replaced?.();
			},
		},
		random: Math.random,
		storeTells: options.storeTells ?? false,
		pace: { ...QUICK, ...options.pace },
	});
	t.teardown(() => follower.stop());
	follower.start();
	async function level(other: PoolStore): Promise<void> {
		await until("the node is level", async () => {
			// It may be away, or still loading.
			const head = await other.head().catch(() => undefined);
			const { position } = replica;
			return head !== undefined && position?.epoch === head.epoch && position.seq === head.seq;
		});
	}
	return { ...lines, follower, replica, clock, touched, replaced, level };
}
