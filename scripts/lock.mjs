// Completes package-lock.json: `npm run lock`, after every `npm install PACKAGE`.
//
// A mirror of the npm registry may serve only the packages of its own platform. npm then silently leaves the
// optional packages of other platforms out of the lock file, and `npm ci` refuses a lock file without them, on every
// machine. Their versions are exact in the package that wants them, and their names tell the platform.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const PLATFORM =
	/-(aix|android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32)-(arm64|arm|ia32|loong64|mips64el|ppc64|riscv64|s390x|universal|x64)(?:-(gnu|musl))?/;

/** The entry of a package that is for one platform; undefined when its name does not say which. */
function entry(name, version, dev) {
	const [, os, cpu, libc] = PLATFORM.exec(name) ?? [];
	if (os === undefined || !/^\d+\.\d+\.\d+[\w.+-]*$/.test(version)) return undefined;
	return {
		version,
		...(cpu === "universal" ? {} : { cpu: [cpu] }),
		...(dev ? { dev } : {}),
		...(libc === undefined ? {} : { libc: [libc === "gnu" ? "glibc" : "musl"] }),
		optional: true,
		os: [os],
	};
}

/** Adds what is missing to a parsed lock file; returns the names added. */
export function complete(lock) {
	const added = [];
	for (const [path, { optionalDependencies = {}, dev = false }] of Object.entries(lock.packages)) {
		for (const [name, version] of Object.entries(optionalDependencies)) {
			const nested = `${path}/node_modules/${name}`;
			const top = `node_modules/${name}`;
			if (Object.hasOwn(lock.packages, nested) || Object.hasOwn(lock.packages, top)) continue;
			const found = entry(name, version, dev);
			if (found === undefined) continue;
			lock.packages[top] = found;
			added.push(`${name}@${version}`);
		}
	}
	const sorted = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, "en"));
	lock.packages = Object.fromEntries(sorted);
	return added;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const file = new URL("../package-lock.json", import.meta.url);
	const lock = JSON.parse(readFileSync(file, "utf8"));
	const added = complete(lock);
	if (added.length > 0) writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
	console.log(
		added.length === 0 ? "package-lock.json is complete" : `added to package-lock.json:\n${added.join("\n")}`,
	);
}
