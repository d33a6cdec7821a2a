// `npm run package:debian`: builds cordon_VERSION_ARCH.deb for this machine's kind of processor, the same bytes from
// the same source each time. Options: --output FOLDER, --without-node, --version VERSION, --compression xz|gzip|none.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
	chmodSync,
	lutimesSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { copyrightText } from "./debian/licences.mjs";
import { libraryRelations } from "./debian/linkage.mjs";
import { bashCompletion, manualPage, readCommands } from "./debian/manual.mjs";
import { copyFile, productionPackages, writeFile, writeProgram } from "./debian/tree.mjs";
import { fail, filesBelow, prepare, ROOT } from "./prepare.mjs";
import { ensureTools } from "./tools.mjs";

const ARCHITECTURES = { x64: "amd64", arm64: "arm64", riscv64: "riscv64", loong64: "loong64" };
const SOURCE = join(ROOT, "deploy", "debian");
/** What Debian says, policy 12.7: as small as it gets, without a time. */
const GZIP = { level: 9 };

function readOptions() {
	const { values } = parseArgs({
		options: {
			output: { type: "string", default: "dist-debian" },
			version: { type: "string" },
			compression: { type: "string", default: "xz" },
			"without-node": { type: "boolean", default: false },
		},
	});
	if (!["xz", "gzip", "none"].includes(values.compression)) {
		fail(`--compression ${values.compression} is not known to dpkg-deb; use xz, gzip or none`);
	}
	if (values.version !== undefined && !/^\d[\w.+~]*$/.test(values.version)) {
		fail(`--version ${values.version} is no version of a Debian package; an example is 1.2.0 or 1.2.0+1`);
	}
	return { ...values, withNode: !values["without-node"] };
}

/** The newest entry of deploy/debian/changelog. */
function readChangelog() {
	const text = readFileSync(join(SOURCE, "changelog"), "utf8");
	const [, version] = /^cordon \(([^)]+)\)/.exec(text) ?? [];
	const [, maintainer, date] = /^ -- (.+>) {2}(.+)$/m.exec(text) ?? [];
	if (version === undefined || maintainer === undefined) fail("deploy/debian/changelog cannot be read");
	return { text, version, maintainer, date: new Date(date) };
}

function template(name, values) {
	const text = readFileSync(join(SOURCE, name), "utf8");
	return text.replace(/@([A-Z_]+)@/g, (whole, key) => String(values[key] ?? whole));
}

function allFiles(folder) {
	return filesBelow(folder, "");
}

function writeDocuments(root, { commands, version, date, changelog, withNode }) {
	const doc = join(root, "usr/share/doc/cordon");
	const own = readFileSync(join(SOURCE, "copyright"), "utf8");
	writeFile(join(doc, "copyright"), copyrightText(own, productionPackages(), { withNode }));
	writeFile(join(doc, "changelog.gz"), gzipSync(changelog, GZIP));
	copyFile(join(SOURCE, "README.md"), join(doc, "README.Debian"));
	copyFile(join(ROOT, "README.md"), join(doc, "README.md"));
	copyFile(join(ROOT, "deploy/systemd/README.md"), join(doc, "systemd.md"));
	copyFile(join(ROOT, "deploy/systemd/realtime.conf"), join(doc, "examples/realtime.conf"));
	for (const page of filesBelow(join(ROOT, "docs"), ".md")) {
		copyFile(page, join(doc, page.slice(ROOT.length + 1)));
	}
	for (const example of filesBelow(join(ROOT, "config"), ".yaml")) {
		copyFile(example, join(doc, "examples", example.slice(join(ROOT, "config").length + 1)));
	}
	writeFile(
		join(root, "usr/share/man/man1/cordon.1.gz"),
		gzipSync(manualPage(commands, { version, date }), GZIP),
	);
	writeFile(join(root, "usr/share/bash-completion/completions/cordon"), bashCompletion(commands));
	copyFile(join(SOURCE, "lintian-overrides"), join(root, "usr/share/lintian/overrides/cordon"));
}

function writeSystem(root, { withNode }) {
	const NODE = withNode ? "/usr/lib/cordon/bin/node" : "/usr/bin/node";
	writeFile(join(root, "usr/bin/cordon"), template("cordon.sh", { NODE }), 0o755);
	copyFile(join(SOURCE, "cordon.yaml"), join(root, "etc/cordon/cordon.yaml"));
	for (const unit of ["cordon.service", "cordon.socket"]) {
		copyFile(join(ROOT, "deploy/systemd", unit), join(root, "usr/lib/systemd/system", unit));
	}
}

function binariesOf(root, withNode) {
	const addons = allFiles(join(root, "usr/lib/cordon")).filter((path) => path.endsWith(".node"));
	return withNode ? [...addons, join(root, "usr/lib/cordon/bin/node")] : addons;
}

function dependsOf(root, withNode) {
	const relations = libraryRelations(binariesOf(root, withNode));
	return [
		"adduser",
		"init-system-helpers (>= 1.54)",
		...relations,
		...(withNode ? [] : ["nodejs (>= 20.19)"]),
	].join(", ");
}

/** Symbols that only a debugger reads are a tenth of the size. */
function strip(root, withNode) {
	const files = binariesOf(root, withNode);
	const { status, stderr, error } = spawnSync("strip", ["--strip-unneeded", ...files], { encoding: "utf8" });
	if (status !== 0) fail(`strip failed: ${error?.message ?? stderr}`);
}

/** In KiB, each file and each folder rounded up, as policy 5.6.20 has it. */
function installedSize(root) {
	return allFiles(root).reduce((sum, path) => sum + Math.ceil(statSync(path).size / 1024), 0);
}

function writeControl(root, values) {
	const sums = allFiles(root).map((path) => {
		const sum = createHash("md5").update(readFileSync(path)).digest("hex");
		return `${sum}  ${path.slice(root.length + 1)}\n`;
	});
	writeFile(join(root, "DEBIAN/md5sums"), sums.filter((line) => !line.includes("  etc/")).join(""));
	for (const script of ["preinst", "postinst", "prerm", "postrm"]) {
		writeFile(join(root, "DEBIAN", script), readFileSync(join(SOURCE, script)), 0o755);
	}
	writeFile(join(root, "DEBIAN/conffiles"), "/etc/cordon/cordon.yaml\n");
	writeFile(join(root, "DEBIAN/control"), template("control", values));
}

/** Every folder as anybody may read it, everything of one time: nothing of this machine goes into the package. */
function settle(folder, seconds) {
	for (const entry of readdirSync(folder, { withFileTypes: true })) {
		const path = join(folder, entry.name);
		if (entry.isDirectory()) settle(path, seconds);
		else lutimesSync(path, seconds, seconds);
	}
	chmodSync(folder, 0o755);
	lutimesSync(folder, seconds, seconds);
}

function pack(root, target, { compression, seconds }) {
	const level = { xz: ["-z6"], gzip: ["-z1"], none: [] }[compression];
	const args = ["--root-owner-group", `-Z${compression}`, ...level, "--build", root, target];
	const env = { ...process.env, SOURCE_DATE_EPOCH: String(seconds) };
	const { status, stdout, stderr, error } = spawnSync("dpkg-deb", args, { env, encoding: "utf8" });
	if (status !== 0) fail(`dpkg-deb failed: ${error?.message ?? `${stdout}${stderr}`}`);
}

const options = readOptions();
const architecture = ARCHITECTURES[process.arch];
if (process.platform !== "linux" || architecture === undefined) {
	fail(`a Debian package is built on 64-bit Linux; this is ${process.platform} on ${process.arch}`);
}
prepare("src");
ensureTools({ "dpkg-deb": "dpkg", ldd: "libc-bin", strip: "binutils" }, "a Debian package is built with");
const changelog = readChangelog();
const version = options.version ?? changelog.version;
const seconds = Number(process.env.SOURCE_DATE_EPOCH ?? Math.floor(changelog.date.getTime() / 1000));
if (!Number.isSafeInteger(seconds))
	fail(`SOURCE_DATE_EPOCH ${process.env.SOURCE_DATE_EPOCH} is no number of seconds`);

const root = mkdtempSync(join(tmpdir(), "cordon-debian-"));
try {
	const { withNode } = options;
	writeProgram(join(root, "usr/lib/cordon"), { version, withNode });
	strip(root, withNode);
	writeSystem(root, { withNode });
	const commands = readCommands();
	const date = new Date(seconds * 1000);
	const text =
		version === changelog.version ? changelog.text : changelog.text.replace(changelog.version, version);
	writeDocuments(root, { commands, version, date, changelog: text, withNode });
	writeControl(root, {
		VERSION: version,
		ARCHITECTURE: architecture,
		MAINTAINER: process.env.DEBEMAIL ?? changelog.maintainer,
		INSTALLED_SIZE: installedSize(root),
		DEPENDS: dependsOf(root, withNode),
	});
	settle(root, seconds);
	const folder = resolve(options.output);
	mkdirSync(folder, { recursive: true });
	const target = join(folder, `cordon_${version}_${architecture}.deb`);
	pack(root, target, { compression: options.compression, seconds });
	const mebibytes = (bytes) => (bytes / 2 ** 20).toFixed(1);
	const size = allFiles(root).reduce((sum, path) => sum + statSync(path).size, 0);
	process.stdout.write(
		`${target}: ${mebibytes(statSync(target).size)} MiB, installed ${mebibytes(size)} MiB\n`,
	);
} catch (error) {
	rmSync(root, { recursive: true, force: true });
	fail(error.message);
}
rmSync(root, { recursive: true, force: true });
