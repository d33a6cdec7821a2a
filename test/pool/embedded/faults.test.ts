/** Disks that are full, files that are damaged, and folders that hold something else. */
import { spawn } from "node:child_process";
import {
	chmodSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	statSync,
	truncateSync,
	writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { test } from "tap";
import { openEmbeddedStore, openReplica } from "../../../src/pool/embedded/open.ts";
import { entry, put, puts } from "../store-contract/pool.ts";
import { dataFolder, openStore } from "./opening.ts";
import { assertWhole } from "./whole.ts";

const CHILD = fileURLToPath(new URL("./full-disk-child.js", import.meta.url));

/** In a process that may write no file beyond so many blocks of 512 bytes. */
async function withLittleRoom(mode: string, folder: string, blocks: number) {
	// Node would die of the signal by which the system tells it.
	const script = `trap '' XFSZ; ulimit -f ${blocks}; exec "$0" "$@"`;
	const child = spawn("/bin/sh", ["-c", script, process.execPath, CHILD, mode, folder], {
		stdio: ["ignore", "pipe", "inherit"],
	});
	return JSON.parse(await text(child.stdout));
}

test("a full disk: commits are refused, and what was there stays whole", async (t) => {
	const folder = dataFolder(t);
	const told = await withLittleRoom("commits", folder, 4000);
	t.equal(told.faults.length, 3);
	for (const fault of told.faults) {
		t.match(fault, /^PoolUnavailable: cannot write to the pool in .*pool: .*; see whether that disk is full/);
	}
	t.ok(told.acknowledged > 0);
	t.equal(told.changes, told.acknowledged * 500);
	t.equal(told.records, told.acknowledged * 500);
	t.match(told.staged, /^PoolUnavailable/);
	t.same(told.batches, []);

	const store = await openStore(t, folder);
	t.equal(assertWhole(t, store.replica).size, told.records);
	t.equal(
		(await store.commit([put("more.example")], [])).position.seq,
		told.records + 1,
		"there is room again",
	);
});

test("a full disk while a state takes the place of another", async (t) => {
	for (const blocks of [2000, 9000]) {
		const folder = dataFolder(t);
		const told = await withLittleRoom("replace", folder, blocks);
		t.equal(told.faults.length, 2);
		for (const fault of told.faults)
			t.match(fault, /^DiskFault: cannot write to .*see whether that disk is full/);
		t.same(told.position, { epoch: "e", seq: 1, token: "t" });
		t.equal(told.after, 100);
		const replica = await openReplica(folder);
		t.equal(assertWhole(t, replica).size, 100);
		await replica.close();
		t.same(readdirSync(join(folder, "pool")).sort(), ["data.mdb", "lock.mdb"]);
	}
});

test("a file that is none of ours, or lost its end", async (t) => {
	const damages: readonly ((file: string) => void)[] = [
		(file) => writeFileSync(file, "what is this? ".repeat(1000)),
		(file) => writeFileSync(file, Buffer.alloc(65_536)),
		(file) => truncateSync(file, 8192),
		(file) => truncateSync(file, 100_000),
		(file) => truncateSync(file, 100),
	];
	for (const [i, damage] of damages.entries()) {
		const folder = dataFolder(t);
		const store = await openEmbeddedStore(folder);
		await store.create();
		await store.commit(puts(1000), []);
		await store.close();
		damage(join(folder, "pool", "data.mdb"));
		const message =
			/^cannot open the pool in \/.*\/pool: .+; put a copy of that folder from a backup in its place/;
		await t.rejects(openEmbeddedStore(folder), { name: "DiskFault", message }, `damage ${i}`);
		await t.rejects(openReplica(folder), {
			name: "DiskFault",
			message: /move that folder away, and it is filled/,
		});
	}
});

test("pages at the end that are missing, and that nobody needs, are no fault", async (t) => {
	const folder = dataFolder(t);
	const store = await openEmbeddedStore(folder);
	await store.create();
	await store.commit(puts(1000), []);
	await store.close();
	// LMDB counts pages that it took and gave back at once, without ever writing them.
	const file = join(folder, "pool", "data.mdb");
	const bytes = readFileSync(file);
	const pageSize = bytes.readUInt32LE(48);
	for (const at of [144, pageSize + 144]) bytes.writeUInt32LE(bytes.readUInt32LE(at) + 50, at);
	writeFileSync(file, bytes);
	const again = await openStore(t, folder);
	t.equal(assertWhole(t, again.replica).size, 1000);
	await again.commit(puts(1000, "more"), []);
	t.equal(assertWhole(t, again.replica).size, 2000);
});

test("a file that was cut off is found to be so again and again", async (t) => {
	const folder = dataFolder(t);
	const store = await openEmbeddedStore(folder);
	await store.create();
	for (let n = 0; n < 5; n++) await store.commit(puts(500, `p${n}-`), []);
	await store.close();
	const file = join(folder, "pool", "data.mdb");
	const cut = statSync(file).size - 60 * 4096;
	truncateSync(file, cut);
	for (let n = 0; n < 3; n++) {
		await t.rejects(openEmbeddedStore(folder), {
			name: "DiskFault",
			message: /cannot open the pool in .*MDB_CORRUPTED/,
		});
		t.equal(statSync(file).size, cut, "it was left as it was");
	}
});

test("a folder that cannot be had", async (t) => {
	const folder = dataFolder(t);
	writeFileSync(join(folder, "pool"), "a file");
	await t.rejects(openReplica(folder), { name: "DiskFault", message: /cannot open the pool in .*pool: / });
	if (process.getuid?.() === 0) return;
	const other = dataFolder(t);
	mkdirSync(join(other, "pool"));
	chmodSync(other, 0o500);
	t.teardown(() => chmodSync(other, 0o700));
	chmodSync(join(other, "pool"), 0o000);
	await t.rejects(openReplica(other), { name: "DiskFault" });
});

test("a later version's file is left alone", async (t) => {
	const folder = dataFolder(t);
	const store = await openEmbeddedStore(folder);
	await store.create();
	await store.close();
	const file = join(folder, "pool", "data.mdb");
	const bytes = readFileSync(file);
	const name = Buffer.from("format1");
	for (let at = bytes.indexOf(name); at >= 0; at = bytes.indexOf(name, at + 1)) bytes.write("format9", at);
	writeFileSync(file, bytes);
	await t.rejects(openEmbeddedStore(folder), {
		name: "DiskFault",
		message: /has the format 9, and this version of Cordon reads 1: start the version that wrote it/,
	});
});

test("a pool that was embedded is set aside when Redis takes its place, and taken up again", async (t) => {
	const folder = dataFolder(t);
	const said: unknown[] = [];
	const log = { info: (message: string, fields?: unknown) => void said.push([message, fields]) };
	const store = await openEmbeddedStore(folder, { log });
	await store.create();
	await store.commit([put("own.example")], [entry("add")]);
	await store.close();

	const replica = await openReplica(folder, { log });
	t.equal(replica.position, undefined);
	await replica.apply([{ ...put("shared.example"), seq: 5 }], { epoch: "e", seq: 5, token: "t" });
	await replica.close();
	t.match(said, [
		[/is set aside/, { store: "redis", setAside: join(folder, "pool.embedded"), takenUpAgain: false }],
	]);

	const again = await openEmbeddedStore(folder, { log });
	t.same(
		[...again.replica.domains()].map((d) => d.domain),
		["own.example"],
	);
	t.equal((await again.audit(undefined, 10)).length, 1);
	await again.close();
	for (const domain of ["shared.example"]) {
		const other = await openReplica(folder, { log });
		t.equal(other.position?.seq, 5);
		t.equal(other.read(domain).length, 1);
		await other.close();
	}
	t.equal(said.length, 3);

	mkdirSync(join(folder, "pool.embedded.copy"));
	const third = await openEmbeddedStore(folder);
	await third.close();
	mkdirSync(join(folder, "pool.embedded"));
	await t.rejects(openReplica(folder), {
		name: "DiskFault",
		message: /cannot be set aside: .*pool\.embedded is there already/,
	});
});
