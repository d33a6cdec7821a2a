/** Opens what a node keeps of a pool, under `pool` in its data directory. */
import { randomUUID } from "node:crypto";
import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "../../observe/log.ts";
import { EmbeddedStore } from "./embedded-store.ts";
import { DiskFault, Environment } from "./environment.ts";
import { LmdbReplica } from "./lmdb-replica.ts";
import { removeRuns } from "./sorted-runs.ts";
import { type Keeper, PoolState } from "./state.ts";

export interface ReplicaOptions {
	/** Gives the memory of a mapped file's pages back to the system. Does nothing by default. */
	readonly releaseFilePages?: (path: string) => void;
	readonly log?: Pick<Log, "info">;
}

export interface EmbeddedStoreOptions extends ReplicaOptions {
	/** Milliseconds since the epoch. */
	readonly now?: () => number;
	/** Draws epochs and tokens: text that comes once. */
	readonly draw?: () => string;
	/** How many changes the log keeps. */
	readonly keepChanges?: number;
}

const REMEDIES: Readonly<Record<Keeper, string>> = {
	redis: "move that folder away, and it is filled again from the shared pool",
	embedded:
		"put a copy of that folder from a backup in its place, or move it away to begin with an empty pool",
};

/** This node's copy of a shared pool. Rejects with DiskFault, whose message is for the operator. */
export async function openReplica(dataDir: string, options: ReplicaOptions = {}): Promise<LmdbReplica> {
	// Redis has what the last moment before a loss of power brought, and tells it again.
	const state = await openState(dataDir, "redis", { durable: false, log: options.log });
	return new LmdbReplica(state, options.releaseFilePages ?? (() => {}));
}

/**
 * The same folder for reading alone, whether it is a copy or the pool itself, while another thread or process writes.
 * Each thing that is read is of the moment at which it is read. Rejects with DiskFault when there is none yet.
 */
export async function openReplicaReadOnly(
	dataDir: string,
	options: ReplicaOptions = {},
): Promise<LmdbReplica> {
	const remedy = "the node that writes it has to be started first";
	const environment = new Environment(join(dataDir, "pool"), { readOnly: true, remedy });
	const state = await closedOnFault(environment, () => new PoolState(environment, undefined));
	return new LmdbReplica(state, options.releaseFilePages ?? (() => {}));
}

/** The pool itself. Rejects with DiskFault, whose message is for the operator. */
export async function openEmbeddedStore(
	dataDir: string,
	options: EmbeddedStoreOptions = {},
): Promise<EmbeddedStore> {
	const state = await openState(dataDir, "embedded", { durable: true, log: options.log });
	return closedOnFault(state.environment, () => {
		const replica = new LmdbReplica(state, options.releaseFilePages ?? (() => {}));
		return new EmbeddedStore(state, replica, {
			now: options.now ?? Date.now,
			draw: options.draw ?? randomUUID,
			keepChanges: options.keepChanges ?? 100_000,
		});
	});
}

interface StateOptions {
	readonly durable: boolean;
	readonly log: Pick<Log, "info"> | undefined;
}

/**
 * The folder holds one pool at a time. That of the other kind of store is set aside, not written over: a pool that was
 * embedded is nowhere else.
 */
async function openState(dataDir: string, keeper: Keeper, options: StateOptions): Promise<PoolState> {
	const folder = join(dataDir, "pool");
	const own = join(dataDir, `pool.${keeper}`);
	// The process ended between the two renames below.
	if (!existsSync(join(folder, "data.mdb")) && existsSync(own)) rename(own, folder);
	const state = await openFolder(folder, keeper, options);
	const other = state.keeper;
	if (other === undefined || other === keeper) return state;

	await state.environment.close();
	const aside = join(dataDir, `pool.${other}`);
	if (other === "redis") rmSync(aside, { recursive: true, force: true });
	if (existsSync(aside)) {
		throw new DiskFault(
			`the pool in ${folder} was kept with store: ${other}, and cannot be set aside: ${aside} is there already; move one of them elsewhere`,
		);
	}
	rename(folder, aside);
	const known = existsSync(own);
	if (known) rename(own, folder);
	options.log?.info(
		"the store of the pool is another than before; what was kept for the other is set aside",
		{
			store: keeper,
			setAside: aside,
			takenUpAgain: known,
		},
	);
	return openFolder(folder, keeper, options);
}

async function openFolder(folder: string, keeper: Keeper, { durable }: StateOptions): Promise<PoolState> {
	const environment = new Environment(folder, { durable, remedy: REMEDIES[keeper] });
	return closedOnFault(environment, () => {
		const state = new PoolState(environment, keeper);
		// What was begun and not finished.
		removeRuns(folder);
		state.clearInactive();
		return state;
	});
}

async function closedOnFault<T>(environment: Environment, work: () => T): Promise<T> {
	try {
		return work();
	} catch (error) {
		await environment.close();
		throw error;
	}
}

function rename(from: string, to: string): void {
	try {
		renameSync(from, to);
	} catch (error) {
		const { code, message } = error as NodeJS.ErrnoException;
		throw new DiskFault(
			`cannot rename ${from} to ${to}: ${code ?? message}; do it by hand, and see its permissions`,
		);
	}
}
