/** A pool that is kept on this node's disk: its state is the replica's, and nothing is stored twice. */
import type { AuditEntry, Edit, NewAuditEntry, PoolRecord, Position } from "../record.ts";
import { domainOf, isRecordKey, memberOf } from "../record-key.ts";
import type { Committed, PoolStore, SightingSum, StagedBatch } from "../store.ts";
import { MAX_EDITS, PoolUnavailable } from "../store.ts";
import { ChangeLog } from "./change-log.ts";
import { CommitBell, type CommitListener } from "./commit-bell.ts";
import { DiskFault, type Table } from "./environment.ts";
import { Journal } from "./journal.ts";
import type { LmdbReplica } from "./lmdb-replica.ts";
import { Outcomes } from "./outcomes.ts";
import { unpacked } from "./packed-key.ts";
import { SightingBook } from "./sighting-book.ts";
import { StagedBatches } from "./staged-batches.ts";
import type { PoolState, Turn } from "./state.ts";

export interface EmbeddedStoreParts {
	/** Milliseconds since the epoch. */
	readonly now: () => number;
	/** Draws epochs and tokens: text that comes once. */
	readonly draw: () => string;
	/** How many changes the log keeps. */
	readonly keepChanges: number;
}

/** Records of one page of a scan. */
const PAGE = 2000;
/** After a restoration that touched more domains than this, they are not named. */
const MOST_NAMED = 100_000;

export class EmbeddedStore implements PoolStore {
	readonly kind = "embedded";
	readonly replica: LmdbReplica;
	readonly #state: PoolState;
	readonly #parts: EmbeddedStoreParts;
	readonly #log: ChangeLog;
	readonly #journal: Journal;
	readonly #batches: StagedBatches;
	readonly #outcomes: Outcomes;
	readonly #sightings: SightingBook;
	readonly #bell = new CommitBell();
	/** While the pool is restored, whoever wants to write waits for it. */
	#restoring: Promise<void> | undefined;

	/** Opens tables: nothing may have been read yet. Throws DiskFault. */
	constructor(state: PoolState, replica: LmdbReplica, parts: EmbeddedStoreParts) {
		const { environment } = state;
		const table = (name: string): Table => {
			const found = environment.table(name);
			if (found === undefined) throw new DiskFault(`cannot make the table ${name} in ${environment.folder}`);
			return found;
		};
		this.#state = state;
		this.replica = replica;
		this.#parts = parts;
		const [log, audit, batches, edits] = ["log", "audit", "batches", "batch-edits"].map(table);
		const [outcomes, sums, reports] = ["outcomes", "sightings", "reports"].map(table);
		this.#log = new ChangeLog(environment, log, parts.keepChanges);
		this.#journal = new Journal(environment, audit);
		this.#batches = new StagedBatches(environment, batches, edits);
		this.#outcomes = new Outcomes(environment, outcomes);
		this.#sightings = new SightingBook(environment, sums, reports);
	}

	/** Calls back after each commit with the domains that it touched. @returns what ends it. */
	onCommitted(listener: CommitListener): () => void {
		return this.#bell.listen(listener);
	}

	async now(): Promise<number> {
		return this.#parts.now();
	}

	async head(): Promise<Position | undefined> {
		return this.#answer(() => this.#state.position);
	}

	async create(): Promise<Position> {
		return this.#write(() => {
			const known = this.#state.position;
			if (known !== undefined) return known;
			const position = { epoch: this.#parts.draw(), seq: 0, token: "" };
			this.#state.edit(() => position);
			return position;
		});
	}

	/** Throws RangeError for more than MAX_EDITS edits, and Error for a key that is none. */
	async commit(
		edits: readonly Edit[],
		audit: readonly NewAuditEntry[],
		expected?: string,
	): Promise<Committed> {
		if (edits.length > MAX_EDITS)
			throw new RangeError(`${edits.length} edits are too many for one commit of ${MAX_EDITS}`);
		for (const { key } of edits) {
			if (!isRecordKey(key))
				throw new Error(`${JSON.stringify(key).slice(0, 200)} is not the key of a record`);
		}
		return this.#write(() => {
			const { epoch } = this.#head();
			if (expected !== undefined && expected !== epoch) {
				throw new PoolUnavailable(
					`the pool was replaced by another one: it has the epoch ${epoch}, and not ${expected}`,
				);
			}
			return { position: this.#edit(edits, (now) => this.#journal.append(audit, now)) };
		});
	}

	async read(domain: string): Promise<readonly PoolRecord[]> {
		return this.#answer(() => this.replica.read(domain));
	}

	async *scan(): AsyncGenerator<readonly PoolRecord[]> {
		const pages = this.replica.pages(PAGE);
		try {
			for (;;) {
				const next = this.#answer(() => pages.next());
				if (next.done === true) return;
				yield next.value;
				this.replica.releasePages();
			}
		} finally {
			pages.return(undefined);
		}
	}

	async changesSince(position: Position, limit: number): ReturnType<PoolStore["changesSince"]> {
		return this.#answer(() => {
			const head = this.#state.position;
			return head === undefined ? "lost" : this.#log.since(position, head, limit);
		});
	}

	async wait(position: Position, timeoutMs: number, signal: AbortSignal): Promise<void> {
		const head = this.#answer(() => this.#state.position);
		if (head === undefined || head.epoch !== position.epoch || head.seq !== position.seq) return;
		await this.#bell.wait(timeoutMs, signal);
	}

	async sweep(node: string, limit: number): Promise<number> {
		let swept = 0;
		for (let more = true; more && swept < limit; ) {
			const step = Math.min(limit - swept, MAX_EDITS);
			const count = await this.#write(() => this.#sweep(node, step));
			swept += count;
			more = count === step;
		}
		return swept;
	}

	async stage(
		batch: Omit<StagedBatch, "edits" | "puts" | "deletes" | "applied" | "touched">,
		edits: AsyncIterable<readonly Edit[]>,
	): Promise<StagedBatch> {
		await this.#restored();
		try {
			return await this.#batches.stage(batch, edits, this.#parts.now);
		} catch (error) {
			throw this.#unavailable(error);
		}
	}

	async batches(): Promise<readonly StagedBatch[]> {
		return this.#answer(() => this.#batches.all());
	}

	async batchEdits(id: string, from: number, limit: number): Promise<readonly Edit[]> {
		return this.#answer(() => this.#batches.edits(id, from, limit));
	}

	async release(id: string, audit: NewAuditEntry): Promise<boolean> {
		return this.#decide(id, audit, (batch) => {
			this.#batches.put({ ...batch, state: "applying", touched: this.#parts.now() });
		});
	}

	async drop(id: string, audit: NewAuditEntry): Promise<boolean> {
		return this.#decide(id, audit, () => this.#batches.remove(id));
	}

	/** Rejects when the batch is still held. */
	async advance(id: string): Promise<{ readonly done: boolean; readonly position: Position }> {
		return this.#write(() => {
			const batch = this.#batches.get(id);
			if (batch === undefined) return { done: true, position: this.#head() };
			if (batch.state === "held")
				throw new Error(`batch ${id} is held: it has to be approved before it is applied`);
			const edits = this.#batches.edits(id, batch.applied, MAX_EDITS);
			const applied = batch.applied + edits.length;
			const done = applied >= batch.edits || edits.length === 0;
			const position = this.#edit(edits, (now) => {
				if (done) this.#batches.remove(id);
				else this.#batches.put({ ...batch, applied, touched: now });
			});
			return { done, position };
		});
	}

	async remember(key: string, outcome: string): Promise<string | undefined> {
		return this.#write(() =>
			this.#state.environment.transact(() => this.#outcomes.remember(key, outcome, this.#parts.now())),
		);
	}

	async recall(key: string): Promise<string | undefined> {
		return this.#answer(() => this.#outcomes.recall(key, this.#parts.now()));
	}

	async audit(after: string | undefined, limit: number): Promise<readonly AuditEntry[]> {
		return this.#answer(() => this.#journal.read(after, limit));
	}

	async addSightings(report: string, sums: readonly SightingSum[]): Promise<void> {
		return this.#write(() =>
			this.#state.environment.transact(() => this.#sightings.add(report, sums, this.#parts.now())),
		);
	}

	async sightings(domains: readonly string[], since: number): Promise<readonly SightingSum[]> {
		return this.#answer(() => this.#sightings.read(domains, since, this.#parts.now()));
	}

	/** The audit and the sightings stay: nothing else is told of what was before. When it rejects, all is as it was. */
	async restore(records: AsyncIterable<readonly PoolRecord[]>, audit: NewAuditEntry): Promise<Position> {
		await this.#restored();
		let over = () => {};
		this.#restoring = new Promise((resolve) => {
			over = resolve;
		});
		try {
			const replacement = this.#answer(() => this.replica.replace());
			try {
				for await (const page of records) await replacement.put(page);
				const position = { epoch: this.#parts.draw(), seq: 0, token: "" };
				const domains = await replacement.finish(position, MOST_NAMED, () => {
					this.#log.clear();
					this.#batches.clear();
					this.#outcomes.clear();
					this.#journal.append([audit], this.#parts.now());
				});
				this.#bell.ring(domains);
				return position;
			} finally {
				await replacement.drop();
			}
		} catch (error) {
			throw this.#unavailable(error);
		} finally {
			this.#restoring = undefined;
			over();
		}
	}

	/** Nobody waits on it any more; the replica is closed with it. */
	async close(): Promise<void> {
		await this.replica.close();
		this.#bell.wake();
	}

	#head(): Position {
		const head = this.#state.position;
		if (head === undefined)
			throw new PoolUnavailable(`there is no pool in ${this.#state.environment.folder} yet`);
		return head;
	}

	/** Makes the edits that change something, and what is to be written `alongside`, at once. */
	#edit(edits: readonly Edit[], alongside: (now: number, turn: Turn) => void): Position {
		const head = this.#head();
		const token = this.#parts.draw();
		let { seq } = head;
		const domains = this.#state.edit((turn) => {
			for (const edit of edits) {
				if (!turn.differs(edit.key, edit.value)) continue;
				seq++;
				turn.edit(edit.key, edit.value, seq);
				this.#log.append(edit, seq, token);
			}
			this.#log.trim(seq);
			alongside(this.#parts.now(), turn);
			return seq === head.seq ? head : { epoch: head.epoch, seq, token };
		});
		this.replica.edited(edits.length);
		if (seq === head.seq) return head;
		this.#bell.ring(domains);
		return { epoch: head.epoch, seq, token };
	}

	#sweep(node: string, limit: number): number {
		if (this.#state.position === undefined) return 0;
		const keys: string[] = [];
		for (const key of this.#state.active.expired(this.#parts.now())) {
			if (keys.push(unpacked(key)) >= limit) break;
		}
		if (keys.length === 0) return 0;
		const edits = keys.map((key) => ({ key, value: undefined }));
		this.#edit(edits, (now) => {
			const entries = keys.map((key) => ({
				actor: "cordon",
				node,
				from: "expiry",
				action: "expire",
				details: { domain: domainOf(key), member: memberOf(key) ?? "" },
			}));
			this.#journal.append(entries, now);
		});
		return keys.length;
	}

	#decide(id: string, audit: NewAuditEntry, decide: (batch: StagedBatch) => void): Promise<boolean> {
		return this.#write(() => {
			const batch = this.#batches.get(id);
			if (batch?.state !== "held") return false;
			this.#state.environment.transact(() => {
				decide(batch);
				this.#journal.append([audit], this.#parts.now());
			});
			return true;
		});
	}

	async #restored(): Promise<void> {
		while (this.#restoring !== undefined) await this.#restoring;
	}

	async #write<T>(work: () => T): Promise<T> {
		await this.#restored();
		return this.#answer(work);
	}

	#answer<T>(work: () => T): T {
		try {
			this.#state.environment.assertOpen();
			return work();
		} catch (error) {
			throw this.#unavailable(error);
		}
	}

	#unavailable(error: unknown): unknown {
		const fault = this.#state.environment.fault(error);
		return fault instanceof DiskFault ? new PoolUnavailable(fault.message, { cause: error }) : fault;
	}
}
