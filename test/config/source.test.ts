import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { ConfigError } from "../../src/config/fault.ts";
import { loadConfig } from "../../src/config/load.ts";
import { PROJECT } from "./project-folder.ts";

test("the file: --config, then CORDON_CONFIG, then config/cordon.yaml here, then the shipped one", async (t) => {
	const cwd = t.testdir({
		"named.yaml": "workers: 1",
		"env.yaml": "workers: 2",
		config: { "cordon.yaml": "workers: 3" },
		empty: {},
	});
	const env = { CORDON_CONFIG: "env.yaml" };
	t.equal((await loadConfig({ path: "named.yaml", env, cwd })).config.workers, 1);
	t.equal((await loadConfig({ env, cwd })).path, join(cwd, "env.yaml"));
	t.equal((await loadConfig({ env: { CORDON_CONFIG: "" }, cwd })).config.workers, 3);
	const shipped = await loadConfig({ env: {}, cwd: join(cwd, "empty") });
	t.equal(shipped.path, join(PROJECT, "config", "cordon.yaml"));
	t.equal(shipped.config.dataDir, join(cwd, "empty", "data"), "data stay under the working directory");
});

test("what cannot be read gets one clear message", async (t) => {
	const cwd = t.testdir({ folder: {}, "a-file": "" });
	writeFileSync(join(cwd, "latin1.yaml"), Buffer.from("log: {}\ndataDir: b\xfccher\n", "latin1"));
	writeFileSync(join(cwd, "utf16.yaml"), Buffer.from("\ufefflog: {}\n", "utf16le"));
	writeFileSync(join(cwd, "large.yaml"), Buffer.alloc(8 * 1024 * 1024 + 1, "#"));
	const table: readonly [path: string, message: RegExp][] = [
		[
			"nowhere.yaml",
			/^\S+nowhere\.yaml: does not exist; name the configuration with --config FILE or CORDON_CONFIG$/,
		],
		["a-file/cordon.yaml", /: does not exist: a part of the path is not a directory$/],
		["folder", /folder: is a directory; name the file in it$/],
		["latin1.yaml", /latin1\.yaml:2:1: is not UTF-8 text; save the file as UTF-8$/],
		["utf16.yaml", /utf16\.yaml:1:1: is not UTF-8 text/],
		["large.yaml", /is larger than 8 MiB; keep long lists of names in files of their own/],
		["/dev/zero", /is larger than 8 MiB/],
	];
	for (const [path, message] of table) {
		const error = await loadConfig({ path, env: {}, cwd }).catch((e: unknown) => e);
		t.ok(error instanceof ConfigError, path);
		t.match((error as ConfigError).message, message);
		t.equal((error as ConfigError).faults.length, 1);
	}
});

test("a file that may not be read", async (t) => {
	const cwd = t.testdir({ "secret.yaml": "" });
	chmodSync(join(cwd, "secret.yaml"), 0);
	// Root may read everything, so it is somebody else for a moment.
	const nobody = 65_534;
	const isRoot = process.getuid?.() === 0;
	if (isRoot) process.seteuid?.(nobody);
	try {
		await t.rejects(loadConfig({ path: "secret.yaml", env: {}, cwd }), /may not be read by this user/);
	} finally {
		if (isRoot) process.seteuid?.(0);
	}
});

test("an empty file is a whole configuration; a byte order mark is no part of it", async (t) => {
	const cwd = t.testdir({ "empty.yaml": "", "bom.yaml": "\ufeffworkers: 2\n" });
	const { config } = await loadConfig({ path: "empty.yaml", env: {}, cwd });
	t.match(config, { workers: "auto", lists: [], listen: { dns: ["127.0.0.1:5300"] } });
	t.equal((await loadConfig({ path: "bom.yaml", env: {}, cwd })).config.workers, 2);
});

test("paths come out absolute", async (t) => {
	const cwd = t.testdir({
		etc: {
			"cordon.yaml": "lists: [{ name: a, file: lists/a.txt }]\ndataDir: ../var\n",
			lists: { "a.txt": "" },
		},
	});
	const { config } = await loadConfig({ path: "etc/cordon.yaml", env: {}, cwd });
	t.equal(config.lists[0].file, join(cwd, "etc/lists/a.txt"));
	t.equal(config.dataDir, join(cwd, "var"));
});

test("files of lists that are not there are faults naming the path", async (t) => {
	const cwd = t.testdir({ "c.yaml": "lists:\n  - { name: a, file: a.txt }\n  - { name: b, file: . }\n" });
	const error = await loadConfig({ path: "c.yaml", env: {}, cwd }).catch((e: unknown) => e);
	t.same((error as ConfigError).faults, [
		{
			key: "lists[0].file",
			position: { line: 2, column: 22 },
			message: `names a file that does not exist: ${join(cwd, "a.txt")}`,
			value: '"a.txt"',
		},
		{
			key: "lists[1].file",
			position: { line: 3, column: 22 },
			message: `names a directory, not a file: ${cwd}`,
			value: '"."',
		},
	]);
});
