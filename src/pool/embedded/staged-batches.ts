/** Batches that were brought in, and are not in the pool yet, or not all of them. */
import type { Edit } from "../record.ts";
import { isRecordKey } from "../record-key.ts";
import type { StagedBatch } from "../store.ts";
import type { Environment, Table } from "./environment.ts";
import { stamp } from "./packed-key.ts";

/** Edits that are stored as one value: a page of the database takes about 25. */
const CHUNK = 100;
const ID = /^[A-Za-z0-9-]{1,64}$/;

export type StoredEdit = readonly [string, string | null, number | null];

export function storedEdit([key, text, expiresAt]: StoredEdit): Edit {
	const edit = { key, value: text ?? undefined };
	return expiresAt === null ? edit : { ...edit, expiresAt };
}

export class StagedBatches {
	readonly #environment: Environment;
	readonly #batches: Table;
	/** By the batch's id and the stamp of the chunk's number. */
	readonly #edits: Table;
	/** Batches that are coming in, by id. */
	readonly #coming = new Map<string, symbol>();

	constructor(environment: Environment, batches: Table, edits: Table) {
		this.#environment = environment;
		this.#batches = batches;
		this.#edits = edits;
		this.#removeOrphans();
	}

	get(id: string): StagedBatch | undefined {
		const text = ID.test(id) ? this.#batches.get(id) : undefined;
		return text === undefined ? undefined : JSON.parse(text);
	}

	all(): StagedBatch[] {
		return [...this.#environment.range(this.#batches, { start: "\0" })].map(({ value }) => JSON.parse(value));
	}

	/** Within a transaction. */
	put(batch: StagedBatch): void {
		this.#batches.putSync(batch.id, JSON.stringify(batch));
	}

	/** Within a transaction. */
	remove(id: string): void {
		this.#batches.removeSync(id);
		this.#removeEdits(id);
	}

	/** Within a transaction. What is coming in is refused at its next part. */
	clear(): void {
		this.#coming.clear();
		this.#batches.clearSync();
		this.#edits.clearSync();
	}

	/** It is among the batches when all of it is stored; until then nobody sees it. */
	async stage(
		batch: Omit<StagedBatch, "edits" | "puts" | "deletes" | "applied" | "touched">,
		edits: AsyncIterable<readonly Edit[]>,
		now: () => number,
	): Promise<StagedBatch> {
		const { id, member, state, created, reason } = batch;
		if (!ID.test(id)) throw new Error(`the batch's id ${id} has to be 1 to 64 letters, digits and dashes`);
		if (this.#coming.has(id) || this.get(id) !== undefined) throw new Error(`there is a batch ${id} already`);
		const coming = Symbol(id);
		this.#coming.set(id, coming);
		const assertComing = () => {
			if (this.#coming.get(id) !== coming)
				throw new Error(`the pool was restored while batch ${id} came in: send it again`);
		};
		let stored = false;
		try {
			const { puts, deletes } = await this.#storeEdits(id, edits, assertComing);
			assertComing();
			const count = { edits: puts + deletes, puts, deletes, applied: 0, touched: now() };
			const staged: StagedBatch = { id, member, state, created, reason, ...count };
			this.#environment.transact(() => this.put(staged));
			stored = true;
			return staged;
		} finally {
			if (this.#coming.get(id) === coming) {
				this.#coming.delete(id);
				if (!stored && !this.#environment.closed) this.#environment.transact(() => this.#removeEdits(id));
			}
		}
	}

	edits(id: string, from: number, limit: number): Edit[] {
		const edits: Edit[] = [];
		const first = Math.floor(Math.max(from, 0) / CHUNK);
		const end = Math.max(from, 0) + limit;
		if (this.get(id) === undefined) return edits;
		const range = { start: `${id}\t${stamp(first)}`, end: `${id}\t${stamp(Math.ceil(end / CHUNK))}` };
		let at = first * CHUNK;
		for (const { value } of this.#environment.range(this.#edits, range)) {
			for (const stored of JSON.parse(value) as readonly StoredEdit[]) {
				if (at >= from && at < end) edits.push(storedEdit(stored));
				at++;
			}
		}
		return edits;
	}

	async #storeEdits(
		id: string,
		edits: AsyncIterable<readonly Edit[]>,
		assertComing: () => void,
	): Promise<{ puts: number; deletes: number }> {
		this.#environment.transact(() => this.#removeEdits(id));
		let puts = 0;
		let deletes = 0;
		let number = 0;
		let chunk: StoredEdit[] = [];
		for await (const part of edits) {
			const full: (readonly StoredEdit[])[] = [];
			for (const { key, value, expiresAt } of part) {
				if (!isRecordKey(key))
					throw new Error(`${JSON.stringify(key).slice(0, 200)} is not the key of a record`);
				if (value === undefined) deletes++;
				else puts++;
				if (chunk.push([key, value ?? null, expiresAt ?? null]) < CHUNK) continue;
				full.push(chunk);
				chunk = [];
			}
			assertComing();
			number = this.#storeChunks(id, number, full);
		}
		assertComing();
		this.#storeChunks(id, number, chunk.length > 0 ? [chunk] : []);
		return { puts, deletes };
	}

	#storeChunks(id: string, first: number, chunks: readonly (readonly StoredEdit[])[]): number {
		if (chunks.length === 0) return first;
		this.#environment.transact(() => {
			for (const [i, chunk] of chunks.entries()) {
				this.#edits.putSync(`${id}\t${stamp(first + i)}`, JSON.stringify(chunk));
			}
		});
		return first + chunks.length;
	}

	/** Within a transaction. */
	#removeEdits(id: string): void {
		for (const key of [...this.#environment.keys(this.#edits, { start: `${id}\t`, end: `${id}\n` })]) {
			this.#edits.removeSync(key);
		}
	}

	/** Of batches that were coming in when the process ended. */
	#removeOrphans(): void {
		for (let start = "\0"; ; ) {
			const [key] = [...this.#environment.keys(this.#edits, { start, limit: 1 })];
			if (key === undefined) return;
			const id = key.slice(0, key.indexOf("\t"));
			if (this.#batches.get(id) === undefined) this.#environment.transact(() => this.#removeEdits(id));
			start = `${id}\n`;
		}
	}
}
