// `npm test`: everything; `npm test -- test/commands/lookup.test.ts` one file; options go to tap.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compiledPath, fail, prepare, ROOT } from "./prepare.mjs";
import { ensureTools } from "./tools.mjs";

// tap compiles itself for the plugins of .taprc, and is beyond repair when that was cut short.
const tapTest = join(ROOT, "node_modules", "@tapjs", "test");
if (existsSync(tapTest) && !existsSync(join(tapTest, "test-built", "dist", "esm", "index.js"))) {
	rmSync(join(ROOT, "node_modules"), { recursive: true });
}
prepare("all");
process.chdir(ROOT);
ensureTools(
	{
		dig: "bind9-dnsutils",
		kdig: "knot-dnsutils",
		openssl: "openssl",
		"dnstap-ldns": "dnstap-ldns",
		fstrm_capture: "fstrm-bin",
		prometheus: "prometheus",
		promtool: "prometheus",
		"redis-server": "redis-server",
		shellcheck: "shellcheck",
		"systemd-analyze": "systemd",
	},
	"the tests need",
);

const runner = join(ROOT, "node_modules", "tap", "dist", "esm", "run.mjs");

// tap would do this by itself, but then load the plugins that it had before into every test of that run.
const settings = readFileSync(join(ROOT, ".taprc"), "utf8");
const stamp = join(ROOT, "node_modules", ".cordon-tap-stamp");
if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== settings) {
	process.stderr.write("cordon: building the test runner, once per installation …\n");
	const { status, stdout, stderr } = spawnSync(process.execPath, [runner, "build"], { encoding: "utf8" });
	if (status !== 0) fail(`tap build failed:\n${stdout}${stderr}`, status ?? 130);
	writeFileSync(stamp, settings);
}

const args = process.argv.slice(2).map(compiledPath);
const { status, signal, error } = spawnSync(process.execPath, [runner, ...args], { stdio: "inherit" });
if (error !== undefined) fail(`tap could not be started: ${error.message}`);
if (signal !== null) process.kill(process.pid, signal);
process.exitCode = status ?? 1;
