// What every starter does first: the right Node, the packages of the lock file, and dist/ as new as its source.
// Plain Node, because it runs before anything is installed. When nothing has changed it takes a few hundredths of a second.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/[\\/]$/, "");
const DIST = join(ROOT, "dist");
const LOCK = join(ROOT, "package-lock.json");
const INSTALL_STAMP = join(ROOT, "node_modules", ".cordon-stamp");
const BUILD_STAMP = join(DIST, ".cordon-stamp");
const LEAST_NODE = [20, 19];

/** The two ways to compile; both write to dist/. */
const BUILDS = {
	src: { project: "tsconfig.build.json", info: "src.tsbuildinfo", folders: ["src"] },
	all: { project: "tsconfig.test.json", info: "all.tsbuildinfo", folders: ["src", "test"] },
};

/** Ends the program with a message. */
export function fail(message, code = 1) {
	process.stderr.write(`cordon: ${message}\n`);
	process.exit(code);
}

function say(message) {
	process.stderr.write(`cordon: ${message}\n`);
}

function checkNode() {
	const [major, minor] = process.versions.node.split(".").map(Number);
	if (major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1])) return;
	fail(
		`Node ${LEAST_NODE.join(".")} or newer is needed, and this is ${process.versions.node}; see nodejs.org`,
	);
}

function readJson(file) {
	try {
		return JSON.parse(readFileSync(file, "utf8"));
	} catch {
		return undefined;
	}
}

/** Some packages bring one binary for each platform, so a copied node_modules is not enough. */
function installStamp() {
	const hash = createHash("sha256").update(readFileSync(LOCK)).digest("hex");
	return `${hash} ${process.platform} ${process.arch}\n`;
}

/** Whether npm's own record of node_modules says that it holds what the lock file wants. */
function isInstalled() {
	const wanted = readJson(LOCK)?.packages ?? {};
	const found = readJson(join(ROOT, "node_modules", ".package-lock.json"))?.packages;
	if (found === undefined) return false;
	return Object.entries(wanted).every(([path, { version, integrity, optional }]) => {
		if (path === "" || (optional && found[path] === undefined)) return true;
		return found[path]?.version === version && found[path]?.integrity === integrity;
	});
}

function npm(args) {
	// npm says where it is to the scripts that it runs.
	const cli = process.env.npm_execpath;
	const options = { cwd: ROOT, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] };
	if (cli?.endsWith(".js") && existsSync(cli)) return spawnSync(process.execPath, [cli, ...args], options);
	return spawnSync("npm", args, { ...options, shell: process.platform === "win32" });
}

/** Makes node_modules what package-lock.json says. */
function install() {
	const stamp = installStamp();
	if (existsSync(INSTALL_STAMP) && readFileSync(INSTALL_STAMP, "utf8") === stamp) return;
	if (!isInstalled()) {
		say("installing packages, once per change of package-lock.json …");
		// NODE_ENV=production would leave the compiler out.
		const { status, signal, error, stdout, stderr } = npm([
			"ci",
			"--include=dev",
			"--loglevel=error",
			"--no-fund",
			"--no-audit",
		]);
		if (error !== undefined) fail(`npm could not be started: ${error.message}`);
		if (status !== 0) {
			process.stderr.write(`${stdout}${stderr}`);
			fail(
				`npm ci failed${signal ? ` (${signal})` : ""}; is the network there? What it said is above`,
				status ?? 130,
			);
		}
	}
	writeFileSync(INSTALL_STAMP, stamp);
}

/** Files below a folder whose names end so, sorted; none when the folder does not exist. */
export function filesBelow(folder, ending) {
	if (!existsSync(folder)) return [];
	const found = [];
	for (const entry of readdirSync(folder, { withFileTypes: true })) {
		const path = join(folder, entry.name);
		if (entry.isDirectory()) found.push(...filesBelow(path, ending));
		else if (entry.name.endsWith(ending)) found.push(path);
	}
	return found.sort();
}

function sources(folder) {
	return filesBelow(join(ROOT, folder), ".ts").filter((file) => !file.endsWith(".d.ts"));
}

/** Where the compiler writes a source file. */
function outputOf(source) {
	return join(DIST, relative(ROOT, source)).replace(/\.ts$/, ".js");
}

/** What a build comes from, by content: neither a checkout nor a copy makes it look new. */
function inputHash(folder) {
	const hash = createHash("sha256");
	const settings = ["tsconfig.json", "tsconfig.build.json", "tsconfig.test.json", "package-lock.json"];
	for (const file of [
		...settings.map((name) => join(ROOT, name)),
		...filesBelow(join(ROOT, folder), ".ts"),
	]) {
		hash
			.update(`${relative(ROOT, file)}\0`)
			.update(readFileSync(file))
			.update("\0");
	}
	return hash.digest("hex");
}

/** What a build has written, by size and time: quick, and enough to notice who else wrote there. */
function outputHash(folder) {
	const hash = createHash("sha256");
	for (const source of sources(folder)) {
		const output = outputOf(source);
		const { size, mtimeMs } = existsSync(output) ? statSync(output) : { size: -1, mtimeMs: 0 };
		hash.update(`${relative(ROOT, output)} ${size} ${mtimeMs}\0`);
	}
	return hash.digest("hex");
}

/** Removes what was compiled from files that are gone: a test must not outlive its source. */
function removeOrphans(folder) {
	const wanted = new Set(sources(folder).map(outputOf));
	for (const output of filesBelow(join(DIST, folder), ".js")) if (!wanted.has(output)) rmSync(output);
}

function compile(project) {
	const tsc = join(ROOT, "node_modules", "typescript", "bin", "tsc");
	const { status, error } = spawnSync(process.execPath, [tsc, "-p", project], {
		cwd: ROOT,
		// What it complains about goes where complaints belong.
		stdio: ["ignore", 2, 2],
	});
	if (error !== undefined) fail(`the compiler could not be started: ${error.message}`);
	if (status !== 0) fail(`the source does not compile (${project}); the reasons are above`, status ?? 130);
}

/** Makes dist/ what the source says: `src` for the program alone, `all` with tests, benchmarks and fuzzers. */
function build(kind) {
	const { project, info, folders } = BUILDS[kind];
	const stamp = readJson(BUILD_STAMP) ?? { by: "", inputs: {}, outputs: {} };
	const inputs = Object.fromEntries(folders.map((folder) => [folder, inputHash(folder)]));
	const untouched = folders.every((folder) => stamp.outputs[folder] === outputHash(folder));
	for (const folder of folders) removeOrphans(folder);
	if (untouched && folders.every((folder) => stamp.inputs[folder] === inputs[folder])) return;
	// The compiler's own memory holds only as long as nobody else wrote to its output.
	if (!untouched || stamp.by !== kind) rmSync(join(DIST, info), { force: true });
	rmSync(BUILD_STAMP, { force: true });
	say(kind === "src" ? "building …" : "building, tests and all …");
	compile(project);
	mkdirSync(DIST, { recursive: true });
	const outputs = Object.fromEntries(folders.map((folder) => [folder, outputHash(folder)]));
	writeFileSync(BUILD_STAMP, `${JSON.stringify({ by: kind, inputs, outputs })}\n`);
}

/** Node, packages, dist/. `kind` is `src` or `all`. */
export function prepare(kind) {
	checkNode();
	install();
	build(kind);
}

/** `test/commands/lookup.test.ts`, as people name it, to what was compiled from it. */
export function compiledPath(path) {
	if (!/^(?:\.[\\/])?test[\\/].*\.ts$/.test(path)) return path;
	return join("dist", path).split(sep).join("/").replace(/\.ts$/, ".js");
}
