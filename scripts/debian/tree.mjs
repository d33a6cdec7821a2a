// What of the built program and of its packages goes into /usr/lib/cordon.
import {
	chmodSync,
	copyFileSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	writeFileSync,
} from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { ROOT } from "../prepare.mjs";

/** What Node reads. Sources of what is compiled already, types, maps and pages stay behind; licences go into `copyright`. */
const USED_ENDINGS = new Set([".js", ".mjs", ".cjs", ".json", ".node", ".txt"]);
/** Only at the top of a package: further in, a folder may be called so and be needed. */
const UNUSED_FOLDERS = new Set([
	"bench",
	"benchmark",
	"benchmarks",
	"bin",
	"dependencies",
	"doc",
	"docs",
	"example",
	"examples",
	"integration",
	"man",
	"scripts",
	"test",
	"tests",
	"tools",
	"vendor",
]);
const LICENCE = /^(licen[cs]e|copying|notice)/i;

export function writeFile(path, content, mode = 0o644) {
	mkdirSync(dirname(path), { recursive: true });
	writeFileSync(path, content);
	chmodSync(path, mode);
}

export function copyFile(from, to, mode = 0o644) {
	mkdirSync(dirname(to), { recursive: true });
	copyFileSync(from, to);
	chmodSync(to, mode);
}

/** JavaScript that could be started by itself becomes a module like any other: `/usr/bin/cordon` is what one starts. */
function copyModule(from, to) {
	const content = readFileSync(from);
	if (/\.[cm]?js$/.test(from) && content.subarray(0, 2).toString() === "#!") content.write("//");
	writeFile(to, content);
}

/** Files below a folder, as paths from there, without those of nested packages. */
function filesOf(folder, below = "") {
	return readdirSync(join(folder, below), { withFileTypes: true })
		.sort((a, b) => (a.name < b.name ? -1 : 1))
		.flatMap((entry) => {
			const path = join(below, entry.name);
			if (entry.isDirectory()) return entry.name === "node_modules" ? [] : filesOf(folder, path);
			return entry.isFile() ? [path] : [];
		});
}

/** A binary for another C library or, when Node comes along, for another Node. */
function isForeignBinary(path, withNode) {
	if (extname(path) !== ".node") return false;
	if (/musl/.test(path)) return true;
	const abi = /\.abi(\d+)\./.exec(basename(path))?.[1];
	return withNode && abi !== undefined && abi !== process.versions.modules;
}

/** With a binary for this very Node, the one for any Node is not loaded. */
function isSpareBinary(path, all, withNode) {
	if (!withNode || !/^node\.napi\./.test(basename(path))) return false;
	return all.includes(path.replace("napi", `abi${process.versions.modules}`));
}

function isUsed(path, all, withNode) {
	const name = basename(path);
	const [top] = path.split("/");
	if (name.startsWith(".") || top.startsWith(".") || LICENCE.test(name)) return false;
	if (path !== top && UNUSED_FOLDERS.has(top)) return false;
	if (!USED_ENDINGS.has(extname(name))) return false;
	return !isForeignBinary(path, withNode) && !isSpareBinary(path, all, withNode);
}

/** The packages that the program needs at run time and that are installed for this machine, by the lock file. */
export function productionPackages() {
	const { packages } = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8"));
	return Object.entries(packages)
		.filter(([path, { dev }]) => path.startsWith("node_modules/") && !dev && existsSync(join(ROOT, path)))
		.map(([path]) => path)
		.sort();
}

/** Writes the program below `target`; with `withNode` the Node that runs this comes along. */
export function writeProgram(target, { version, withNode }) {
	for (const file of filesOf(join(ROOT, "dist", "src")).filter((path) => path.endsWith(".js"))) {
		copyModule(join(ROOT, "dist", "src", file), join(target, "dist", "src", file));
	}
	const { name, description, license, type, engines } = JSON.parse(
		readFileSync(join(ROOT, "package.json"), "utf8"),
	);
	const manifest = { name, version, description, license, type, engines };
	writeFile(join(target, "package.json"), `${JSON.stringify(manifest, undefined, "\t")}\n`);
	for (const path of productionPackages()) {
		const all = filesOf(join(ROOT, path));
		for (const file of all.filter((one) => isUsed(one, all, withNode))) {
			copyModule(join(ROOT, path, file), join(target, path, file));
		}
	}
	if (withNode) copyFile(process.execPath, join(target, "bin", "node"), 0o755);
}
