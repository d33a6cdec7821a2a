/** Opens embedded pools and replicas for tests, each in a folder of its own, closed and removed in the end. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Test } from "tap";
import type { EmbeddedStore } from "../../../src/pool/embedded/embedded-store.ts";
import type { LmdbReplica } from "../../../src/pool/embedded/lmdb-replica.ts";
import {
	type EmbeddedStoreOptions,
	openEmbeddedStore,
	openReplica,
} from "../../../src/pool/embedded/open.ts";
import type { Change, Edit, Position } from "../../../src/pool/record.ts";

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
