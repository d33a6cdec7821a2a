/** Which file is the configuration, and its text. */
import { isUtf8 } from "node:buffer";
import { existsSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { open } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Fault } from "./fault.ts";
import { ConfigError } from "./fault.ts";

const MAX_BYTES = 8 * 1024 * 1024;
const DEFAULT_FILE = join("config", "cordon.yaml");

/** Wherever it was compiled to, the package is the nearest folder above with a package.json. */
function shippedFile(): string {
	let folder = dirname(fileURLToPath(import.meta.url));
	while (!existsSync(join(folder, "package.json")) && dirname(folder) !== folder) folder = dirname(folder);
	return join(folder, DEFAULT_FILE);
}

/**
 * The absolute path of the file to read: `named` (--config), else CORDON_CONFIG, else config/cordon.yaml under
 * the working directory, else the one shipped with the package.
 */
export function findConfigFile(named: string | undefined, env: NodeJS.ProcessEnv, cwd: string): string {
	const chosen = named ?? (env.CORDON_CONFIG === "" ? undefined : env.CORDON_CONFIG);
	if (chosen !== undefined) return resolve(cwd, chosen);
	const local = resolve(cwd, DEFAULT_FILE);
	return existsSync(local) ? local : shippedFile();
}

function problem(error: unknown): string {
	const code = error instanceof Error && "code" in error ? error.code : undefined;
	switch (code) {
		case "ENOENT":
			return "does not exist; name the configuration with --config FILE or CORDON_CONFIG";
		case "EISDIR":
			return "is a directory; name the file in it";
		case "ENOTDIR":
			return "does not exist: a part of the path is not a directory";
		case "EACCES":
		case "EPERM":
			return "may not be read by this user; change its owner or its mode";
		default:
			return `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
	}
}

/** To the end, or one byte beyond what is allowed: a pipe does not say how much is coming. */
async function readSome(file: FileHandle): Promise<Buffer> {
	const chunks: Buffer[] = [];
	let total = 0;
	while (total <= MAX_BYTES) {
		const chunk = Buffer.allocUnsafe(Math.min(65_536, MAX_BYTES + 1 - total));
		const { bytesRead } = await file.read(chunk, 0, chunk.length, null);
		if (bytesRead === 0) break;
		chunks.push(chunk.subarray(0, bytesRead));
		total += bytesRead;
	}
	return Buffer.concat(chunks);
}

function notUtf8(bytes: Buffer): Fault {
	let start = 0;
	for (let line = 1; ; line++) {
		const end = bytes.indexOf(0x0a, start);
		const part = bytes.subarray(start, end === -1 ? bytes.length : end);
		if (!isUtf8(part) || end === -1) {
			return { key: "", position: { line, column: 1 }, message: "is not UTF-8 text; save the file as UTF-8" };
		}
		start = end + 1;
	}
}

/** The text of the file; a ConfigError with one fault when there is none to be had. */
export async function readConfigFile(path: string): Promise<string> {
	const fail = (message: string) => new ConfigError(path, [{ key: "", message }]);
	let bytes: Buffer;
	try {
		const file = await open(path, "r");
		try {
			bytes = await readSome(file);
		} finally {
			await file.close();
		}
	} catch (error) {
		throw fail(problem(error));
	}
	if (bytes.length > MAX_BYTES) {
		throw fail("is larger than 8 MiB; keep long lists of names in files of their own and name them in lists");
	}
	if (!isUtf8(bytes)) throw new ConfigError(path, [notUtf8(bytes)]);
	return new TextDecoder("utf-8").decode(bytes);
}
