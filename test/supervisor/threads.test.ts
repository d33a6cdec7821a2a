/** Which packages a thread loads for good: each costs its memory once more, and a start its time. */
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { test } from "tap";

const SOURCE = join(import.meta.dirname, "../../src");
const IMPORT = /^(?:import|export)\b[^;]*?\bfrom\s+"([^"]+)"|^import\s+"([^"]+)"/gm;

/** The packages that a module needs before it runs, and whatever it imports with it; Node's own left out. */
function packagesOf(entry: string): string[] {
	const packages = new Set<string>();
	const seen = new Set<string>();
	const visit = (file: string): void => {
		if (seen.has(file)) return;
		seen.add(file);
		for (const [, from, bare] of readFileSync(file, "utf8").matchAll(IMPORT)) {
			const name = from ?? bare;
			if (name.startsWith(".")) visit(resolve(dirname(file), name));
			else if (!name.startsWith("node:")) packages.add(name);
		}
	};
	visit(join(SOURCE, entry));
	return [...packages].sort();
}

test("the schema of the configuration stays in the thread that reads it", (t) => {
	t.same(packagesOf("config/load.js"), ["ipaddr.js", "yaml", "zod"]);
	t.same(packagesOf("config/aside-thread.js"), [], "after it has given way");
	t.same(packagesOf("commands/serve.js"), ["ipaddr.js", "pino"]);
	t.same(packagesOf("worker/worker.js"), ["ipaddr.js", "lru-cache"]);
	t.same(packagesOf("worker/batch-engine.js"), ["koffi"]);
	t.same(packagesOf("librarian/librarian.js"), ["ipaddr.js", "lmdb"]);
	t.same(packagesOf("scribe/scribe.js"), ["ipaddr.js"]);
	t.same(packagesOf("supervisor/pool/shared-pool.js"), ["ipaddr.js", "lmdb"]);
	t.same(packagesOf("pool/redis/store.js"), ["ioredis"]);
	t.end();
});
