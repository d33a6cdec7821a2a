/** A fresh Debian in a folder, from the mirror that this machine itself uses. */
import { spawnSync } from "node:child_process";
import { arch } from "node:os";

const SUITE = "bookworm";
/** What Cordon's package depends on and what the tests run there, so that installing needs no network. */
const PACKAGES = [
	"systemd-sysv",
	"dbus",
	"adduser",
	"libstdc++6",
	"bind9-dnsutils",
	"procps",
	"bash-completion",
];
const ARCHITECTURES: Readonly<Partial<Record<string, string>>> = { x64: "amd64", arm64: "arm64" };

/** From apt's own knowledge of its sources, whatever form they are written in. */
function mirror(): string {
	const format = "$(ORIGIN)\t$(CODENAME)\t$(COMPONENT)\t$(REPO_URI)";
	const { stdout, error } = spawnSync(
		"apt-get",
		["indextargets", "--format", format, "Created-By: Packages"],
		{
			encoding: "utf8",
		},
	);
	if (error !== undefined) throw new Error(`a Debian is fetched from where apt fetches: ${error.message}`);
	const rows = stdout.split("\n").map((line) => line.split("\t"));
	const found = rows.find(
		([origin, codename, component]) => origin === "Debian" && codename === SUITE && component === "main",
	);
	if (found === undefined)
		throw new Error(
			`apt on this machine has no source of Debian ${SUITE}, which the test installs the package on; add one and run apt-get update`,
		);
	return found[3];
}

/** `http_proxy`, which debootstrap reads, as apt is configured. */
function proxy(): Record<string, string> {
	const { stdout } = spawnSync("apt-config", ["shell", "found", "Acquire::http::Proxy"], {
		encoding: "utf8",
	});
	const found = /^found='(.+)'$/m.exec(stdout)?.[1];
	return found === undefined ? {} : { http_proxy: found };
}

/** Fills a folder. CORDON_DEBIAN_BASE names a folder that was filled before, to save a minute while one works on tests. */
export function installDebian(root: string): void {
	const kept = process.env.CORDON_DEBIAN_BASE;
	if (kept !== undefined) {
		const { status, stderr } = spawnSync("cp", ["-a", kept, root], { encoding: "utf8" });
		if (status !== 0) throw new Error(`${kept} could not be copied: ${stderr}`);
		return;
	}
	const architecture = ARCHITECTURES[arch()];
	if (architecture === undefined) throw new Error(`no Debian is known for ${arch()}`);
	const { status, stdout, stderr } = spawnSync(
		"debootstrap",
		["--variant=minbase", `--arch=${architecture}`, `--include=${PACKAGES.join(",")}`, SUITE, root, mirror()],
		{ encoding: "utf8", env: { ...process.env, ...proxy() } },
	);
	if (status !== 0) throw new Error(`debootstrap failed: ${stdout.slice(-2000)}${stderr}`);
}
