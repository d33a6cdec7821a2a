/** The pool that a node has, wherever it is kept. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { toPoolSettings } from "../../config/pool-settings.ts";
import type { Config } from "../../config/schema.ts";
import { createLog } from "../../observe/log.ts";
import { type EmbeddedCopy, openPoolCopy } from "../../pool/embedded/pool-copy.ts";
import type { PoolCopy } from "../../pool/pool-copy.ts";
import type { RedisStore } from "../../pool/redis/store.ts";

export interface FoundPool {
	readonly copy: PoolCopy;
	/** False: what is in Redis alone is not among it. */
	readonly complete: boolean;
}

/** Nothing of the store's own: a command says itself what is wrong. */
const QUIET = createLog({ level: "error", format: "text", write: () => {} });

/** Rejects with an Error for the operator when Redis cannot be reached. */
export async function openSharedPool(config: Config): Promise<RedisStore> {
	const { openRedisStore } = await import("../../pool/redis/store.ts");
	const settings = toPoolSettings(config);
	const store = await openRedisStore(settings.redis, settings.name, settings.node, QUIET);
	if (store.up) return store;
	const problem = store.problem ?? "Redis cannot be reached.";
	await store.close();
	throw new Error(problem.replace(/\.$/, ""));
}

/** Undefined when there is none yet. */
async function localCopy({ dataDir, pool }: Config): Promise<EmbeddedCopy | undefined> {
	if (!existsSync(join(dataDir, "pool", "data.mdb"))) return undefined;
	const copy = await openPoolCopy(dataDir);
	if (copy.keeper === pool.store) return copy;
	await copy.close();
	throw new Error(
		`the pool in ${join(dataDir, "pool")} was kept with store: ${copy.keeper}, and pool.store is ${pool.store}: start Cordon once, or correct pool.store`,
	);
}

/** @param local what this node has is enough. Undefined when there is no pool. Rejects with an Error for the operator. */
export async function findPool(config: Config, local: boolean): Promise<FoundPool | undefined> {
	if (config.pool.store === "off") return undefined;
	const replica = await localCopy(config);
	if (config.pool.store === "embedded") return replica && { copy: replica, complete: true };
	if (local) return replica && { copy: replica, complete: false };
	let store: RedisStore;
	try {
		store = await openSharedPool(config);
	} catch (error) {
		await replica?.close();
		throw new Error(
			`${(error as Error).message}; mend that, or back up with --local what this node has: records, without audit, held batches and sightings`,
		);
	}
	const { sharedPoolCopy, storeAlone } = await import("../../pool/redis/pool-copy.ts");
	if (replica !== undefined) return { copy: sharedPoolCopy(store, replica), complete: true };
	const alone = await storeAlone(store);
	if (alone !== undefined) return { copy: sharedPoolCopy(store, alone), complete: true };
	await store.close();
	return undefined;
}
