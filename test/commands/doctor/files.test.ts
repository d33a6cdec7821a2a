import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { LIST_STATES } from "../../../src/commands/doctor/list-states.ts";
import { PERMISSIONS } from "../../../src/commands/doctor/permissions.ts";
import { listSource } from "../../../src/feeds/source.ts";
import { folder, MAIN } from "../../scenario/cordon.ts";
import { levels, look, patient, writeConfig } from "./patient.ts";

const isRoot = process.getuid?.() === 0;
const asRoot = isRoot ? {} : { skip: "only root can give files to others" };
const NOBODY = 65_534;

test("secrets that others can read", async (t) => {
	const of = await patient(t, {
		listen: { dns: ["127.0.0.1:0"], admin: false, cookies: { secretFile: "cookie.secret" } },
	}).catch(() => undefined);
	t.equal(of, undefined, "a secret that is not there is a fault of the configuration");
	const secretFile = join(folder(t), "cookie.secret");
	writeFileSync(secretFile, `${"0f".repeat(16)}\n`);
	const cookies = { secretFile };
	const open = await patient(t, { listen: { dns: ["127.0.0.1:0"], admin: false, cookies } });
	const { dataDir } = open.loaded.config;
	mkdirSync(dataDir, { recursive: true });
	const token = join(dataDir, "operator.token");
	writeFileSync(token, "cordon_secret\n", { mode: 0o644 });
	chmodSync(secretFile, 0o644);
	t.match(await look(PERMISSIONS, open), [
		{ level: "ok" },
		{ level: "fault", text: /operator\.token can be read by others/, mend: `chmod 600 ${token}` },
		{
			level: "warning",
			text: /listen\.cookies\.secretFile: everybody .* can read/,
			mend: `chmod 600 ${secretFile}`,
		},
	]);
	chmodSync(token, 0o600);
	chmodSync(secretFile, 0o600);
	t.equal(levels(await look(PERMISSIONS, open)), "ok");
});

test("a password in a configuration that everybody can read", async (t) => {
	const redis = { url: "redis://127.0.0.1:6379", password: "secret" };
	const of = await patient(t, { pool: { store: "redis", redis } });
	chmodSync(of.loaded.path, 0o644);
	t.match(await look(PERMISSIONS, of), [{ level: "ok" }, { level: "warning", text: /has a password in it/ }]);
	chmodSync(of.loaded.path, 0o640);
	t.equal(levels(await look(PERMISSIONS, of)), "ok");
});

test("files of another owner, and a configuration that the server cannot read", asRoot, async (t) => {
	const of = await patient(t, {});
	const { dataDir } = of.loaded.config;
	mkdirSync(join(dataDir, "lists"), { recursive: true });
	chownSync(dataDir, NOBODY, NOBODY);
	chownSync(join(dataDir, "lists"), NOBODY, NOBODY);
	writeFileSync(join(dataDir, "lists", "web.list"), "");
	chmodSync(of.loaded.path, 0o600);
	t.match(await look(PERMISSIONS, of), [
		{
			level: "warning",
			text: /1 files in .* are not of its owner/,
			mend: `chown -R ${NOBODY}:${NOBODY} ${dataDir}`,
		},
		{ level: "warning", text: /may not be readable for user 65534/ },
	]);
});

test("without root it says what it could not see", asRoot, async (t) => {
	const { path, folder: place } = writeConfig(t, { dataDir: "data" });
	chmodSync(place, 0o755);
	mkdirSync(join(place, "data"), { mode: 0o755 });
	const { NODE_OPTIONS: _, ...env } = process.env;
	const ran = spawnSync(process.execPath, [MAIN, "doctor", "permissions", "firewall", "--config", path], {
		...{ uid: NOBODY, gid: NOBODY, env, encoding: "utf8" },
	});
	t.match(ran.stdout, /fault {3}permissions .*this user \(65534\) may not write to dataDir/);
	t.equal(ran.status, 2, ran.stderr);
});

test("a disk that is full, and one in memory", asRoot, async (t) => {
	const disk = folder(t);
	const { path } = writeConfig(t, { dataDir: disk });
	const { NODE_OPTIONS: _, ...env } = process.env;
	// In a mount namespace of its own.
	const script = 'mount -t tmpfs -o size=1m,nr_inodes=100 none "$1" && shift && exec "$@"';
	const command = [process.execPath, MAIN, "doctor", "disk", "--json", "--config", path];
	const { stdout, stderr } = spawnSync("unshare", ["-m", "sh", "-c", script, "sh", disk, ...command], {
		...{ env, encoding: "utf8" },
	});
	t.equal(stderr, "");
	t.match(JSON.parse(stdout).findings, [
		{ level: "fault", text: /has [01] MiB free: lists, snapshot and pool cannot be written/, mend: /df -h/ },
		{ level: "warning", text: /room for \d+ more files \(inodes\)/, mend: /df -i/ },
		{ level: "warning", text: /is in memory \(tmpfs\)/ },
	]);
});

test("lists that are held, old, or never came", async (t) => {
	const now = Date.UTC(2026, 10, 23);
	const lists = ["held", "old", "fresh", "new"].map((name) => ({
		...{ name, url: `https://lists.example.org/${name}`, refresh: "1h" },
	}));
	const of = await patient(t, { lists }, { over: { now: () => now } });
	const { dataDir } = of.loaded.config;
	mkdirSync(join(dataDir, "lists"), { recursive: true });
	const facts = (name: string, hours: number) => {
		const { id, shown } = listSource({ url: `https://lists.example.org/${name}` }, "/");
		const checkedAt = now - hours * 3_600_000;
		return {
			url: shown,
			source: id,
			fetchedAt: checkedAt,
			checkedAt,
			format: "hosts",
			rules: 1,
			bytes: 3,
			sha256: "",
		};
	};
	const keep = (name: string, record: unknown) => {
		writeFileSync(join(dataDir, "lists", `${name}.list`), "a.b");
		writeFileSync(join(dataDir, "lists", `${name}.json`), JSON.stringify(record));
	};
	keep("held", {
		good: facts("held", 1),
		held: { ...facts("held", 0), reason: "shrunk", message: "lost 61 % of its names" },
	});
	keep("old", {
		good: facts("old", 50),
		problem: { reason: "network", message: "its host name does not resolve", at: now },
	});
	keep("fresh", { good: facts("fresh", 1) });
	t.match(await look(LIST_STATES, of), [
		{ level: "ok", text: "1 of 4 lists are on disk and fresh" },
		{ level: "warning", text: /list held .*held: lost 61 %/, mend: /cordon lists accept held/ },
		{ level: "warning", text: /list old was last fetched 2 d 2 h ago: its host name does not resolve/ },
		{ level: "note", text: /list new was never fetched/ },
	]);
	t.match(await look(LIST_STATES, await patient(t, {})), [{ level: "note", text: /no list is configured/ }]);
});
