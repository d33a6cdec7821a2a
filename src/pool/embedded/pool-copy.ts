/** The pool on disk as it is at one moment, while another process may go on writing it. */
import { join } from "node:path";
import type { CopiedBatch, PoolCopy } from "../pool-copy.ts";
import type { AuditEntry, Edit, PoolRecord, Position } from "../record.ts";
import type { SightingSum, StagedBatch } from "../store.ts";
import { DiskFault, Environment, type Table } from "./environment.ts";
import { afterStamp, stamped, unpacked } from "./packed-key.ts";
import { type StoredEdit, storedEdit } from "./staged-batches.ts";
import { FORMAT, type Keeper } from "./state.ts";

const PAGE = 1000;

export interface EmbeddedCopy extends PoolCopy {
	/** `redis`: the copy of a shared pool, which has records alone. */
	readonly keeper: Keeper;
	records(): Iterable<readonly PoolRecord[]>;
	audit(): Iterable<readonly AuditEntry[]>;
	batches(): Iterable<CopiedBatch>;
	sightings(): Iterable<readonly SightingSum[]>;
}

/** Rejects with DiskFault when there is no pool in the data folder, or another version's. */
export async function openPoolCopy(dataDir: string): Promise<EmbeddedCopy> {
	const remedy = "see that Cordon has run with this dataDir, and that this user may read and write there";
	const environment = new Environment(join(dataDir, "pool"), { readOnly: true, remedy });
	try {
		return new FrozenPool(environment);
	} catch (error) {
		await environment.close();
		throw error;
	}
}

class FrozenPool implements EmbeddedCopy {
	readonly keeper: Keeper;
	readonly position: Position;
	readonly #environment: Environment;
	readonly #records: Table;
	/** Undefined where there are none: a replica has no books. */
	readonly #books: Readonly<Record<"audit" | "batches" | "batch-edits" | "sightings", Table | undefined>>;

	/** Throws DiskFault. */
	constructor(environment: Environment) {
		this.#environment = environment;
		const { folder } = environment;
		const [meta, a, b] = ["meta", "records-a", "records-b"].map((name) => environment.table(name));
		const book = (name: string) => environment.table(name);
		this.#books = {
			audit: book("audit"),
			batches: book("batches"),
			"batch-edits": book("batch-edits"),
			sightings: book("sightings"),
		};
		if (meta === undefined || a === undefined || b === undefined) {
			throw new DiskFault(`there is no pool in ${folder} yet`);
		}
		environment.freeze();
		const said = new Map(
			[...environment.range(meta, { start: "\0" })].map(({ key, value }) => [key, value] as const),
		);
		const position = said.get("position");
		if (position === undefined) throw new DiskFault(`there is no pool in ${folder} yet`);
		if (said.get("format") !== FORMAT) {
			throw new DiskFault(
				`the pool in ${folder} has the format ${said.get("format")}, and this version of Cordon reads ${FORMAT}: use the version that wrote it`,
			);
		}
		this.position = JSON.parse(position) as Position;
		this.keeper = said.get("keeper") === "redis" ? "redis" : "embedded";
		this.#records = said.get("active") === "b" ? b : a;
	}

	records(): Iterable<readonly PoolRecord[]> {
		return this.#pages(this.#records, (key, value) => ({ key: unpacked(key), value }));
	}

	audit(): Iterable<readonly AuditEntry[]> {
		return this.#pages(this.#books.audit, (id, value) => ({
			id,
			...(JSON.parse(value) as Omit<AuditEntry, "id">),
		}));
	}

	*batches(): Generator<CopiedBatch> {
		for (const page of this.#pages(this.#books.batches, (_, value) => JSON.parse(value) as StagedBatch)) {
			for (const batch of page) yield { batch, edits: this.#edits(batch.id) };
		}
	}

	sightings(): Iterable<readonly SightingSum[]> {
		return this.#pages(this.#books.sightings, (key, value) => {
			const end = key.indexOf("\t");
			return {
				domain: unpacked(key.slice(0, end)),
				hour: stamped(key, end + 1),
				network: unpacked(afterStamp(key, end + 1)),
				count: Number(value),
			};
		});
	}

	async close(): Promise<void> {
		await this.#environment.close();
	}

	*#edits(id: string): Generator<readonly Edit[]> {
		const table = this.#books["batch-edits"];
		if (table === undefined) return;
		for (const { value } of this.#environment.range(table, { start: `${id}\t`, end: `${id}\n` })) {
			yield (JSON.parse(value) as readonly StoredEdit[]).map(storedEdit);
		}
	}

	*#pages<T>(table: Table | undefined, read: (key: string, value: string) => T): Generator<readonly T[]> {
		if (table === undefined) return;
		let page: T[] = [];
		for (const { key, value } of this.#environment.range(table, { start: "\0" })) {
			if (page.push(read(key, value)) < PAGE) continue;
			yield page;
			page = [];
		}
		if (page.length > 0) yield page;
	}
}
