/** Where lists and the snapshot are kept: it has to be there before anything is served. */
import { accessSync, constants, mkdirSync } from "node:fs";
import type { Config } from "../config/schema.ts";
import type { DataLock } from "./data-lock.ts";
import type { PoolDoor } from "./pool/door.ts";

/** Throws an Error with a message for the operator. */
export function prepareDataDir(path: string): void {
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

/** @returns what keeps lists and pool from being brought up to date, for the operator. */
export async function openDataDir(
	config: Config,
	lock: DataLock,
	pool: PoolDoor,
): Promise<Error | undefined> {
	try {
		prepareDataDir(config.dataDir);
		lock.take(config.dataDir);
		await pool.open(config);
		return undefined;
	} catch (error) {
		return error as Error;
	}
}
