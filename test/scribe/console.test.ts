/** Lines to standard output, whatever that is. */
import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Test, test } from "tap";
import { ScribeCounts } from "../../src/observe/scribe-counts.ts";
import { ConsoleSink } from "../../src/scribe/console.ts";

const linuxOnly = process.platform === "linux" ? {} : { skip: "needs /dev/full" };
const LINE = Buffer.from(`${"x".repeat(999)}\n`);

function folder(t: Test): string {
	const path = mkdtempSync(join(tmpdir(), "cordon-console-"));
	t.teardown(() => rmSync(path, { recursive: true, force: true }));
	return path;
}

test("a file takes what it is given", async (t) => {
	const path = join(folder(t), "out");
	const fd = openSync(path, "w");
	const counts = new ScribeCounts();
	const sink = new ConsoleSink(counts, fd);
	for (let i = 0; i < 3000; i++) sink.take(LINE, LINE.length);
	await sink.close();
	closeSync(fd);
	t.equal(readFileSync(path).length, 3000 * LINE.length);
	t.match(counts.all(), { queriesLogged: 3000, queriesHeld: 0, queriesSlow: 0 });
});

test("a reader that does not read costs lines, not time", linuxOnly, async (t) => {
	const path = join(folder(t), "pipe");
	execFileSync("mkfifo", [path]);
	const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
	const fd = openSync(path, constants.O_WRONLY);
	const counts = new ScribeCounts();
	const sink = new ConsoleSink(counts, fd);
	for (let i = 0; i < 3000; i++) sink.take(LINE, LINE.length);
	sink.flush();
	const { queriesSlow, queriesHeld, queriesLogged } = counts.all();
	t.ok(queriesSlow > 1000, `${queriesSlow} lost`);
	t.equal(queriesSlow + queriesHeld + queriesLogged, 3000);
	let read = 0;
	const piece = Buffer.alloc(1 << 20);
	const readOn = () => {
		try {
			read += readSync(reader, piece);
		} catch (error) {
			t.equal((error as NodeJS.ErrnoException).code, "EAGAIN");
		}
	};
	const closed = sink.close().then(() => true);
	while (!(await Promise.race([closed, new Promise((resolve) => setImmediate(resolve, false))]))) readOn();
	readOn();
	t.equal(read, (counts.read("queriesLogged") * LINE.length) | 0);
	t.equal(counts.read("queriesLogged") + counts.read("queriesSlow"), 3000);
	closeSync(reader);
});

test("an output that is gone is counted, and throws nothing", linuxOnly, async (t) => {
	const fd = openSync("/dev/full", "w");
	const counts = new ScribeCounts();
	const sink = new ConsoleSink(counts, fd);
	for (let i = 0; i < 10; i++) sink.take(LINE, LINE.length);
	sink.flush();
	sink.take(LINE, LINE.length);
	await sink.close();
	closeSync(fd);
	t.match(counts.all(), { queriesLogged: 0, queriesHeld: 0, queriesSlow: 11 });
});
