/** One Cordon to a data folder: kept by the kernel where it can be, else by the process that the lock file names. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { type Test, test } from "tap";
import { DataDirTaken, DataLock, type DataLockParts } from "../../src/supervisor/data-lock.ts";

const linuxOnly = process.platform === "linux" ? {} : { skip: "flock is called on Linux only" };
const kernel =
	process.platform === "linux" ? (await import("../../src/sockets/file-lock.ts")).lockFile : undefined;

/** Takes the folder, says so, and waits to be killed. */
const TAKER = `
const [locks, sockets, folder] = process.argv.slice(1);
const { DataLock } = await import(locks);
const { lockFile } = sockets === "" ? {} : await import(sockets);
new DataLock({ lockFile, log: { warn: console.error } }).take(folder);
console.log("taken");
setInterval(() => {}, 1000);
`;

function moduleAt(path: string): string {
	return new URL(`../../src/${path}`, import.meta.url).href;
}

/** Another process that has taken the folder. */
async function takenBy(t: Test, folder: string, withKernel: boolean) {
	const sockets = withKernel ? moduleAt("sockets/file-lock.js") : "";
	// The test runner's hooks are not for it.
	const { NODE_OPTIONS: _, ...env } = process.env;
	const child = spawn(
		process.execPath,
		["--input-type=module", "-e", TAKER, moduleAt("supervisor/data-lock.js"), sockets, folder],
		{ env, stdio: ["ignore", "pipe", "inherit"] },
	);
	const gone = once(child, "exit");
	t.teardown(() => child.kill("SIGKILL"));
	await Promise.race([
		once(child.stdout, "data"),
		gone.then(() => {
			throw new Error("the other process ended before it had taken the folder");
		}),
	]);
	const kill = async () => {
		child.kill("SIGKILL");
		await gone;
	};
	return { pid: child.pid ?? 0, kill };
}

function setUp(t: Test, lockFile: DataLockParts["lockFile"]) {
	const dataDir = t.testdir({});
	const warnings: string[] = [];
	const create = () =>
		new DataLock({
			lockFile,
			log: { warn: (message, fields) => warnings.push(`${message} ${JSON.stringify(fields)}`) },
		});
	return { dataDir, path: join(dataDir, "cordon.lock"), lock: create(), other: create(), warnings };
}

function signedBy(pid: number, given: { readonly host?: string; readonly by?: string } = {}): string {
	return JSON.stringify({ pid, host: hostname(), by: "process", ...given });
}

test("a folder that another process has locked, until that process dies", linuxOnly, async (t) => {
	const { dataDir, path, lock } = setUp(t, kernel);
	const holder = await takenBy(t, dataDir, true);
	const refusal = {
		name: "DataDirTaken",
		message: `dataDir ${dataDir} is in use by another Cordon (process ${holder.pid} on ${hostname()}), which has locked ${path}; stop it, or give each its own dataDir`,
	};
	t.throws(() => lock.take(dataDir), refusal);
	t.throws(() => lock.take(dataDir), refusal, "asking changes nothing");
	await holder.kill();
	t.match(readFileSync(path, "utf8"), `"pid":${holder.pid}`, "it left the file behind");
	lock.take(dataDir);
	t.match(readFileSync(path, "utf8"), `"pid":${process.pid}`);
});

test("locked by the kernel, the process that is named does not matter", linuxOnly, async (t) => {
	const { dataDir, path, lock, other } = setUp(t, kernel);
	writeFileSync(path, signedBy(process.ppid, { by: "kernel" }));
	lock.take(dataDir);
	writeFileSync(path, "");
	t.throws(() => other.take(dataDir), {
		message: `dataDir ${dataDir} is in use by another Cordon, which has locked ${path}; stop it, or give each its own dataDir`,
	});
	lock.release();
	other.take(dataDir);
	other.release();
	t.equal(readFileSync(path, "utf8"), "");
});

test("moving to another folder", linuxOnly, async (t) => {
	const { dataDir, lock, other } = setUp(t, kernel);
	const [a, b] = [join(dataDir, "a"), join(dataDir, "b")];
	mkdirSync(a);
	mkdirSync(b);
	lock.take(a);
	lock.take(a);
	other.take(b);
	t.throws(() => lock.take(b), DataDirTaken);
	t.throws(() => other.take(a), DataDirTaken, "the folder before is not let go of");
	other.release();
	lock.take(b);
	t.throws(() => other.take(a), DataDirTaken, "both are held while work is under way in both");
	lock.keepOnly(b);
	t.throws(() => other.take(b), DataDirTaken);
	other.take(a);
});

for (const [how, lockFile] of [
	["without the kernel", undefined],
	["on a file system without locks", () => "unsupported" as const],
] as const) {
	test(`${how}, a living process holds the folder`, async (t) => {
		const { dataDir, path, lock, warnings } = setUp(t, lockFile);
		const holder = await takenBy(t, dataDir, false);
		t.throws(() => lock.take(dataDir), {
			name: "DataDirTaken",
			message: `dataDir ${dataDir} is in use by another Cordon (process ${holder.pid} on ${hostname()}), which has locked ${path}; stop it, or give each its own dataDir; if there is no such Cordon, remove ${path}`,
		});
		await holder.kill();
		lock.take(dataDir);
		t.match(readFileSync(path, "utf8"), `"pid":${process.pid}`);
		lock.release();
		t.notOk(existsSync(path));
		t.same(warnings, []);
	});

	test(`${how}, a lock that is left over is taken over`, async (t) => {
		const { dataDir, path, lock } = setUp(t, lockFile);
		const dead = spawnSync(process.execPath, ["--version"]).pid;
		const leftOver = {
			"of a process that is gone": signedBy(dead),
			"of a process of our number, in the container before": signedBy(process.pid),
			"of another host": signedBy(process.ppid, { host: "elsewhere.example" }),
			"of nobody": "",
			"of none that could be": signedBy(-1),
			"not ours": "[1, 2",
			"not ours either": "null",
		};
		for (const [whose, text] of Object.entries(leftOver)) {
			writeFileSync(path, text);
			lock.take(dataDir);
			t.match(readFileSync(path, "utf8"), `"pid":${process.pid}`, whose);
			lock.release();
		}
		writeFileSync(path, signedBy(process.ppid));
		t.throws(() => lock.take(dataDir), DataDirTaken, "of a process that lives");
		utimesSync(path, 4, 4);
		lock.take(dataDir);
		t.match(readFileSync(path, "utf8"), `"pid":${process.pid}`, "of before the machine was started");
	});
}

test("a holder that has no kernel to lock with is respected by one that has", linuxOnly, async (t) => {
	const { dataDir, path, lock } = setUp(t, kernel);
	const holder = await takenBy(t, dataDir, false);
	t.throws(() => lock.take(dataDir), { message: /; if there is no such Cordon, remove \S+cordon\.lock$/ });
	await holder.kill();
	lock.take(dataDir);
	t.match(readFileSync(path, "utf8"), `"pid":${process.pid}`);
});

test("a folder that cannot be locked is used all the same", async (t) => {
	for (const lockFile of [kernel, undefined]) {
		const { dataDir, lock, warnings } = setUp(t, lockFile);
		const missing = join(dataDir, "missing");
		lock.take(missing);
		t.match(warnings, [/^dataDir cannot be locked; .* \{"path":".*missing\/cordon\.lock","why":"ENOENT"\}$/]);
		lock.release();
	}
});
