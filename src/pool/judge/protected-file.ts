/** The protected names of all lists, on disk: the guard needs them before any list has been read again. */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ProtectedNames } from "./protected-names.ts";

function pathIn(dataDir: string): string {
	return join(dataDir, "protected.names");
}

/** Throws as the file system does. */
export function writeProtectedNames(dataDir: string, names: ProtectedNames): void {
	const path = pathIn(dataDir);
	writeFileSync(`${path}.new`, new Uint8Array(names.memory));
	renameSync(`${path}.new`, path);
}

/** Undefined when there are none, or what is there is no such file. */
export function readProtectedNames(dataDir: string): ProtectedNames | undefined {
	let bytes: Buffer;
	try {
		bytes = readFileSync(pathIn(dataDir));
	} catch {
		return undefined;
	}
	if (bytes.length < 8 || bytes.length % 8 !== 0) return undefined;
	const memory = new SharedArrayBuffer(bytes.length);
	new Uint8Array(memory).set(bytes);
	return new ProtectedNames(memory);
}
