import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Test, test } from "tap";
import { Regions } from "../../src/blocklist/regions.ts";
import { snapshotPath } from "../../src/blocklist/snapshot.ts";
import type { Config } from "../../src/config/schema.ts";
import { Library, type LibraryParts } from "../../src/supervisor/library.ts";
import { verdict } from "../blocklist/compiled.ts";
import { configOf, keptLog } from "./parts.ts";

interface Shop {
	readonly dir: string;
	readonly config: Config;
	readonly file: (name: string, text: string) => void;
	/** Another library over the same folder, as after a restart. */
	readonly open: (
		config?: Config,
		publish?: LibraryParts["publish"],
	) => { library: Library; released: SharedArrayBuffer[] } & ReturnType<typeof keptLog>;
	readonly with: (given: object) => Config;
}

/** Lists `one` and `two` in files, and nothing compiled yet. */
function shop(t: Test): Shop {
	const dir = t.testdir({ data: {}, one: "a.test\nb.test\n", two: "||c.test^\n" });
	const lists = ["one", "two"].map((name) => ({ name, file: join(dir, name) }));
	const make = (given: object) => configOf({ dataDir: join(dir, "data"), lists, ...given });
	const config = make({});
	return {
		dir,
		config,
		with: make,
		file: (name, text) => writeFileSync(join(dir, name), text),
		open: (other = config, publish = async () => true) => {
			const released: SharedArrayBuffer[] = [];
			const kept = keptLog();
			const library = new Library(other, {
				log: kept.log,
				regions: new Regions(async (region) => void released.push(region)),
				version: "0",
				mayYield: false,
				tidy: () => {},
				publish,
				pool: () => undefined,
			});
			t.teardown(() => library.close());
			return { library, released, ...kept };
		},
	};
}

function says(library: Library, name: string): string {
	return library.loaded === undefined ? "nothing is loaded" : verdict(library.loaded.index, name);
}

test("from files to an index that the workers are told of", async (t) => {
	const { open } = shop(t);
	const published: SharedArrayBuffer[] = [];
	const { library, said } = open(undefined, async () => published.push(new SharedArrayBuffer(0)) > 0);
	t.equal(await library.recall(), false, "there is no snapshot yet");
	t.same(library.books.waiting, ["one", "two"]);
	await library.compileLocal();
	t.equal(says(library, "b.test"), "block 22 b.test");
	t.equal(says(library, "www.c.test"), "block 23 c.test");
	t.equal(library.loaded?.index.seed, library.seed | 0);
	t.equal(published.length, 1);
	t.match(library.books.status(), [
		{ name: "one", state: "fresh", domains: 2, format: "domains" },
		{ name: "two", state: "fresh", domains: 1, format: "adblock" },
	]);
	t.same(library.books.waiting, []);
	t.match(said.at(-1), { level: "info", fields: { domains: 3, allowed: 0 } });
	t.same(
		said.filter(({ level }) => level === "warn" || level === "error"),
		[],
	);
});

test("a restart takes the snapshot, without lists, and keeps its seed", async (t) => {
	const { open, dir } = shop(t);
	const first = open().library;
	await first.compileLocal();
	rmSync(join(dir, "one"));
	rmSync(join(dir, "two"));
	const { library } = open();
	t.equal(await library.recall(), true);
	t.equal(says(library, "a.test"), "block 22 a.test");
	t.equal(library.seed, (first.loaded?.index.seed ?? 0) | 0);
	t.match(library.books.status(), [{ state: "fresh", domains: 2 }, { state: "fresh" }]);
});

test("a snapshot of another recipe is not taken, and its lists are compiled anew", async (t) => {
	const { open, with: other } = shop(t);
	await open().library.compileLocal();
	const { library } = open(other({ blocking: { allow: ["a.test"] } }));
	t.equal(await library.recall(), false);
	t.equal(library.loaded, undefined);
	await library.compileLocal();
	t.equal(says(library, "a.test"), "allow 0 a.test");
});

test("a damaged snapshot is noticed, told and made again", async (t) => {
	const { open, config } = shop(t);
	await open().library.compileLocal();
	const path = snapshotPath(config.dataDir);
	const bytes = readFileSync(path);
	bytes[300] ^= 1;
	writeFileSync(path, bytes);
	const { library, said } = open();
	t.equal(await library.recall(), false);
	t.match(said, [{ level: "warn", fields: { path, why: "its checksum is wrong" } }]);
	await library.compileLocal();
	t.equal(says(library, "a.test"), "block 22 a.test");
	t.equal(await open().library.recall(), true);
});

test("a refresh compiles only when something changed", async (t) => {
	const { open, file, config } = shop(t);
	const { library, released } = open();
	await library.compileLocal();
	const before = library.loaded;
	const { mtimeMs } = statSync(snapshotPath(config.dataDir));
	await library.refresh();
	t.equal(library.loaded, before);
	t.equal(statSync(snapshotPath(config.dataDir)).mtimeMs, mtimeMs);
	file("one", "a.test\nb.test\nd.test\n");
	await library.refresh(["two"]);
	t.equal(library.loaded, before, "only what is asked for is read again");
	await library.refresh(["one"]);
	t.equal(says(library, "d.test"), "block 22 d.test");
	t.equal(library.loaded?.index.generation, (before?.index.generation ?? 0) + 3);
	t.same(released, [before?.memory], "the memory of the one before is given back");
});

test("memory that a thread may still read is not given back", async (t) => {
	const { open, file } = shop(t);
	const { library, released } = open(undefined, async () => false);
	await library.compileLocal();
	file("one", "a.test\nb.test\nd.test\n");
	await library.refresh();
	t.equal(says(library, "d.test"), "block 22 d.test");
	t.same(released, []);
});

test("a list that got worse is held and the last good one stays", async (t) => {
	const { open, file } = shop(t);
	const { library, said } = open();
	await library.compileLocal();
	file("one", "<html><body>404</body></html>\n");
	await library.refresh();
	t.equal(says(library, "b.test"), "block 22 b.test");
	t.match(library.books.status(), [
		{ name: "one", state: "held", rejected: { html: 1 } },
		{ state: "fresh" },
	]);
	t.match(
		said.find(({ level }) => level === "warn"),
		{ fields: { list: "one" } },
	);
});

test("other lists: the index stays until the new one is there", async (t) => {
	const { open, dir, with: other } = shop(t);
	const { library } = open();
	await library.compileLocal();
	library.use(other({ lists: [{ name: "two", file: join(dir, "two") }], blocking: { deny: ["own.test"] } }));
	t.equal(says(library, "a.test"), "block 22 a.test");
	await library.refresh();
	t.equal(says(library, "a.test"), "-", "though no list changed, there is another recipe");
	t.equal(says(library, "c.test"), "block 22 c.test");
	t.equal(says(library, "x.own.test"), "block 0 own.test");
});

test("jobs run one after the other, and none after it is closed", async (t) => {
	const { open, file } = shop(t);
	const { library } = open();
	const jobs = [library.compileLocal(), library.refresh(), library.compileLocal()];
	await Promise.all(jobs);
	t.equal(says(library, "a.test"), "block 22 a.test");
	library.close();
	file("one", "z.test\na.test\nb.test\n");
	await library.refresh();
	t.equal(says(library, "z.test"), "-");
	library.keepFresh();
});

test("a folder that cannot be written to is told and takes nothing away", async (t) => {
	const { open, with: other, dir } = shop(t);
	writeFileSync(join(dir, "occupied"), "");
	const { library, said } = open(other({ dataDir: join(dir, "occupied") }));
	await library.compileLocal();
	t.equal(library.loaded, undefined);
	t.match(
		said.find(({ level }) => level === "error"),
		{ message: /could not be brought up to date/ },
	);
});
