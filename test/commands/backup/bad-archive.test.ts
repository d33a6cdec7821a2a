import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { test } from "tap";
import { folder } from "../../scenario/cordon.ts";
import { HEADER, packed, pieces, run, tar, written } from "./archives.ts";

const FINE = [{ path: "data/lists/web.list", content: "bad.example\n" }];

/** Restores into a data folder that has something, and sees that it is as it was. */
async function refused(t: Parameters<typeof folder>[0], archive: string) {
	const place = folder(t);
	const config = join(place, "cordon.yaml");
	writeFileSync(config, "dataDir: data\npool: { store: embedded }\n");
	mkdirSync(join(place, "data", "lists"), { recursive: true });
	writeFileSync(join(place, "data", "lists", "old.list"), "old.example\n");
	const verified = await run("backup", "--verify", archive);
	const restored = await run("restore", archive, "--config", config, "--replace");
	t.equal(verified.code, 1);
	t.equal(restored.code, 1);
	t.match(verified.err, /^cordon backup: \S+backup\.tar\.gz: /);
	t.same(readdirSync(join(place, "data", "lists")), ["old.list"]);
	t.same(
		readdirSync(join(place, "data")).filter((name) => name !== "cordon.lock"),
		["lists"],
	);
	t.notOk(existsSync(join(place, "data", "pool")));
	return restored.err;
}

test("one that is whole", async (t) => {
	const { code, out } = await run("backup", "--verify", packed(t, pieces(FINE)));
	t.equal(code, 0);
	t.match(out, /is whole\nmade 2026-\S+ on node\.example by cordon 0\.1\.0/);
});

test("names that lead elsewhere, links, folders, and what is no file of ours", async (t) => {
	for (const path of [
		"../evil",
		"data/../../evil",
		"/etc/passwd",
		"data/.hidden",
		"elsewhere/file",
		"data//x",
		"data",
	]) {
		t.match(
			await refused(t, packed(t, pieces([{ path, content: "x" }]))),
			/it has a file that no backup has/,
			path,
		);
	}
	for (const [type, said] of [
		["2", /is a symbolic link, which no backup has/],
		["1", /is a link/],
		["5", /is a folder/],
		["3", /is no plain file/],
	] as const) {
		const header = (bytes: Buffer) => bytes.write(type, 156);
		const link = [{ path: "data/lists/web.list", content: "", header }];
		t.match(await refused(t, packed(t, pieces(link))), said);
	}
});

test("another's archive, and a newer version's", async (t) => {
	t.match(await refused(t, packed(t, FINE)), /it is no backup of Cordon/);
	t.match(await refused(t, written(t, gzipSync("hello".repeat(1000)))), /it is no tar archive/);
	t.match(await refused(t, written(t, Buffer.from("hello"))), /damaged, or not gzipped/);
	t.match(await refused(t, written(t, Buffer.alloc(0))), /cut short/);
	const newer = packed(t, pieces(FINE, { ...HEADER, format: 2, cordon: "9.0.0" }));
	t.match(
		await refused(t, newer),
		/it has format 2, and this version of Cordon reads format 1: .*\(9\.0\.0\)/,
	);
});

test("cut short anywhere", async (t) => {
	const whole = readFileSync(
		packed(t, pieces([{ path: "data/lists/web.list", content: "bad.example\n".repeat(500) }])),
	);
	for (const part of [0.05, 0.3, 0.6, 0.9, 0.999]) {
		const cut = written(t, whole.subarray(0, Math.floor(whole.length * part)));
		t.match(await refused(t, cut), /cut short/, String(part));
	}
	const unpacked = gunzipSync(whole);
	t.match(await refused(t, written(t, gzipSync(unpacked.subarray(0, 2048)))), /cut short/);
});

test("any bit that is another", async (t) => {
	const whole = tar(pieces(FINE));
	for (const at of [3, 520, 1030, 1540, 2052, 2600]) {
		const other = Buffer.from(whole);
		other[at] ^= 0x10;
		const { code } = await run("backup", "--verify", written(t, gzipSync(other)));
		t.equal(code, 1, `byte ${at}`);
	}
	const zipped = gzipSync(whole);
	zipped[zipped.length - 6] ^= 1;
	t.equal((await run("backup", "--verify", written(t, zipped))).code, 1, "the checksum of gzip");
});

test("a manifest that does not fit", async (t) => {
	const [header, file, manifest] = pieces(FINE);
	t.match(
		await refused(t, packed(t, [header, { ...file, content: "other.example\n" }, manifest])),
		/its hash differs/,
	);
	t.match(await refused(t, packed(t, [header, manifest])), /data\/lists\/web\.list is missing in it/);
	const extra = { path: "data/lists/x.list", content: "" };
	t.match(await refused(t, packed(t, [header, file, extra, manifest])), /its manifest does not name it/);
	t.match(await refused(t, packed(t, [header, file, file, manifest])), /is in it twice/);
	t.match(await refused(t, packed(t, [header, file])), /its manifest is missing/);
	t.match(await refused(t, packed(t, [header, file, manifest, extra])), /follows behind its manifest/);
});

test("what unpacks to more than is allowed", async (t) => {
	const bomb = packed(t, pieces([{ path: "data/lists/web.list", content: "0".repeat(8 << 20) }]));
	const { code, err } = await run("backup", "--verify", bomb, "--max-size", "4MiB");
	t.equal(code, 1);
	t.match(err, /unpacks to more than 4194304 bytes; .*--max-size/);
});

test("lines of a pool that Cordon does not write", async (t) => {
	const pool = { store: "embedded", name: "default", position: { epoch: "e", seq: 1 }, complete: true };
	const counts = { records: 1, audit: 0, batches: 0, sightings: 0 };
	for (const content of ["{}\n", '["no key","x"]\n', '["a.example\\tc\\tcert",7]\n', "nonsense\n"]) {
		const bad = pieces([{ path: "pool/records-00001.jsonl", content }], HEADER, {
			pool: { ...pool, ...counts },
		});
		t.match(await refused(t, packed(t, bad)), /pool\/records-00001\.jsonl:1 in it is not what Cordon writes/);
	}
	const fewer = pieces([], HEADER, { pool: { ...pool, ...counts } });
	t.match(await refused(t, packed(t, fewer)), /it has 0 records of the pool, and its manifest speaks of 1/);
});
