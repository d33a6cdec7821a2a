/** Where lists and the snapshot are kept: it has to be there before anything is served. */
import { accessSync, constants, mkdirSync } from "node:fs";

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
