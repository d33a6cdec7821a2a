/** The lines of a query log that a running program writes. */
import { existsSync, readFileSync, watch } from "node:fs";
import { dirname } from "node:path";

const PATIENCE_MS = 60_000;

export type Line = Readonly<Record<string, unknown>>;

/** All lines of the file so far, whole ones alone. */
export function linesOf(path: string): Line[] {
	if (!existsSync(path)) return [];
	const text = readFileSync(path, "utf8");
	return text
		.slice(0, text.lastIndexOf("\n") + 1)
		.split("\n")
		.filter((line) => line !== "")
		.map((line) => JSON.parse(line) as Line);
}

/** Waits until the file holds so many lines. */
export async function written(path: string, count: number): Promise<Line[]> {
	let wake = () => {};
	const watcher = watch(dirname(path), () => wake());
	try {
		for (const until = performance.now() + PATIENCE_MS; ; ) {
			const changed = new Promise<void>((resolve) => {
				wake = resolve;
				setTimeout(resolve, 1000).unref();
			});
			const lines = linesOf(path);
			if (lines.length >= count) return lines;
			if (performance.now() > until)
				throw new Error(`waited in vain for ${count} lines in ${path}, there are ${lines.length}`);
			await changed;
		}
	} finally {
		watcher.close();
	}
}
