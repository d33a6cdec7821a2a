// Which libraries of the system the binaries of the package need, as `Depends` says it.
import { spawnSync } from "node:child_process";
import { basename } from "node:path";

/** Libraries that every Debian has, with the package that brings them and the names of their versions. */
const PACKAGES = [
	{
		name: "libc6",
		libraries: /^(libc|libm|libdl|libpthread|librt|ld-linux.*)\.so/,
		version: /\(GLIBC_([\d.]+)\)/g,
	},
	{ name: "libstdc++6", libraries: /^libstdc\+\+\.so/, version: /\(GLIBCXX_3\.4\.(\d+)\)/g },
	{ name: "libgcc-s1", libraries: /^(libgcc_s|libatomic)\.so/, version: undefined },
];
/** GLIBCXX_3.4.N came with this GCC, whose version libstdc++6 has in Debian. */
const GCC_OF_GLIBCXX = [
	[22, "6"],
	[24, "7"],
	[25, "8"],
	[26, "9"],
	[28, "10"],
	[29, "11"],
	[30, "12"],
	[32, "13"],
	[33, "14"],
];

function linkage(binary) {
	const { status, stdout, stderr, error } = spawnSync("ldd", ["-v", binary], { encoding: "utf8" });
	if (error !== undefined || status !== 0) {
		throw new Error(`ldd cannot tell what ${binary} needs: ${error?.message ?? stderr.trim()}`);
	}
	return stdout;
}

function newest(versions) {
	return versions.toSorted((a, b) => a.localeCompare(b, "en", { numeric: true })).at(-1);
}

/** What of the system `ldd -v` names under the binary itself, not under the libraries that it loads. */
function ownPart(text, binary) {
	const parts = text.split(/^\t(?=\/)/m);
	return parts.find((part) => part.startsWith(`${binary}:`)) ?? "";
}

function relation(name, versions) {
	if (versions.length === 0) return name;
	if (name !== "libstdc++6") return `${name} (>= ${newest(versions)})`;
	const wanted = Number(newest(versions));
	const gcc = GCC_OF_GLIBCXX.find(([last]) => wanted <= last);
	if (gcc === undefined) throw new Error(`no Debian package is known to have GLIBCXX_3.4.${wanted}`);
	return `${name} (>= ${gcc[1]})`;
}

/**
 * The relations that binaries, given by absolute path, put into `Depends`. Throws an Error when one needs more of the
 * system than the C and C++ libraries: it would not run elsewhere.
 */
export function libraryRelations(binaries) {
	const versions = new Map();
	for (const binary of binaries) {
		const text = linkage(binary);
		const libraries = Array.from(text.split("Version information:")[0].matchAll(/^\t(\S+)/gm), ([, path]) =>
			basename(path),
		);
		for (const library of libraries) {
			if (library.startsWith("linux-vdso")) continue;
			const entry = PACKAGES.find((one) => one.libraries.test(library));
			if (entry === undefined) {
				throw new Error(
					`${binary} needs ${library}, which the package does not bring; build with the Node of nodejs.org or NodeSource, or with --without-node`,
				);
			}
			const found =
				entry.version === undefined
					? []
					: Array.from(ownPart(text, binary).matchAll(entry.version), ([, version]) => version);
			versions.set(entry.name, [...(versions.get(entry.name) ?? []), ...found]);
		}
	}
	return [...versions].map(([name, all]) => relation(name, all)).sort();
}
