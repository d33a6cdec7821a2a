/** The shared pool of a running node, put together: store, replica, sync, judge, desk, and the way to the answers. */
import { randomBytes } from "node:crypto";
import type { BlocklistIndex } from "../../blocklist/index.ts";
import type { SharedBlocklist } from "../../blocklist/shared-blocklist.ts";
import type { SnapshotAbout } from "../../blocklist/snapshot.ts";
import { type PoolSettings, toPoolSettings } from "../../config/pool-settings.ts";
import type { Config } from "../../config/schema.ts";
import type { FromLibrarian, PoolJob } from "../../librarian/job.ts";
import type { Log } from "../../observe/log.ts";
import type { PoolExplanation, PoolState } from "../../observe/status.ts";
import { Desk } from "../../pool/desk/desk.ts";
import { opinionOn } from "../../pool/desk/opinions.ts";
import type { PoolDesk } from "../../pool/desk.ts";
import { kindOf, memberOf } from "../../pool/record-key.ts";
import { PoolClock } from "../../pool/sync/clock.ts";
import { Housekeeper } from "../../pool/sync/housekeeper.ts";
import { MomentWatch } from "../../pool/sync/moment-watch.ts";
import { Feeds } from "./feeds.ts";
import { Judging } from "./judging.ts";
import { prepareOperatorToken } from "./operator-token.ts";
import { Overlays } from "./overlays.ts";
import type { PoolSide } from "./side.ts";
import { Sightings } from "./sightings.ts";
import { explanationOf } from "./state.ts";
import { openStorage, type PoolStorage } from "./storage.ts";
import { Verdicts } from "./verdicts.ts";

const CLOCK_EVERY_MS = 5 * 60_000;

/** What the pool needs of the node around it. */
export interface SharedPoolParts {
	readonly log: Log;
	/** Of the hashes of names. */
	readonly seed: () => number;
	/** The blocklist in use. */
	readonly index: () => BlocklistIndex | undefined;
	readonly recompile: () => Promise<void>;
	/** Hands a larger overlay to whoever reads the blocklist in use. */
	readonly lay: (overlay: SharedArrayBuffer) => void;
	readonly releaseFilePages: (path: string) => void;
	/** Gives memory that a large piece of work left behind back to the system. */
	readonly tidy: () => void;
}

export class SharedPool implements PoolSide {
	readonly #clock: PoolClock;
	readonly #storage: PoolStorage;
	readonly #judging: Judging;
	readonly #overlays: Overlays;
	readonly #verdicts: Verdicts;
	readonly #desk: Desk;
	readonly #moments: MomentWatch;
	readonly #housekeeper: Housekeeper;
	readonly #sightings: Sightings;
	readonly #feeds: Feeds;
	readonly #tidy: () => void;
	#config: Config;
	#settings: PoolSettings;
	/** The blocklist in use says what counted at this moment, by the pool's clock. */
	#judgedAt = 0;

	/** Rejects with a message for the operator when the data folder cannot hold it. */
	static async open(config: Config, parts: SharedPoolParts): Promise<SharedPool> {
		const settings = toPoolSettings(config);
		const clock = new PoolClock({ now: Date.now, log: parts.log, everyMs: CLOCK_EVERY_MS });
		// What is put together here is told of changes only once it is started.
		const pool: { made?: SharedPool } = {};
		const storage = await openStorage(settings, {
			dataDir: config.dataDir,
			log: parts.log,
			clock,
			releaseFilePages: parts.releaseFilePages,
			changes: {
				touched: (domains) => pool.made?.touched(domains),
				replaced: (domains) => pool.made?.replaced(domains),
			},
		});
		try {
			pool.made = new SharedPool(config, settings, parts, clock, storage);
		} catch (error) {
			await storage.close();
			throw error;
		}
		return pool.made;
	}

	private constructor(
		config: Config,
		settings: PoolSettings,
		parts: SharedPoolParts,
		clock: PoolClock,
		storage: PoolStorage,
	) {
		const { log } = parts;
		const { store, replica } = storage;
		this.#config = config;
		this.#settings = settings;
		this.#clock = clock;
		this.#storage = storage;
		this.#tidy = parts.tidy;
		this.#judging = new Judging(settings, replica, config.dataDir);
		this.#overlays = new Overlays(parts.seed, parts.lay);
		const judge = () => this.#judging.judge;
		const now = () => clock.now();
		const { index, recompile } = parts;
		this.#verdicts = new Verdicts({ replica, judge, now, overlays: this.#overlays, index, recompile });
		this.#desk = new Desk({
			store,
			replica,
			judge,
			guard: () => this.#judging.guard,
			settings: () => this.#settings,
			lists: () => new Set(this.#config.lists.map((list) => list.name)),
			operatorTokenHash: prepareOperatorToken(config.dataDir),
			caughtUp: (position) => storage.caughtUp(position),
			onTrustChanged: () => void this.#trustChanged(),
			heldPool: storage.heldPool,
			sync: () => ({ ...storage.following, verdicts: this.#verdicts.counts }),
			now,
			random: (bytes) => randomBytes(bytes),
			log,
		});
		const touched = (domains: readonly string[]) => this.touched(domains);
		this.#moments = new MomentWatch({ replica, clock, log, touched });
		this.#housekeeper = new Housekeeper({
			store,
			node: settings.node,
			log,
			audit: () => this.#settings.audit,
			resumeBatches: () => this.#desk.resumeBatches(),
			random: Math.random,
		});
		this.#sightings = new Sightings({ store, network: settings.network, log, now, index });
		this.#feeds = new Feeds({ desk: this.#desk, log });
	}

	get desk(): PoolDesk {
		return this.#desk;
	}

	/** The blocklist in use is there: from now on the pool is followed. */
	start(): void {
		this.#storage.start();
		this.#moments.start(this.#judgedAt);
		this.#housekeeper.start();
		void this.#desk.open();
	}

	/** Whether another configuration leaves the store as it is; if not, another pool has to be opened. */
	isKeptBy(config: Config): boolean {
		const { store, name, node, network, redis } = config.pool;
		const now = this.#config.pool;
		return (
			config.dataDir === this.#config.dataDir &&
			JSON.stringify([store, name, node, network, redis]) ===
				JSON.stringify([now.store, now.name, now.node, now.network, now.redis])
		);
	}

	/** Another configuration for the same store. */
	use(config: Config): void {
		this.#config = config;
		this.#settings = toPoolSettings(config);
		this.#storage.use(this.#settings);
		this.#judging.use(this.#settings);
		void this.#desk.judgeChanged();
	}

	async touched(domains: readonly string[]): Promise<void> {
		// The records of members have no domain.
		if (domains.includes("")) {
			this.#desk.membersChanged();
		}
		await this.#verdicts.touched(domains);
		await this.#desk.touched(domains);
		this.#moments.look();
	}

	async replaced(domains: readonly string[] | "many"): Promise<void> {
		this.#tidy();
		this.#judging.membersChanged();
		if (domains === "many") this.#verdicts.compileSoon();
		else await this.#verdicts.touched(domains);
		await this.#desk.replaced();
		this.#moments.look();
	}

	job(): PoolJob {
		return { settings: this.#settings, clockOffsetMs: -this.#clock.aheadMs };
	}

	async prepare(about: SnapshotAbout, compiled: BlocklistIndex): Promise<void> {
		this.#judgedAt = this.#clock.now();
		await this.#verdicts.fill(this.#overlays.begin(), about, compiled);
	}

	dress(entryCount: number): Pick<SharedBlocklist, "overlay" | "hits"> {
		this.#overlays.adopt();
		this.#verdicts.adopted();
		const hits = this.#settings.sightings ? new SharedArrayBuffer(entryCount * 4) : undefined;
		return { overlay: this.#overlays.memory, hits };
	}

	async settled(about: SnapshotAbout, before: BlocklistIndex | undefined): Promise<void> {
		this.#sightings.collect(before);
		if (about.pool !== undefined) await this.#storage.replica.settled(about.pool.seq);
		this.#storage.replica.releasePages();
	}

	hear(message: Extract<FromLibrarian, { kind: "protected" | "feed" }>): void {
		if (message.kind === "feed") this.#feeds.hear(message);
		else this.#judging.protect(message.memory);
	}

	explain(name: string): PoolExplanation | undefined {
		const { replica } = this.#storage;
		return explanationOf(
			opinionOn(name, { replica, judge: () => this.#judging.judge, now: () => this.#clock.now() }),
		);
	}

	state(): PoolState {
		const { position, verdicts, ...status } = this.#desk.status();
		return {
			...status,
			seq: position?.seq ?? 0,
			blockedDomains: verdicts.block,
			loggedDomains: verdicts.logOnly,
			changedDomains: this.#overlays.size,
			sightingsLost: this.#sightings.lost,
			auditEntries: this.#housekeeper.auditEntries,
			auditTrimmed: this.#housekeeper.trimmed,
		};
	}

	async close(): Promise<void> {
		this.#verdicts.close();
		await this.#moments.stop();
		await this.#housekeeper.stop();
		await this.#sightings.close();
		await this.#desk.close();
		await this.#storage.close();
	}

	/** Somebody counts no longer, or again: all that they say is judged anew. */
	async #trustChanged(): Promise<void> {
		const changed = new Set(this.#judging.membersChanged());
		if (changed.size === 0) return;
		await this.#verdicts.spokenOfBy((records) =>
			records.some(({ key }) => kindOf(key) !== "member" && changed.has(memberOf(key) ?? "")),
		);
	}
}
