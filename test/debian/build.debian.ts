/** How the package is built: reproducible, in order for lintian, with and without Node. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "tap";
import { buildPackage, lint, ownVersion } from "./packages.ts";

/** Two cores take a minute to make it as small as it is given away. */
const QUICK = ["--compression", "gzip"];

function field(path: string, name: string): string {
	return spawnSync("dpkg-deb", ["--field", path, name], { encoding: "utf8" }).stdout.trim();
}

function contents(path: string): string {
	return spawnSync("dpkg-deb", ["--contents", path], { encoding: "utf8", maxBuffer: 2 ** 26 }).stdout;
}

test("the package is built", async (t) => {
	const folder = mkdtempSync(join(tmpdir(), "cordon-debian-build-"));
	t.teardown(() => rmSync(folder, { recursive: true, force: true }));
	const built = buildPackage(join(folder, "one"), ...QUICK);
	t.comment(built.told);

	t.test("two builds are the same, byte by byte", async (t) => {
		t.equal(buildPackage(join(folder, "two"), ...QUICK).sha256, built.sha256);
	});

	t.test("lintian finds nothing that is not explained", async (t) => {
		t.equal(lint(built.path), "");
	});

	t.test(
		"it holds what runs, root's and readable for all, and nothing to build or to test with",
		async (t) => {
			const lines = contents(built.path).trim().split("\n");
			for (const line of lines) t.match(line, /^(-rw-r--r--|-rwxr-xr-x|drwxr-xr-x) root\/root /);
			const paths = lines.map((line) => line.replace(/^.* \.\//, "/"));
			t.ok(paths.includes("/usr/lib/cordon/bin/node"));
			t.ok(paths.includes("/usr/lib/cordon/dist/src/main.js"));
			t.same(
				paths.filter((path) => /\.(ts|map|md)$/.test(path) && path.startsWith("/usr/lib/")),
				[],
			);
			t.same(
				paths.filter((path) =>
					/\/node_modules\/(typescript|@biomejs|@tapjs|(@[^/]+\/)?[^/]*musl)/.test(path),
				),
				[],
			);
		},
	);

	t.test("without Node it depends on one that is new enough", async (t) => {
		const bare = buildPackage(join(folder, "bare"), "--without-node", ...QUICK);
		t.comment(bare.told);
		t.match(field(bare.path, "Depends"), /\bnodejs \(>= 20\.19\)/);
		t.notMatch(contents(bare.path), /lib\/cordon\/bin/);
		t.notMatch(field(built.path, "Depends"), /nodejs/);
		t.equal(field(built.path, "Version"), ownVersion());
	});
});
