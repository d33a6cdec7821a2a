import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../bench/results.ts";

const MAIN = join(import.meta.dirname, "../../src/main.js");

/** How Cordon is started: as the installed command does it. */
export function cordonWords(...words: string[]): string[] {
	return [process.execPath, "--max-semi-space-size=1", MAIN, ...words];
}

export function deployFile(path: string): string {
	return readFileSync(join(repository(), "deploy", path), "utf8");
}

/** Puts files of deploy/ where a node has them, in a folder of its own. */
export class Installed {
	readonly folder: string;

	constructor(directory: string, name: string) {
		this.folder = join(directory, name);
		for (const folder of ["etc/lists", "data", "redis"])
			mkdirSync(join(this.folder, folder), { recursive: true });
		this.write("etc/cookie-secret", "000102030405060708090a0b0c0d0e0f\n");
		this.write("etc/redis-password", "replace-this-password\n");
		this.write("etc/lists/security-team.txt", "listed.example\n");
	}

	/** A file of deploy/ with this node's paths, and other changes; returns where it lies. */
	put(file: string, name: string, changes: readonly (readonly [string, string])[] = []): string {
		let text = deployFile(file);
		const paths = [
			["/etc/cordon", join(this.folder, "etc")],
			["/var/lib/cordon", join(this.folder, "data")],
			["/var/lib/redis", join(this.folder, "redis")],
		] as const;
		for (const [from, to] of paths) text = text.replaceAll(from, to);
		for (const [from, to] of changes) {
			if (!text.includes(from)) throw new Error(`deploy/${file} does not hold ${from}`);
			text = text.replaceAll(from, to);
		}
		return this.write(name, text);
	}

	write(name: string, text: string): string {
		const path = join(this.folder, name);
		writeFileSync(path, text, { mode: 0o600 });
		return path;
	}
}
