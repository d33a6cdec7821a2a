/** Packages as `npm run package:debian` builds them. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../bench/results.ts";

export interface Package {
	readonly path: string;
	readonly sha256: string;
	/** What the build said. */
	readonly told: string;
}

/** The version in package.json. */
export function ownVersion(): string {
	return (JSON.parse(readFileSync(join(repository(), "package.json"), "utf8")) as { version: string })
		.version;
}

/** Throws an Error with what the build said when it fails. */
export function buildPackage(folder: string, ...words: readonly string[]): Package {
	const script = join(repository(), "scripts", "debian.mjs");
	const args = [script, "--output", folder, ...words];
	const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
	const path = /^(\/.+\.deb): /m.exec(stdout)?.[1];
	if (status !== 0 || path === undefined) throw new Error(`the package was not built: ${stdout}${stderr}`);
	const sha256 = createHash("sha256").update(readFileSync(path)).digest("hex");
	return { path, sha256, told: stdout.trim() };
}

/** What lintian finds fault with, one finding a line. */
export function lint(path: string): string {
	const { stdout, stderr, error } = spawnSync("lintian", ["--allow-root", "--fail-on", "none", path], {
		encoding: "utf8",
	});
	if (error !== undefined) throw new Error(`lintian could not be started: ${error.message}`);
	return `${stdout}${stderr}`.trim();
}
