/** Where lists and the snapshot are kept: it has to be there before anything is served. */
import { accessSync, constants, mkdirSync } from "node:fs";
import type { Config } from "../config/schema.ts";
import type { Log } from "../observe/log.ts";
import type { DataLock } from "./data-lock.ts";
import type { PoolDoor } from "./pool/door.ts";
import { settleRestore } from "./restore/parts.ts";

/** Throws an Error with a message for the operator. */
function prepareDataDir(path: string): void {
	try {
		mkdirSync(path, { recursive: true });
		accessSync(path, constants.W_OK | constants.X_OK);
	} catch (error) {
		const { code = "", message } = error as NodeJS.ErrnoException;
		throw new Error(
			`cannot write to dataDir ${path}: ${code === "" ? message : code}; correct dataDir, or the permissions of that folder`,
		);
	}
}

/** Makes it, where it is not there, and takes it for this Cordon. Throws DataDirTaken, or another Error with a message for the operator. */
export function takeDataDir(dataDir: string, lock: DataLock, log: Pick<Log, "warn">): void {
	prepareDataDir(dataDir);
	lock.take(dataDir);
	const finished = settleRestore(dataDir);
	if (finished === undefined) return;
	log.warn("a restore into dataDir was interrupted and is finished now", {
		dataDir,
		...(finished.aside === undefined ? {} : { before: finished.aside }),
	});
}

/** @returns what keeps lists and pool from being brought up to date, for the operator. */
export async function openDataDir(
	config: Config,
	lock: DataLock,
	pool: PoolDoor,
	log: Pick<Log, "warn">,
): Promise<Error | undefined> {
	try {
		takeDataDir(config.dataDir, lock, log);
		await pool.open(config);
		return undefined;
	} catch (error) {
		return error as Error;
	}
}
