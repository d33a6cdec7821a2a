// `npm test`: everything; `npm test -- test/commands/lookup.test.ts` one file; options go to tap.
import { spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { compiledPath, fail, prepare, ROOT } from "./prepare.mjs";
import { ensureTools } from "./tools.mjs";

// tap compiles itself once after each installation, and is beyond repair when that was cut short.
const tap = join(ROOT, "node_modules", "@tapjs", "test");
if (existsSync(tap) && !existsSync(join(tap, "test-built", "dist", "esm", "index.js"))) {
	rmSync(join(ROOT, "node_modules"), { recursive: true });
}
prepare("all");
process.chdir(ROOT);
ensureTools({ dig: "bind9-dnsutils", kdig: "knot-dnsutils" }, "the tests compare with");

const runner = join(ROOT, "node_modules", "tap", "dist", "esm", "run.mjs");
const { status, signal, error } = spawnSync(
	process.execPath,
	[runner, ...process.argv.slice(2).map(compiledPath)],
	{
		stdio: "inherit",
	},
);
if (error !== undefined) fail(`tap could not be started: ${error.message}`);
if (signal !== null) process.kill(process.pid, signal);
process.exitCode = status ?? 1;
