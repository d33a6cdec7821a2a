/** The files that `pool.redis` names: passwords, certificates, keys. Nothing here needs the schema, which is large. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Config } from "./schema.ts";

type RedisConfig = Config["pool"]["redis"];

const MAX_BYTES = 1024 * 1024;
const MAX_PASSWORD = 4096;

const PASSWORDS = ["passwordFile", "sentinelPasswordFile"] as const;
const TLS_FILES = ["ca", "cert", "key"] as const;

function refusal(error: unknown): string {
	const code = error instanceof Error && "code" in error ? error.code : undefined;
	if (code === "ENOENT" || code === "ENOTDIR") return "names a file that does not exist";
	if (code === "EACCES" || code === "EPERM") return "names a file that this user may not read";
	return `names a file that cannot be read (${error instanceof Error ? error.message : String(error)})`;
}

/** Throws an Error whose message goes on from the name of the key. */
export function textOf(path: string): string {
	let file: number;
	try {
		// A named pipe would be waited for until somebody writes to it.
		file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
	} catch (error) {
		throw new Error(`${refusal(error)}: ${path}`);
	}
	try {
		const about = fstatSync(file);
		if (about.isDirectory()) throw new Error(`names a directory, not a file: ${path}`);
		if (!about.isFile()) throw new Error(`names something that is not a plain file: ${path}`);
		if (about.size > MAX_BYTES) throw new Error(`names a file of more than 1 MiB: ${path}`);
		return readFileSync(file, "utf8");
	} finally {
		closeSync(file);
	}
}

/** The first line of a file. Throws an Error whose message goes on from the name of the key. */
export function passwordIn(path: string): string {
	const [line] = textOf(path)
		.replace(/^\ufeff/, "")
		.split(/\r?\n/, 1);
	if (line === "") throw new Error(`names a file whose first line is empty: ${path}`);
	if (line.length > MAX_PASSWORD) throw new Error(`names a file whose first line is too long: ${path}`);
	return line;
}

/** Certificates in PEM. Throws an Error whose message goes on from the name of the key. */
export function certificateIn(path: string): string {
	const text = textOf(path);
	try {
		new X509Certificate(text);
	} catch {
		throw new Error(`names a file without a certificate in PEM: ${path}`);
	}
	return text;
}

/** A private key in PEM. Throws an Error whose message goes on from the name of the key. */
export function privateKeyIn(path: string): string {
	const text = textOf(path);
	if (text.includes("ENCRYPTED")) {
		throw new Error(`names a key that needs a passphrase, which there is nobody to type: ${path}`);
	}
	try {
		createPrivateKey(text);
	} catch {
		throw new Error(`names a file without a private key in PEM: ${path}`);
	}
	return text;
}

/** With all files absolute; `folder` is that of the configuration file. */
export function withAbsoluteFiles(redis: RedisConfig, folder: string): RedisConfig {
	const absolute = (file: string | undefined) => (file === undefined ? undefined : resolve(folder, file));
	const changed: RedisConfig = { ...redis };
	for (const key of PASSWORDS) {
		const file = absolute(redis[key]);
		if (file !== undefined) changed[key] = file;
	}
	if (typeof redis.tls === "object") {
		const tls = { ...redis.tls };
		for (const key of TLS_FILES) {
			const file = absolute(tls[key]);
			if (file !== undefined) tls[key] = file;
		}
		changed.tls = tls;
	}
	return changed;
}
