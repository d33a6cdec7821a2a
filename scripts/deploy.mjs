// `npm run test:deploy`: the files of deploy/ with the real programs, on machines made of network namespaces.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fail, filesBelow, prepare, ROOT } from "./prepare.mjs";
import { ensureTools } from "./tools.mjs";

prepare("all");
process.chdir(ROOT);
process.env.PATH = `${process.env.PATH}:/usr/sbin:/sbin`;
if (process.getuid?.() !== 0) fail("these tests need root: they make network namespaces");
ensureTools(
	{
		bird: "bird2",
		dig: "bind9-dnsutils",
		dnsdist: "dnsdist",
		exabgp: "exabgp",
		ip: "iproute2",
		"redis-cli": "redis-tools",
		"redis-server": "redis-server",
	},
	"the tests of deployment need",
);
const files = filesBelow(join(ROOT, "dist", "test", "deploy"), ".deploy.js");
const runner = join(ROOT, "node_modules", "tap", "dist", "esm", "run.mjs");
const { status } = spawnSync(process.execPath, [runner, ...process.argv.slice(2), ...files], {
	stdio: "inherit",
});
process.exitCode = status ?? 1;
