/** A disk that takes nothing more: what needs no room there goes on. */
import { readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Test, test } from "tap";
import { listsOffShelf, recallLists } from "../../src/feeds/recall.ts";
import { openShelf, type Shelf } from "../../src/feeds/shelf.ts";
import { bench, body, changing, content, listOf } from "./refresh-bench.ts";

const linuxOnly = process.platform === "linux" ? {} : { skip: "needs /dev/full" };

/** The same shelf, while its disk is full: each new file is /dev/full, which refuses every byte (ENOSPC). */
async function fullShelf(shelf: Shelf): Promise<{ full: Shelf; notes: string[] }> {
	const notes: string[] = [];
	let files = 0;
	const full = await openShelf(join(shelf.directory, ".."), {
		note: (message) => notes.push(message),
		unique: () => {
			files++;
			for (const name of ["a", "web"])
				symlinkSync("/dev/full", join(shelf.directory, `.tmp-${name}-${files}`));
			return String(files);
		},
	});
	return { full, notes };
}

async function setUp(t: Test) {
	const { refresh, directory, shelf } = await bench(t);
	const file = join(directory, "own.txt");
	const list = listOf({ file: "own.txt" });
	return { refresh, directory, shelf, file, list, ...(await fullShelf(shelf)) };
}

test("news of a local file are used where they lie", linuxOnly, async (t) => {
	const { refresh, directory, shelf, file, list, full, notes } = await setUp(t);
	writeFileSync(file, body(6));
	const first = await refresh(list);
	writeFileSync(file, body(8));
	const news = await refresh(list, { shelf: full });
	t.match(news, { state: "fresh", path: file, report: { rules: 8 } });
	t.match(notes, [
		/^list a: .*own\.txt: cannot write .*: ENOSPC; check space and permissions of dataDir; .*up to/,
	]);
	t.match(await recallLists([list], full, directory), [{ path: file, facts: { rules: 8 } }]);
	t.equal(content(first), body(6), "the shelf keeps what it had");
	t.match(await recallLists([list], shelf, directory), [{ path: first.path, facts: { rules: 6 } }]);

	const [used] = await recallLists([list], full, directory);
	const inUse = [{ name: "a", sha256: used?.facts?.sha256 }];
	t.same(await listsOffShelf([list], inUse, shelf, directory), ["a"], "the next run has to look again");
	t.match(await refresh(list), { state: "fresh", path: first.path }, "the disk has room again");
	t.equal(content(first), body(8));
	t.same(await listsOffShelf([list], inUse, shelf, directory), []);
});

test("a local file that was never copied", linuxOnly, async (t) => {
	const { refresh, directory, shelf, file, list, full } = await setUp(t);
	writeFileSync(file, body(8));
	t.match(await refresh(list, { shelf: full }), { state: "fresh", path: file });
	t.match(await recallLists([list], full, directory), [{ path: file }]);
	t.equal(readFileSync(file, "utf8"), body(8), "the file stays where it is");
	t.same(
		readdirSync(shelf.directory).filter((name) => !name.startsWith(".tmp-")),
		[],
	);
	const inUse = [{ name: "a" }, { name: "gone", sha256: "00" }];
	t.same(await listsOffShelf([list], inUse, shelf, directory), [], "a list that is not in use is not missed");
});

test("an unchanged local file is no trouble", linuxOnly, async (t) => {
	const { refresh, directory, file, list, full, notes } = await setUp(t);
	writeFileSync(file, body(8));
	const first = await refresh(list);
	const second = await refresh(list, { shelf: full });
	t.match(second, { state: "unchanged", path: first.path });
	t.ok((second.lastSuccess ?? 0) > (first.lastSuccess ?? 0));
	t.equal(notes.length, 1);
	const [recalled] = await recallLists([list], full, directory);
	t.equal(recalled?.path, first.path);
	t.equal(recalled?.facts?.checkedAt, second.lastSuccess);
});

test("a local file that would be held, or cannot be read, is not used", linuxOnly, async (t) => {
	const { refresh, directory, file, list, full } = await setUp(t);
	writeFileSync(file, body(8));
	const first = await refresh(list);
	writeFileSync(file, body(2));
	const shrunk = await refresh(list, { shelf: full });
	t.match(shrunk, { state: "failed", reason: "storage", path: first.path, message: /ENOSPC.*dataDir/ });
	t.equal(readFileSync(file, "utf8"), body(2), "it is nobody's to move");
	t.match(await recallLists([list], full, directory), [{ path: first.path, facts: { rules: 8 } }]);
	writeFileSync(file, Buffer.from("1f8b0800", "hex"));
	t.match(await refresh(list, { shelf: full }), { state: "failed", reason: "unreadable", path: first.path });
	rmSync(file);
	t.match(await refresh(list, { shelf: full }), { state: "missing", path: first.path });
});

test("a download that cannot be stored says why, and so does a record", linuxOnly, async (t) => {
	const { refresh, full } = await setUp(t);
	const { server, now } = await changing(t);
	const list = listOf({ name: "web", url: server.url });
	t.match(await refresh(list, { shelf: full }), { state: "failed", reason: "storage", message: /ENOSPC/ });
	const first = await refresh(list);
	t.match(await refresh(list, { shelf: full }), {
		state: "failed",
		reason: "storage",
		path: first.path,
		message: /^list web: cannot write .*: ENOSPC; check space and permissions of dataDir$/,
	});
	now(body(7));
	t.match(await refresh(list, { shelf: full }), { state: "failed", reason: "storage", path: first.path });
	t.equal(content(first), body(8));
});
