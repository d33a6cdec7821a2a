import { execFileSync } from "node:child_process";
import {
	cpSync,
	existsSync,
	mkdirSync,
	readFileSync,
	realpathSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";

function run(file: string, ...words: string[]): string {
	return execFileSync(file, words, {
		encoding: "utf8",
		maxBuffer: 1 << 26,
		stdio: ["ignore", "pipe", "pipe"],
	});
}

/** What a Debian cannot do without, and these packages, with all that they depend on. */
function packages(more: readonly string[]): string[] {
	// biome-ignore lint/suspicious/noTemplateCurlyInString: a pattern of dpkg's
	const pattern = "${Package}\t${Essential} ${Priority}\t${Pre-Depends}, ${Depends}\n";
	const needs = new Map<string, string[]>();
	const wanted = new Set(more);
	for (const row of run("dpkg-query", "-W", "-f", pattern).split("\n")) {
		const [name, rank = "", depends = ""] = row.split("\t");
		// Of alternatives those that are installed count; the others are not in the map.
		needs.set(name, depends.match(/(?<=^|[,|] *)[a-z0-9][a-z0-9+.-]+/g) ?? []);
		if (/yes|required/.test(rank)) wanted.add(name);
	}
	for (const name of wanted) for (const need of needs.get(name) ?? []) if (needs.has(need)) wanted.add(need);
	return [...wanted];
}

/** With the folders' symbolic links resolved: packages list /bin/sh, which lies in /usr/bin. */
function place(path: string): string {
	return join(realpathSync(dirname(path)), basename(path));
}

/** As the official image of Node has them. Returns the folder. */
export function makeBaseFiles(directory: string): string {
	const root = makeDebianFiles(directory, "base", ["libstdc++6"]);
	addNode(root);
	return root;
}

/**
 * The files of a small Debian with some packages, copied from this machine, where they have to be installed: no registry of
 * images is asked. Returns the folder.
 */
export function makeDebianFiles(directory: string, name: string, more: readonly string[]): string {
	const root = join(directory, name);
	for (const folder of [
		"usr/bin",
		"usr/sbin",
		"usr/lib",
		"usr/lib64",
		"etc/ssl/certs",
		"root",
		"var/lib",
		"var/log",
		"usr/etc",
	])
		mkdirSync(join(root, folder), { recursive: true });
	mkdirSync(join(root, "tmp"), { mode: 0o1777 });
	for (const link of ["bin", "sbin", "lib", "lib64"]) symlinkSync(`usr/${link}`, join(root, link));
	const files = run("dpkg-query", "-L", ...packages(more))
		.split("\n")
		.filter((path) => path.startsWith("/") && !/^\/usr\/share\/(?:doc|man|locale|info)\//.test(path))
		.filter((path) => existsSync(path))
		.map((path) => place(path))
		.filter((path) => realpathSync(path) !== "/");
	const list = join(directory, `${name}.list`);
	writeFileSync(list, `${[...new Set(files)].map((path) => `.${path}`).join("\n")}\n`);
	const archive = join(directory, `${name}.tar`);
	run("tar", "-C", "/", "--no-recursion", "-cf", archive, "-T", list);
	run("tar", "-C", root, "--keep-directory-symlink", "-xf", archive);
	writeFileSync(join(root, "etc/passwd"), "root:x:0:0:root:/root:/bin/bash\nnode:x:1000:1000::/:/bin/bash\n");
	writeFileSync(join(root, "etc/group"), "root:x:0:\nnode:x:1000:\n");
	writeFileSync(join(root, "etc/shadow"), "root:*:19000:0:99999:7:::\n", { mode: 0o600 });
	writeFileSync(join(root, "etc/gshadow"), "root:*::\n", { mode: 0o600 });
	run("ldconfig", "-r", root);
	return root;
}

function addNode(root: string): void {
	cpSync(realpathSync(process.execPath), join(root, "usr/bin/node"));
	const cli = realpathSync(run("sh", "-c", "command -v npm").trim());
	const npm = dirname(dirname(cli));
	cpSync(npm, join(root, "usr/lib/node_modules/npm"), { recursive: true });
	symlinkSync("../lib/node_modules/npm/bin/npm-cli.js", join(root, "usr/bin/npm"));
	// A network with an authority of its own has it in npm's configuration.
	const authority = run("npm", "config", "get", "cafile", "--global").trim();
	if (!authority.startsWith("/")) return;
	writeFileSync(join(root, "etc/ssl/certs/ca-certificates.crt"), readFileSync(authority));
	writeFileSync(join(root, "usr/etc/npmrc"), "cafile=/etc/ssl/certs/ca-certificates.crt\n");
}
