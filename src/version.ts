/** The version in package.json, which is also the program's. */
import { readFileSync } from "node:fs";

interface Package {
	readonly version: string;
}

/** Beside `src` in the tree, and beside `dist` when built. */
export function readVersion(): string {
	const path = new URL(
		/\/dist[^/]*\//.test(import.meta.url) ? "../../package.json" : "../package.json",
		import.meta.url,
	);
	return (JSON.parse(readFileSync(path, "utf8")) as Package).version;
}
