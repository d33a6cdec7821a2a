/** The shared pool in Redis. docs/pool.md and keys.ts say what is where. */
import { randomBytes } from "node:crypto";
import type { RedisSettings } from "../../config/pool-settings.ts";
import type { Log } from "../../observe/log.ts";
import type { AuditEntry, Edit, NewAuditEntry, PoolRecord, Position } from "../record.ts";
import {
	type Committed,
	type Gap,
	MAX_EDITS,
	type PoolStore,
	type SightingSum,
	type StagedBatch,
} from "../store.ts";
import { readAudit } from "./audit.ts";
import { RedisRetention } from "./audit-retention.ts";
import { Batches, type NewBatch } from "./batches.ts";
import { changesSince, type Followed } from "./changes.ts";
import { checkEdit, packEdits } from "./edits.ts";
import { Faults } from "./fault.ts";
import { entryArguments, Ground } from "./ground.ts";
import { BUCKETS, Keys } from "./keys.ts";
import { Link } from "./link.ts";
import { COMMIT } from "./lua.ts";
import { CREATE } from "./lua-read.ts";
import { FORMAT } from "./meta.ts";
import { recallOutcome, rememberOutcome } from "./outcomes.ts";
import { restorePool } from "./restore.ts";
import { readDomain, scanPool } from "./scan.ts";
import { addSightings, readSightings } from "./sightings.ts";
import { serverTime, sweepPool } from "./sweep.ts";
import { Watch } from "./watch.ts";

/** How many changes the log keeps: a node that was away for longer takes over the state instead. */
const KEEP_CHANGES = 1_000_000;

export interface RedisStoreOptions {
	/**
	 * At each change of state, not at each attempt to connect. Up with a problem: the pool can be read, but takes no changes
	 * at present. It is logged already.
	 */
	readonly onState?: (up: boolean, problem?: string) => void;
	/** Milliseconds since the epoch; the clock of the system by default. */
	readonly now?: () => number;
	/** So many random bytes, in hexadecimal. */
	readonly draw?: (bytes: number) => string;
	/** From 0 to 1, for the jitter of reconnecting. */
	readonly random?: () => number;
	/** At least so many changes are kept in the log; a million by default. */
	readonly keepChanges?: number;
}

/**
 * Opens the pool `pool` and resolves when the first attempt to connect has come to something, whatever that is: a Redis
 * that is down is tried again for ever, and meanwhile every method rejects at once with PoolUnavailable that says why.
 *
 * @param node the name of this node, as CLIENT LIST shows it.
 */
export async function openRedisStore(
	settings: RedisSettings,
	pool: string,
	node: string,
	log: Log,
	options: RedisStoreOptions = {},
): Promise<RedisStore> {
	const store = new RedisStore(settings, pool, node, log, options);
	await store.settled();
	return store;
}

export class RedisStore implements PoolStore {
	readonly kind = "redis";
	readonly #ground: Ground;
	readonly #link: Link;
	readonly #watch: Watch;
	readonly #batches: Batches;
	readonly retention: RedisRetention;
	/** What goes on in the background: deleting what is left of old pools. */
	readonly #later = new Set<Promise<void>>();

	constructor(
		settings: RedisSettings,
		pool: string,
		node: string,
		log: Log,
		options: RedisStoreOptions = {},
	) {
		const {
			onState,
			now = Date.now,
			random = Math.random,
			draw = (bytes) => randomBytes(bytes).toString("hex"),
			keepChanges = KEEP_CHANGES,
		} = options;
		const keys = new Keys(settings.prefix, pool);
		const faults = new Faults(settings);
		const shared = { settings, faults, meta: keys.meta, random };
		this.#link = new Link({
			...shared,
			name: `cordon-${node}`,
			blocking: false,
			log,
			...(onState === undefined ? {} : { onState }),
		});
		const { waitReplicas, timeoutMs } = settings;
		this.#ground = new Ground({
			pool,
			keys,
			link: this.#link,
			faults,
			log,
			waitReplicas,
			timeoutMs,
			keepChanges,
			draw,
			now,
		});
		this.#watch = new Watch(
			this.#ground,
			() => new Link({ ...shared, name: `cordon-${node}-follow`, blocking: true }),
		);
		this.#batches = new Batches(this.#ground);
		this.retention = new RedisRetention(this.#ground);
	}

	/** Whether Redis can be reached. */
	get up(): boolean {
		return this.#link.up;
	}

	/** Why it cannot be reached, or why it takes no changes although it can; one sentence for the operator. */
	get problem(): string | undefined {
		return this.#link.problem;
	}

	/** What should be set up differently at the server, one sentence each. */
	get warnings(): readonly string[] {
		return this.#link.warnings;
	}

	/** Resolves when it is connected or when an attempt has failed. */
	async settled(): Promise<void> {
		await this.#link.settled();
	}

	async now(): Promise<number> {
		return serverTime(this.#ground);
	}

	/** Milliseconds by which this node's clock runs ahead of that of Redis; half a round trip off at most. */
	async clockAheadMs(): Promise<number> {
		const { now } = this.#ground.options;
		const before = now();
		const theirs = await this.now();
		return Math.round((before + now()) / 2 - theirs);
	}

	async head(): Promise<Position | undefined> {
		return (await this.#ground.fetchMeta())?.position;
	}

	async create(): Promise<Position> {
		const { keys, options } = this.#ground;
		await this.#ground.write(CREATE, [keys.meta], [options.draw(10), BUCKETS, FORMAT], true);
		const head = await this.head();
		if (head === undefined) throw this.#ground.missing();
		return head;
	}

	async commit(
		edits: readonly Edit[],
		audit: readonly NewAuditEntry[],
		expected?: string,
	): Promise<Committed> {
		if (edits.length > MAX_EDITS) {
			throw new RangeError(`a commit takes ${MAX_EDITS} edits at most, not ${edits.length}: split it`);
		}
		for (const edit of edits) checkEdit(edit);
		const ground = this.#ground;
		return ground.inEpoch(async (meta) => {
			const { epoch } = meta.position;
			if (expected !== undefined && expected !== epoch) {
				// What we remember may be old.
				const fresh = await ground.fetchMeta();
				if (fresh === undefined) throw ground.missing();
				if (fresh.position.epoch !== expected) throw ground.replaced();
				return "epoch";
			}
			const writing = ground.writingKeys(epoch);
			const packed = packEdits(edits, writing.length + 1, meta, ground.keys);
			const answer = await ground.write(
				COMMIT,
				[...writing, ...packed.keys],
				[
					...ground.writingArguments(epoch),
					audit.length,
					edits.length,
					...audit.flatMap(entryArguments),
					...packed.args,
				],
				edits.some((edit) => edit.value !== undefined),
			);
			return answer.word === "epoch" ? "epoch" : { position: ground.position(epoch, answer) };
		});
	}

	async read(domain: string): Promise<readonly PoolRecord[]> {
		return readDomain(this.#ground, domain);
	}

	scan(): AsyncIterable<readonly PoolRecord[]> {
		return scanPool(this.#ground);
	}

	async changesSince(position: Position, limit: number): Promise<Followed | Gap> {
		return changesSince(this.#ground, position, limit);
	}

	async wait(position: Position, timeoutMs: number, signal: AbortSignal): Promise<void> {
		await this.#watch.wait(position, timeoutMs, signal);
	}

	async sweep(node: string, limit: number): Promise<number> {
		return sweepPool(this.#ground, node, limit);
	}

	async stage(batch: NewBatch, edits: AsyncIterable<readonly Edit[]>): Promise<StagedBatch> {
		return this.#batches.stage(batch, edits);
	}

	async batches(): Promise<readonly StagedBatch[]> {
		return this.#batches.list();
	}

	async batchEdits(id: string, from: number, limit: number): Promise<readonly Edit[]> {
		return this.#batches.edits(id, from, limit);
	}

	async release(id: string, audit: NewAuditEntry): Promise<boolean> {
		return this.#batches.settle(id, "release", audit);
	}

	async drop(id: string, audit: NewAuditEntry): Promise<boolean> {
		return this.#batches.settle(id, "drop", audit);
	}

	async advance(id: string): Promise<{ readonly done: boolean; readonly position: Position }> {
		return this.#batches.advance(id);
	}

	async remember(key: string, outcome: string): Promise<string | undefined> {
		return rememberOutcome(this.#ground, key, outcome);
	}

	async recall(key: string): Promise<string | undefined> {
		return recallOutcome(this.#ground, key);
	}

	async audit(after: string | undefined, limit: number): Promise<readonly AuditEntry[]> {
		return readAudit(this.#ground, after, limit);
	}

	async addSightings(report: string, sums: readonly SightingSum[]): Promise<void> {
		await addSightings(this.#ground, report, sums);
	}

	async sightings(domains: readonly string[], since: number): Promise<readonly SightingSum[]> {
		return readSightings(this.#ground, domains, since);
	}

	async restore(records: AsyncIterable<readonly PoolRecord[]>, audit: NewAuditEntry): Promise<Position> {
		return restorePool(this.#ground, records, audit, (work) => this.#afterwards(work));
	}

	async close(): Promise<void> {
		this.#watch.close();
		await Promise.all(this.#later);
		this.#link.close();
	}

	#afterwards(work: Promise<void>): void {
		const done = work
			.catch((error: unknown) => {
				// The next sweep finds it again.
				this.#ground.options.log.debug("What is left of a former pool could not be deleted yet", { error });
			})
			.finally(() => this.#later.delete(done));
		this.#later.add(done);
	}
}
