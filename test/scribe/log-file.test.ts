import {
	chmodSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { type Test, test } from "tap";
import type { RotationSettings } from "../../src/config/log-settings.ts";
import { ScribeCounts } from "../../src/observe/scribe-counts.ts";
import { LogFile } from "../../src/scribe/log-file.ts";
import type { Sink } from "../../src/scribe/sink.ts";

const linuxOnly = process.platform === "linux" ? {} : { skip: "needs /dev/full" };
const FOREVER: RotationSettings = { maxBytes: 0, everyMs: 0, keepFiles: 0, keepForMs: 0, compress: false };
const HOUR = 3_600_000;

interface Bench {
	readonly folder: string;
	readonly path: string;
	readonly counts: ScribeCounts;
	readonly reports: string[];
	open(rotation?: Partial<RotationSettings>): Sink;
	pass(ms: number): void;
}

function bench(t: Test): Bench {
	const folder = mkdtempSync(join(tmpdir(), "cordon-scribe-"));
	t.teardown(() => rmSync(folder, { recursive: true, force: true }));
	const path = join(folder, "queries.log");
	const counts = new ScribeCounts();
	const reports: string[] = [];
	let now = Date.UTC(2026, 10, 29, 22, 30);
	return {
		folder,
		path,
		counts,
		reports,
		open: (rotation = {}) =>
			new LogFile(
				path,
				{ ...FOREVER, ...rotation },
				{
					counts,
					report: (level, message, fields) => reports.push(`${level} ${message} ${JSON.stringify(fields)}`),
					now: () => now,
				},
			),
		pass: (ms) => {
			now += ms;
		},
	};
}

function put(sink: Sink, ...lines: readonly string[]): void {
	for (const line of lines) sink.take(Buffer.from(`${line}\n`), line.length + 1);
}

/** All lines of all files, in the order in which they were written. */
function everything(folder: string): string[] {
	const stampOf = (name: string) => /-(\d+T\d+Z)(?:-(\d+))?/.exec(name);
	const order = (name: string) =>
		`${stampOf(name)?.[1] ?? "~"} ${(stampOf(name)?.[2] ?? "0").padStart(6, "0")}`;
	return readdirSync(folder)
		.sort((a, b) => (order(a) < order(b) ? -1 : 1))
		.flatMap((name) => {
			const bytes = readFileSync(join(folder, name));
			return (name.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString().split("\n").slice(0, -1);
		});
}

function numbered(from: number, to: number): string[] {
	return Array.from({ length: to - from }, (_, i) => `line ${String(from + i).padStart(6, "0")}`);
}

test("lines are appended, and a file of another run is gone on with", async (t) => {
	const { path, counts, open } = bench(t);
	writeFileSync(path, "before\nkilled in the mid", { mode: 0o644 });
	const file = open();
	put(file, "one", "two");
	file.flush();
	t.equal(readFileSync(path, "utf8"), "before\nkilled in the mid\none\ntwo\n");
	put(file, "three");
	t.equal(counts.read("queriesHeld"), 1);
	await file.close();
	t.equal(readFileSync(path, "utf8"), "before\nkilled in the mid\none\ntwo\nthree\n");
	t.match(counts.all(), { queriesLogged: 3, queriesHeld: 0, queriesDisk: 0 });
});

test("its owner writes and its group reads what is new", async (t) => {
	const { path, folder, open, pass } = bench(t);
	const before = process.umask(0o022);
	t.teardown(() => process.umask(before));
	const file = open({ maxBytes: 100, compress: true });
	put(file, ...numbered(0, 30));
	file.flush();
	for (let i = 0; i < 20; i++) file.flush();
	await file.close();
	for (const name of readdirSync(folder)) t.equal(statSync(join(folder, name)).mode & 0o777, 0o640, name);
	t.ok(existsSync(path));
	pass(0);
});

test("a file that is large enough goes aside, and no line is lost", async (t) => {
	const { folder, path, open, counts } = bench(t);
	const lines = numbered(0, 1000);
	const file = open({ maxBytes: 1000 });
	for (const [i, line] of lines.entries()) {
		put(file, line);
		if (i % 7 === 0) file.flush();
	}
	file.flush();
	t.strictSame(everything(folder), lines);
	for (const name of readdirSync(folder)) t.ok(statSync(join(folder, name)).size <= 1000, name);
	t.ok(readdirSync(folder).length >= 12);
	t.match(readdirSync(folder).join(" "), /queries-20261129T223000Z\.log/);
	t.ok(existsSync(path));
	t.equal(counts.read("queriesLogged"), 1000);
	await file.close();
});

test("a line longer than a file may be has one to itself", async (t) => {
	const { folder, open } = bench(t);
	const lines = ["short", "x".repeat(500), "short again"];
	const file = open({ maxBytes: 64 });
	put(file, ...lines);
	file.flush();
	t.strictSame(everything(folder), lines);
	t.equal(readdirSync(folder).length, 3);
	await file.close();
});

test("a file goes aside at the hour, also one of an earlier run, but not an empty one", async (t) => {
	const { folder, open, pass } = bench(t);
	const file = open({ everyMs: HOUR });
	file.flush();
	pass(HOUR);
	file.flush();
	t.equal(readdirSync(folder).length, 1, "there was nothing in it");
	put(file, "one");
	file.flush();
	pass(HOUR / 2);
	put(file, "two");
	file.flush();
	t.strictSame(readdirSync(folder).sort(), ["queries-20261130T000000Z.log", "queries.log"]);
	t.strictSame(everything(folder), ["one", "two"]);
	await file.close();
	const later = bench(t);
	writeFileSync(later.path, "of another day\n");
	const again = later.open({ everyMs: HOUR });
	put(again, "today");
	await again.close();
	t.equal(readdirSync(later.folder).length, 2, "by when it was written last");
});

test("files aside are compressed piece by piece, and removed when they are too many or too old", async (t) => {
	const { folder, path, open, pass } = bench(t);
	writeFileSync(join(folder, "queries-20261129T000000Z.log.gz.part"), "half");
	writeFileSync(join(folder, "queries-20261101T000000Z.log"), "too old\n");
	writeFileSync(join(folder, "queries-20261129T010000Z.log"), "done\n");
	writeFileSync(join(folder, "queries-20261129T010000Z.log.gz"), "done");
	const strangers = ["queries-notes.log", "queries-20261101T000000Z.log.bak", "other-20261101T000000Z.log"];
	for (const name of strangers) writeFileSync(join(folder, name), "");
	const file = open({ maxBytes: 3 << 20, compress: true, keepFiles: 2, keepForMs: 24 * HOUR });
	t.strictSame(
		readdirSync(folder).sort(),
		[...strangers, "queries-20261129T010000Z.log.gz", "queries.log"].sort(),
	);
	for (const name of [...strangers, "queries-20261129T010000Z.log.gz"]) rmSync(join(folder, name));
	const lines = numbered(0, 600_000);
	for (const line of lines) put(file, line);
	for (let i = 0; i < 40; i++) file.flush();
	const names = readdirSync(folder).sort();
	t.strictSame(names, [
		"queries-20261129T223000Z-1.log.gz",
		"queries-20261129T223000Z.log.gz",
		"queries.log",
	]);
	const whole = everything(folder);
	t.equal(whole.length, lines.length);
	t.strictSame(whole.slice(-1), lines.slice(-1));
	pass(25 * HOUR);
	file.reopen();
	t.strictSame(readdirSync(folder), ["queries.log"]);
	t.ok(existsSync(path));
	await file.close();
});

test("another program moves the file away, and tells us", async (t) => {
	const { folder, path, open } = bench(t);
	const file = open();
	put(file, "one");
	file.flush();
	renameSync(path, join(folder, "queries.log.1"));
	put(file, "two");
	file.reopen();
	put(file, "three");
	await file.close();
	t.equal(readFileSync(join(folder, "queries.log.1"), "utf8"), "one\ntwo\n");
	t.equal(readFileSync(path, "utf8"), "three\n");
});

test("a full disk: told once, counted, and made up for as far as memory reaches", linuxOnly, async (t) => {
	const { path, open, pass, reports, counts } = bench(t);
	symlinkSync("/dev/full", path);
	const file = open();
	const long = "x".repeat(1000);
	put(file, "first");
	for (let i = 0; i < 6000; i++) put(file, long);
	for (let i = 0; i < 5; i++) {
		pass(1000);
		file.flush();
	}
	t.match(reports, [/^error the query log cannot be written.*ENOSPC/]);
	const { queriesHeld, queriesDisk, queriesLogged } = counts.all();
	t.equal(queriesLogged, 0);
	t.equal(queriesHeld + queriesDisk, 6001);
	t.ok(queriesDisk > 1000 && queriesHeld > 4000, `${queriesDisk} lost, ${queriesHeld} held`);

	rmSync(path);
	put(file, long);
	t.equal(existsSync(path), false, "not before a second has passed");
	pass(1000);
	file.flush();
	t.match(reports[1], new RegExp(`^info the query log can be written again .*"lost":${queriesDisk + 1}`));
	t.equal(readFileSync(path, "utf8").split("\n").length - 1, queriesHeld);
	t.equal(counts.read("queriesLogged"), queriesHeld);
	put(file, "after");
	await file.close();
	t.match(readFileSync(path, "utf8"), /^first\n(x{1000}\n)+after\n$/);
	t.equal(reports.length, 2);
});

test("a folder that comes later", async (t) => {
	const { folder, path, open, pass, reports } = bench(t);
	rmSync(folder, { recursive: true });
	const file = open();
	put(file, "one");
	pass(1000);
	file.flush();
	mkdirSync(folder);
	pass(1000);
	file.flush();
	t.match(reports, [/^error.*ENOENT/, /^info.*can be written again/]);
	t.equal(readFileSync(path, "utf8"), "one\n");
	await file.close();
	rmSync(folder, { recursive: true });
	const lost = open();
	put(lost, "two");
	await lost.close();
	t.equal(reports.length, 3);
});

test("a file that cannot be put aside goes on", async (t) => {
	const { folder, path, open, pass, reports } = bench(t);
	if (process.getuid?.() === 0) {
		t.pass("the administrator may write to any folder");
		return;
	}
	const file = open({ maxBytes: 10 });
	chmodSync(folder, 0o500);
	put(file, "one", "two", "three");
	pass(1000);
	file.flush();
	t.equal(readFileSync(path, "utf8"), "one\ntwo\nthree\n");
	t.match(reports, [/^warn.*goes on growing/]);
	chmodSync(folder, 0o700);
	pass(60_000);
	put(file, "four");
	file.flush();
	t.equal(readFileSync(path, "utf8"), "four\n");
	await file.close();
});

test("a named pipe is no file", linuxOnly, async (t) => {
	const { path, open, reports } = bench(t);
	const { execFileSync } = await import("node:child_process");
	execFileSync("mkfifo", [path]);
	const file = open();
	t.match(reports, [/^error.*is not a plain file/]);
	await file.close();
});
