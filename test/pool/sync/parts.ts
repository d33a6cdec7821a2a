/** Real stores and replicas, each in a folder that goes with the test. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Test } from "tap";
import * as embedded from "../../../src/pool/embedded/open.ts";
import type { Replica } from "../../../src/pool/replica.ts";
import type { PoolStore } from "../../../src/pool/store.ts";

export function folder(t: Test): string {
	const path = mkdtempSync(join(tmpdir(), "cordon-sync-"));
	t.teardown(() => rmSync(path, { recursive: true, force: true }));
	return path;
}

export async function openReplica(t: Test): Promise<Replica> {
	const replica = await embedded.openReplica(folder(t));
	t.teardown(() => replica.close());
	return replica;
}

async function openEmbedded(t: Test, keepChanges: number): Promise<PoolStore> {
	const store = await embedded.openEmbeddedStore(folder(t), { keepChanges });
	t.teardown(() => store.close());
	return store;
}

/** An embedded store that another, empty one can take the place of, as after a failover to nothing. */
export async function openStore(t: Test, { keepChanges = 200_000 }: { readonly keepChanges?: number } = {}) {
	let current = await openEmbedded(t, keepChanges);
	const store = new Proxy(current, {
		get: (_, name) => {
			const value: unknown = Reflect.get(current, name);
			return typeof value === "function" ? value.bind(current) : value;
		},
	});
	return {
		store,
		lose: async () => {
			current = await openEmbedded(t, keepChanges);
		},
	};
}
