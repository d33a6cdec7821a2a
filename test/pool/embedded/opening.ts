/** Opens embedded pools and replicas for tests, each in a folder of its own, closed and removed in the end. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Test } from "tap";
import type { EmbeddedStore } from "../../../src/pool/embedded/embedded-store.ts";
import { type EmbeddedStoreOptions, openEmbeddedStore } from "../../../src/pool/embedded/open.ts";

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
