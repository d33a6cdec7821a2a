/** Fills a data folder that has no pool with one that was kept elsewhere. */
import { join } from "node:path";
import type { PoolCopy } from "../pool-copy.ts";
import type { AuditEntry, NewAuditEntry } from "../record.ts";
import { each, refill } from "../refill.ts";
import { Environment } from "./environment.ts";
import { Journal } from "./journal.ts";
import { openEmbeddedStore } from "./open.ts";

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
		await refill(store, copy, audit);
	} finally {
		await store.close();
	}
}
