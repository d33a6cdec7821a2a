// `npm run test:clients`: what real DNS clients and resolvers make of Cordon.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fail, filesBelow, prepare, ROOT } from "./prepare.mjs";
import { ensureTools } from "./tools.mjs";

prepare("all");
process.chdir(ROOT);
process.env.PATH = `${process.env.PATH}:/usr/sbin:/sbin`;
ensureTools(
	{
		delv: "bind9-dnsutils",
		dig: "bind9-dnsutils",
		dnsdist: "dnsdist",
		"dnssec-signzone": "bind9-utils",
		drill: "ldnsutils",
		kdig: "knot-dnsutils",
		mdig: "bind9-dnsutils",
		named: "bind9",
		nsd: "nsd",
		unbound: "unbound",
	},
	"the tests of real clients need",
);
const files = filesBelow(join(ROOT, "dist", "test", "clients"), ".clients.js");
if (files.length === 0) fail("no tests in test/clients");
const runner = join(ROOT, "node_modules", "tap", "dist", "esm", "run.mjs");
const { status } = spawnSync(process.execPath, [runner, ...process.argv.slice(2), ...files], {
	stdio: "inherit",
});
process.exitCode = status ?? 1;
