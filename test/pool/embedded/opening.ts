/** Opens embedded pools and replicas for tests, each in a folder of its own, closed and removed in the end. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Test } from "tap";
import type { EmbeddedStore } from "../../../src/pool/embedded/embedded-store.ts";
import { Environment } from "../../../src/pool/embedded/environment.ts";
import { Journal } from "../../../src/pool/embedded/journal.ts";
import type { LmdbReplica } from "../../../src/pool/embedded/lmdb-replica.ts";
import {
	type EmbeddedStoreOptions,
	openEmbeddedStore,
	openReplica,
} from "../../../src/pool/embedded/open.ts";
import type { Change, Edit, Position } from "../../../src/pool/record.ts";
import type { Past } from "../store-contract/pool.ts";

export function dataFolder(t: Test): string {
	const folder = mkdtempSync(join(tmpdir(), "cordon-pool-"));
	t.teardown(() => rmSync(folder, { recursive: true, force: true }));
	return folder;
}

/** A store that is closed when the test is over. */
export async function openStore(
	t: Test,
	folder: string,
	options: EmbeddedStoreOptions = {},
): Promise<EmbeddedStore> {
	const store = await openEmbeddedStore(folder, options);
	// Teardowns run last in, first out: before the folder is removed.
	t.teardown(() => store.close());
	return store;
}

/** Fills a folder that holds no pool yet. */
export async function writePast(folder: string, { entries, retention }: Past): Promise<void> {
	const environment = new Environment(join(folder, "pool"), { remedy: "" });
	const [audit, fields] = ["audit", "retention"].map((name) => environment.table(name));
	if (audit === undefined || fields === undefined) throw new Error(`no tables in ${folder}`);
	const journal = new Journal(environment, audit);
	environment.transact(() => {
		journal.appendAsTheyWere(entries);
		for (const [field, value] of Object.entries(retention)) fields.putSync(field, value);
	});
	await environment.close();
}

/** A replica that is closed when the test is over. */
export async function openOwnReplica(t: Test, folder = dataFolder(t)): Promise<LmdbReplica> {
	const replica = await openReplica(folder);
	t.teardown(() => replica.close());
	return replica;
}

export function at(seq: number, epoch = "e"): Position {
	return { epoch, seq, token: `t${seq}` };
}

/** Edits as changes that follow `seq`. */
export function changes(edits: readonly Edit[], seq = 0): Change[] {
	return edits.map((edit, i) => ({ ...edit, seq: seq + i + 1 }));
}
