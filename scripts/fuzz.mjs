// `npm run fuzz -- --seconds 30 [NAME …]`: builds, then runs the fuzzers of test/fuzz one after another; the seconds
// are for all of them together. A NAME picks those whose path contains it.
import { spawnSync } from "node:child_process";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { fail, filesBelow, prepare, ROOT } from "./prepare.mjs";

function options() {
	try {
		return parseArgs({ options: { seconds: { type: "string", default: "30" } }, allowPositionals: true });
	} catch (error) {
		return fail(error.message);
	}
}

const { values, positionals } = options();
const seconds = Number(values.seconds);
if (!(seconds > 0)) fail(`--seconds ${JSON.stringify(values.seconds)} must be a number above 0`);

prepare("all");
process.chdir(ROOT);
const all = filesBelow(join(ROOT, "dist", "test", "fuzz"), ".fuzz.js");
const chosen = all.filter((file) => positionals.every((name) => relative(ROOT, file).includes(name)));
if (chosen.length === 0)
	fail(`no fuzzer in test/fuzz${positionals.length > 0 ? ` matches ${positionals.join(" ")}` : ""}`);

const share = String(Math.max(1, Math.floor(seconds / chosen.length)));
const failed = [];
for (const file of chosen) {
	const { status, signal } = spawnSync(process.execPath, [file, share], { stdio: "inherit" });
	if (signal === "SIGINT" || signal === "SIGTERM") process.exit(130);
	if (status !== 0) failed.push(`${relative(ROOT, file)}: ${signal ?? `exit code ${status}`}`);
}
if (failed.length > 0) fail(`failed:\n${failed.join("\n")}`);
