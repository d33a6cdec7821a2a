// `npm run test:deploy`: the files of deploy/ with the real programs, on machines made of network namespaces.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
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
		go: "golang-go",
		dig: "bind9-dnsutils",
		dnsdist: "dnsdist",
		exabgp: "exabgp",
		ip: "iproute2",
		"redis-cli": "redis-tools",
		"redis-server": "redis-server",
	},
	"the tests of deployment need",
);
// A library of Go has no program by which it could be found.
if (!existsSync("/usr/share/gocode/src/github.com/Masterminds/sprig")) {
	const packages = ["golang-github-masterminds-sprig-dev", "golang-gopkg-yaml.v3-dev"];
	const install = ["-qq", "-y", "install", "--no-install-recommends", ...packages];
	if (spawnSync("apt-get", install, { stdio: ["ignore", 2, 2] }).status !== 0)
		fail(`apt-get could not install ${packages}`);
}
const files = filesBelow(join(ROOT, "dist", "test", "deploy"), ".deploy.js");
const runner = join(ROOT, "node_modules", "tap", "dist", "esm", "run.mjs");
const { status } = spawnSync(process.execPath, [runner, ...process.argv.slice(2), ...files], {
	stdio: "inherit",
});
process.exitCode = status ?? 1;
