/** What every PoolStore has to do, whatever keeps it. */
import type { Test } from "tap";
import { batchContract } from "./store-contract/batches.ts";
import { commitContract } from "./store-contract/commits.ts";
import { memoryContract } from "./store-contract/memory.ts";
import type { OpenPool } from "./store-contract/pool.ts";
import { retentionContract } from "./store-contract/retention.ts";

export type { ContractOptions, ContractPool, OpenPool } from "./store-contract/pool.ts";

/** Runs the whole contract as a test of `t`, each case on a pool of its own from `open`. */
export async function storeContract(t: Test, name: string, open: OpenPool): Promise<void> {
	await t.test(name, async (t) => {
		commitContract(t, open);
		batchContract(t, open);
		memoryContract(t, open);
		retentionContract(t, open);
	});
}
