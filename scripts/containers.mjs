// `npm run test:containers`: builds the image without Docker and runs it, alone and as compose.yaml does.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fail, filesBelow, prepare, ROOT } from "./prepare.mjs";
import { ensureTools } from "./tools.mjs";

prepare("all");
process.chdir(ROOT);
// Where Debian has netavark and aardvark-dns.
process.env.PATH = `${process.env.PATH}:/usr/sbin:/sbin:/usr/lib/podman`;
if (process.getuid?.() !== 0) fail("containers need root here: network namespaces and mounts");
ensureTools(
	{
		buildah: "buildah",
		podman: "podman",
		runc: "runc",
		ip: "iproute2",
		sysctl: "procps",
		dig: "bind9-dnsutils",
		"docker-compose": "docker-compose",
		netavark: "netavark",
		"aardvark-dns": "aardvark-dns",
		nsenter: "util-linux",
		curl: "curl",
		wget: "wget",
		"redis-server": "redis-server",
		prometheus: "prometheus",
	},
	"the tests of containers need",
);
const files = filesBelow(join(ROOT, "dist", "test", "containers"), ".containers.js");
const runner = join(ROOT, "node_modules", "tap", "dist", "esm", "run.mjs");
const { status } = spawnSync(
	process.execPath,
	[runner, "--timeout=600", ...process.argv.slice(2), ...files],
	{
		stdio: "inherit",
	},
);
process.exitCode = status ?? 1;
