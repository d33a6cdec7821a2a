/** A pool that is kept on this node's disk: its state is the replica's, and nothing is stored twice. */
import type { AuditEntry, Edit, NewAuditEntry, PoolRecord, Position } from "../record.ts";
import { isRecordKey } from "../record-key.ts";
import type { Committed, PoolStore, SightingSum, StagedBatch } from "../store.ts";
import { MAX_EDITS, PoolUnavailable } from "../store.ts";
import { Access } from "./access.ts";
import { EmbeddedRetention } from "./audit-retention.ts";
import { Books } from "./books.ts";
import { CommitBell, type CommitListener } from "./commit-bell.ts";
import { expiry } from "./expiry.ts";
import type { LmdbReplica } from "./lmdb-replica.ts";
import type { PoolState } from "./state.ts";

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
	readonly #books: Books;
	readonly #bell = new CommitBell();
	readonly #access: Access;
	readonly retention: EmbeddedRetention;

	/** Opens tables: nothing may have been read yet. Throws DiskFault. */
	constructor(state: PoolState, replica: LmdbReplica, parts: EmbeddedStoreParts) {
		this.#state = state;
		this.replica = replica;
		this.#parts = parts;
		const { environment } = state;
		this.#books = new Books(environment, parts.keepChanges);
		this.#access = new Access(environment, parts.now);
		const { retention: fields, journal } = this.#books;
		this.retention = new EmbeddedRetention({ environment, fields, journal, access: this.#access });
	}

	/** Calls back after each commit with the domains that it touched. @returns what ends it. */
	onCommitted(listener: CommitListener): () => void {
		return this.#bell.listen(listener);
	}

	async now(): Promise<number> {
		return this.#parts.now();
	}

	async head(): Promise<Position | undefined> {
		return this.#access.answer(() => this.#state.position);
	}

	async create(): Promise<Position> {
		return this.#access.write(() => {
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
		return this.#access.write(() => {
			const { epoch } = this.#head();
			if (expected !== undefined && expected !== epoch) {
				throw new PoolUnavailable(
					`the pool was replaced by another one: it has the epoch ${epoch}, and not ${expected}`,
				);
			}
			return { position: this.#edit(edits, (now) => this.#books.journal.append(audit, now)) };
		});
	}

	async read(domain: string): Promise<readonly PoolRecord[]> {
		return this.#access.answer(() => this.replica.read(domain));
	}

	async *scan(): AsyncGenerator<readonly PoolRecord[]> {
		const pages = this.replica.pages(PAGE);
		try {
			for (;;) {
				const next = this.#access.answer(() => pages.next());
				if (next.done === true) return;
				yield next.value;
				this.replica.releasePages();
			}
		} finally {
			pages.return(undefined);
		}
	}

	async changesSince(position: Position, limit: number): ReturnType<PoolStore["changesSince"]> {
		return this.#access.answer(() => {
			const head = this.#state.position;
			return head === undefined ? "lost" : this.#books.log.since(position, head, limit);
		});
	}

	async wait(position: Position, timeoutMs: number, signal: AbortSignal): Promise<void> {
		const head = this.#access.answer(() => this.#state.position);
		if (head === undefined || head.epoch !== position.epoch || head.seq !== position.seq) return;
		await this.#bell.wait(timeoutMs, signal);
	}

	async sweep(node: string, limit: number): Promise<number> {
		let swept = 0;
		for (let more = true; more && swept < limit; ) {
			const step = Math.min(limit - swept, MAX_EDITS);
			const count = await this.#access.write(() => this.#sweep(node, step));
			swept += count;
			more = count === step;
		}
		return swept;
	}

	async stage(...[batch, edits]: Parameters<PoolStore["stage"]>): Promise<StagedBatch> {
		await this.#access.gate.passed();
		try {
			return await this.#books.batches.stage(batch, edits, this.#parts.now);
		} catch (error) {
			throw this.#access.unavailable(error);
		}
	}

	async batches(): Promise<readonly StagedBatch[]> {
		return this.#access.answer(() => this.#books.batches.all());
	}

	async batchEdits(id: string, from: number, limit: number): Promise<readonly Edit[]> {
		return this.#access.answer(() => this.#books.batches.edits(id, from, limit));
	}

	async release(id: string, audit: NewAuditEntry): Promise<boolean> {
		return this.#decide(id, audit, (batch, now) => {
			this.#books.batches.put({ ...batch, state: "applying", touched: now });
		});
	}

	async drop(id: string, audit: NewAuditEntry): Promise<boolean> {
		return this.#decide(id, audit, () => this.#books.batches.remove(id));
	}

	/** Rejects when the batch is still held. */
	async advance(id: string): Promise<{ readonly done: boolean; readonly position: Position }> {
		return this.#access.write(() => {
			const batch = this.#books.batches.get(id);
			if (batch === undefined) return { done: true, position: this.#head() };
			if (batch.state === "held")
				throw new Error(`batch ${id} is held: it has to be approved before it is applied`);
			const edits = this.#books.batches.edits(id, batch.applied, MAX_EDITS);
			const applied = batch.applied + edits.length;
			const done = applied >= batch.edits || edits.length === 0;
			const position = this.#edit(edits, (now) => {
				if (done) this.#books.batches.remove(id);
				else this.#books.batches.put({ ...batch, applied, touched: now });
			});
			return { done, position };
		});
	}

	async remember(key: string, outcome: string): Promise<string | undefined> {
		return this.#access.record((now) => this.#books.outcomes.remember(key, outcome, now));
	}

	async recall(key: string): Promise<string | undefined> {
		return this.#access.answer(() => this.#books.outcomes.recall(key, this.#parts.now()));
	}

	async audit(after: string | undefined, limit: number): Promise<readonly AuditEntry[]> {
		return this.#access.answer(() => this.#books.journal.read(after, limit));
	}

	async addSightings(report: string, sums: readonly SightingSum[]): Promise<void> {
		return this.#access.record((now) => this.#books.sightings.add(report, sums, now));
	}

	async sightings(domains: readonly string[], since: number): Promise<readonly SightingSum[]> {
		return this.#access.answer(() => this.#books.sightings.read(domains, since, this.#parts.now()));
	}

	/** The audit and the sightings stay: nothing else is told of what was before. When it rejects, all is as it was. */
	async restore(records: AsyncIterable<readonly PoolRecord[]>, audit: NewAuditEntry): Promise<Position> {
		return this.#access.gate.shutFor(async () => {
			const replacement = this.#access.answer(() => this.replica.replace());
			try {
				for await (const page of records) await replacement.put(page);
				const position = { epoch: this.#parts.draw(), seq: 0, token: "" };
				const domains = await replacement.finish(position, MOST_NAMED, () => {
					this.#books.clear();
					this.#books.journal.append([audit], this.#parts.now());
				});
				this.#bell.ring(domains);
				return position;
			} catch (error) {
				throw this.#access.unavailable(error);
			} finally {
				await replacement.drop();
			}
		});
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
	#edit(edits: readonly Edit[], alongside: (now: number) => void): Position {
		const head = this.#head();
		const token = this.#parts.draw();
		let { seq } = head;
		const domains = this.#state.edit((turn) => {
			for (const edit of edits) {
				this.replica.edited();
				if (!turn.differs(edit.key, edit.value)) continue;
				seq++;
				turn.edit(edit.key, edit.value, seq);
				this.#books.log.append(edit, seq, token);
			}
			this.#books.log.trim(seq);
			alongside(this.#parts.now());
			return seq === head.seq ? head : { epoch: head.epoch, seq, token };
		});
		if (seq === head.seq) return head;
		this.#bell.ring(domains);
		return { epoch: head.epoch, seq, token };
	}

	#sweep(node: string, limit: number): number {
		if (this.#state.position === undefined) return 0;
		const { edits, audit } = expiry(this.#state.active, this.#parts.now(), limit, node);
		if (edits.length > 0) this.#edit(edits, (now) => this.#books.journal.append(audit, now));
		return edits.length;
	}

	#decide(
		id: string,
		audit: NewAuditEntry,
		decide: (batch: StagedBatch, now: number) => void,
	): Promise<boolean> {
		return this.#access.record((now) => {
			const batch = this.#books.batches.get(id);
			if (batch?.state !== "held") return false;
			decide(batch, now);
			this.#books.journal.append([audit], now);
			return true;
		});
	}
}
