/** The token of whoever may read this node's data folder: with it, commands on this machine are the operator's. */
import { createHash, randomBytes } from "node:crypto";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const TOKEN = /^cordon_[A-Za-z0-9_-]{43}$/;

export function operatorTokenPath(dataDir: string): string {
	return join(dataDir, "operator.token");
}

/**
 * Takes the token of an earlier run, or makes one.
 *
 * @returns its SHA-256 in hexadecimal.
 */
export function prepareOperatorToken(dataDir: string): string {
	const path = operatorTokenPath(dataDir);
	let token = recalled(path);
	if (token === undefined) {
		token = `cordon_${randomBytes(32).toString("base64url")}`;
		try {
			writeFileSync(path, `${token}\n`, { mode: 0o600 });
			chmodSync(path, 0o600);
		} catch (error) {
			const why = (error as Error).message;
			throw new Error(`the operator's token cannot be written to ${path}: ${why}; make dataDir writable`);
		}
	}
	return createHash("sha256").update(token).digest("hex");
}

function recalled(path: string): string | undefined {
	try {
		const token = readFileSync(path, "utf8").trim();
		return TOKEN.test(token) ? token : undefined;
	} catch {
		return undefined;
	}
}
