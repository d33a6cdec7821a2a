/** Fills a data folder that has no pool with one that was kept elsewhere. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { PoolCopy } from "../pool-copy.ts";
import type { AuditEntry, NewAuditEntry, PoolRecord } from "../record.ts";
import { Environment } from "./environment.ts";
import { Journal } from "./journal.ts";
import { openEmbeddedStore } from "./open.ts";

async function* each<T>(pages: Iterable<readonly T[]> | AsyncIterable<readonly T[]>) {
	yield* pages;
}

/** @param audit what is written behind the entries of the copy. Rejects when something of it cannot be stored. */
export async function importPool(
	dataDir: string,
	copy: Omit<PoolCopy, "position" | "close">,
	audit: NewAuditEntry,
): Promise<void> {
	const remedy = "see whether that disk has room";
	const environment = new Environment(join(dataDir, "pool"), { remedy });
	try {
		const table = environment.table("audit");
		if (table === undefined) throw new Error(`cannot make a table in ${environment.folder}`);
		const journal = new Journal(environment, table);
		for await (const page of each<AuditEntry>(copy.audit())) {
			environment.transact(() => journal.appendAsTheyWere(page));
		}
	} finally {
		await environment.close();
	}
	const store = await openEmbeddedStore(dataDir);
	try {
		await store.restore(each<PoolRecord>(copy.records()), audit);
		for await (const { batch, edits } of copy.batches()) {
			const { id, member, state, created, reason } = batch;
			await store.stage({ id, member, state, created, reason }, each(edits));
		}
		for await (const sums of copy.sightings()) await store.addSightings(`restored-${randomUUID()}`, sums);
	} finally {
		await store.close();
	}
}
