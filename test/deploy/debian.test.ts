/** What of the Debian package can be seen without building it. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { parseConfig } from "../../src/config/load.ts";
import { openResolverWarning } from "../../src/config/open-resolver.ts";
import { repository } from "../bench/results.ts";

const FOLDER = join(repository(), "deploy", "debian");
const SCRIPTS = ["preinst", "postinst", "prerm", "postrm", "cordon.sh"];

function text(name: string): string {
	return readFileSync(join(FOLDER, name), "utf8");
}

test("the scripts of the package are plain shell without a fault", async (t) => {
	const boot = join(repository(), "test", "debian", "boot.sh");
	for (const path of [...SCRIPTS.map((name) => join(FOLDER, name)), boot]) {
		const parsed = spawnSync("sh", ["-n", path], { encoding: "utf8" });
		t.equal(parsed.status, 0, `${path}: ${parsed.stderr}`);
		const checked = spawnSync("shellcheck", ["--shell=sh", path], { encoding: "utf8" });
		t.equal(checked.status, 0, `${path}: ${checked.error?.message ?? checked.stdout}`);
	}
	for (const name of SCRIPTS.slice(0, -1)) t.match(text(name), /^#!\/bin\/sh\n[\s\S]*\nset -e\n/, name);
});

test("the changelog begins with the version of the program", async (t) => {
	const { version } = JSON.parse(readFileSync(join(repository(), "package.json"), "utf8")) as {
		version: string;
	};
	const [, newest] = /^cordon \(([^)]+)\) \S+; urgency=\w+$/m.exec(text("changelog")) ?? [];
	t.equal(newest, version, "add an entry to deploy/debian/changelog");
	for (const [line] of text("changelog").matchAll(/^ -- .*$/gm)) {
		const [, date = ""] =
			/^ -- .+ <\S+@\S+> {2}(\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} [+-]\d{4})$/.exec(line) ?? [];
		t.ok(Number.isFinite(Date.parse(date)), line);
	}
});

test("the control file has what dpkg wants to know", async (t) => {
	const fields = new Map(
		Array.from(text("control").matchAll(/^([A-Z][\w-]*): (.*)$/gm), ([, name, value]) => [name, value]),
	);
	t.equal(fields.get("Package"), "cordon");
	for (const name of ["Version", "Architecture", "Maintainer", "Installed-Size", "Depends"])
		t.match(fields.get(name), /^@[A-Z_]+@$/, `${name} is filled in by the build`);
	t.match(fields.get("Description"), /^[^.]{10,60}$/);
	for (const line of text("control").split("\n")) t.ok(line.length <= 80, line);
});

test("the configuration that comes along is good, for this machine alone", async (t) => {
	const config = await parseConfig(text("cordon.yaml"), "/etc/cordon/cordon.yaml", { machineAddresses: [] });
	t.same(config.listen.dns, ["127.0.0.1:53"]);
	t.equal(config.listen.admin, "127.0.0.1:8053");
	t.equal(config.dataDir, "/var/lib/cordon");
	t.equal(openResolverWarning(config), undefined);
	t.ok(config.blocking.deny.includes("blocked.example"), "there is something to try it with");
	t.match(text("cordon.yaml"), /README\.Debian/, "it says where to go on");
});

test("what lintian is not to complain about is explained", async (t) => {
	const lines = text("lintian-overrides").trim().split("\n");
	t.match(lines[0], /^# /);
	for (const line of lines) t.match(line, /^(# .+|cordon: [a-z-]+( \S.*)?)$/);
});

test("every file of the package's folder is used", async (t) => {
	const build = readFileSync(join(repository(), "scripts", "debian.mjs"), "utf8");
	for (const name of readdirSync(FOLDER)) t.match(build, `"${name}"`);
});
