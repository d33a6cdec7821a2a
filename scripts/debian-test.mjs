// `npm run test:debian`: the Debian package, built, installed, started, upgraded, removed and purged in a Debian of its
// own. Root on Debian only: systemd runs there as process 1, in namespaces of this machine.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fail, filesBelow, prepare, ROOT } from "./prepare.mjs";
import { ensureTools } from "./tools.mjs";

if (process.platform !== "linux" || process.getuid?.() !== 0) {
	fail(
		"npm run test:debian needs root on Linux: it starts a Debian with systemd in namespaces of this machine",
	);
}
prepare("all");
process.chdir(ROOT);
process.env.PATH = `${process.env.PATH}:/usr/sbin:/sbin`;
ensureTools(
	{
		debootstrap: "debootstrap",
		dig: "bind9-dnsutils",
		dnsperf: "dnsperf",
		"dpkg-deb": "dpkg",
		lintian: "lintian",
		nsenter: "util-linux",
		setpriv: "util-linux",
		strip: "binutils",
		unshare: "util-linux",
	},
	"the test of the Debian package needs",
);
const files = filesBelow(join(ROOT, "dist", "test", "debian"), ".debian.js");
if (files.length === 0) fail("no tests in test/debian");
const runner = join(ROOT, "node_modules", "tap", "dist", "esm", "run.mjs");
const options = ["--timeout=900", "--jobs=1", ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, [runner, ...options, ...files], { stdio: "inherit" });
process.exitCode = status ?? 1;
