import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Test, test } from "tap";
import { openShelf, type Shelf } from "../../src/feeds/shelf.ts";
import type { CopyFacts, HeldFacts } from "../../src/feeds/shelf-record.ts";
import { listSource } from "../../src/feeds/source.ts";

const NOW = 1_000_000_000;
const SOURCE = listSource({ url: "https://lists.example.org/a.txt" }, "/");

function facts(body: string, given: Partial<CopyFacts> = {}): CopyFacts {
	return {
		url: SOURCE.shown,
		source: SOURCE.id,
		etag: '"v1"',
		fetchedAt: 1000,
		checkedAt: 1000,
		format: "domains",
		rules: 3,
		bytes: body.length,
		sha256: "00",
		...given,
	};
}

function held(body: string): HeldFacts {
	return { ...facts(body, { etag: '"v2"', rules: 1 }), reason: "shrunk", message: "lost two of three" };
}

async function shelfIn(t: Test): Promise<{ shelf: Shelf; notes: string[] }> {
	const notes: string[] = [];
	const shelf = await openShelf(join(t.testdir({}), "data"), {
		note: (message) => notes.push(message),
		now: () => NOW,
	});
	return { shelf, notes };
}

function put(shelf: Shelf, name: string, body: string): string {
	const path = shelf.temporary(name);
	writeFileSync(path, body);
	return path;
}

test("a copy is kept, with what is known about it", async (t) => {
	const { shelf } = await shelfIn(t);
	t.equal(await shelf.copy("a", SOURCE.id), undefined);
	await shelf.keep("a", put(shelf, "a", "one\n"), facts("one\n"));
	const again = await openShelf(join(shelf.directory, ".."));
	const copy = await again.copy("a", SOURCE.id);
	t.same(copy, { path: join(shelf.directory, "a.list"), facts: facts("one\n") });
	t.equal(readFileSync(copy?.path ?? "", "utf8"), "one\n");
	t.same(readdirSync(shelf.directory).sort(), ["a.json", "a.list"], "no temporary file is left");
});

test("a copy of another URL is not used", async (t) => {
	const { shelf } = await shelfIn(t);
	await shelf.keep("a", put(shelf, "a", "one\n"), facts("one\n"));
	const other = (url: string) => shelf.copy("a", listSource({ url }, "/").id);
	t.equal(await other("https://lists.example.org/b.txt"), undefined);
	t.equal(await other("https://lists.example.org/a.txt?list=b"), undefined);
	t.ok(
		await other("https://user:new@lists.example.org/a.txt#x"),
		"a changed password is still the same list",
	);
	t.equal(await shelf.copy("a", listSource({ file: "a.txt" }, "/").id), undefined);
});

test("no secret of a URL reaches the disk", async (t) => {
	const { shelf } = await shelfIn(t);
	const source = listSource({ url: "https://me:hunter2@lists.example.org/a?key=abc123" }, "/");
	await shelf.keep("a", put(shelf, "a", "one\n"), facts("one\n", { url: source.shown, source: source.id }));
	const json = readFileSync(join(shelf.directory, "a.json"), "utf8");
	t.notMatch(json, /hunter2|abc123/);
	t.match(json, "https://***@lists.example.org/a?key=***");
});

test("a held copy waits beside the good one until it is accepted", async (t) => {
	const { shelf } = await shelfIn(t);
	await shelf.keep("a", put(shelf, "a", "one two three\n"), facts("one two three\n"));
	await shelf.hold("a", put(shelf, "a", "one\n"), held("one\n"));
	t.match(await shelf.copy("a", SOURCE.id), { facts: { etag: '"v1"' } });
	t.match(await shelf.record("a"), { held: { reason: "shrunk", message: "lost two of three" } });
	t.equal(readFileSync(join(shelf.directory, "a.held"), "utf8"), "one\n");

	const accepted = await shelf.accept("a");
	t.match(accepted, { facts: { etag: '"v2"', rules: 1 } });
	t.equal(readFileSync(accepted?.path ?? "", "utf8"), "one\n");
	t.same(await shelf.record("a"), { good: facts("one\n", { etag: '"v2"', rules: 1 }) });
	t.notOk(existsSync(join(shelf.directory, "a.held")));
	t.equal(await shelf.accept("a"), undefined, "nothing is held any more");
});

test("a held copy that was never good, and one whose file was tampered with", async (t) => {
	const { shelf } = await shelfIn(t);
	await shelf.hold("a", put(shelf, "a", "one\n"), held("one\n"));
	t.equal(await shelf.copy("a", SOURCE.id), undefined);
	writeFileSync(join(shelf.directory, "a.held"), "");
	t.equal(await shelf.accept("a"), undefined);
	await shelf.hold("a", put(shelf, "a", "one\n"), held("one\n"));
	t.ok(await shelf.accept("a"));
	t.equal(await shelf.accept("never-seen"), undefined);
});

test("a newer good copy, or a confirmed one, drops what was held and wrong", async (t) => {
	const { shelf } = await shelfIn(t);
	for (const settle of [
		() => shelf.keep("a", put(shelf, "a", "one two\n"), facts("one two\n")),
		() => shelf.confirm("a", facts("one two\n", { checkedAt: 2000 })),
	]) {
		await shelf.hold("a", put(shelf, "a", "one\n"), held("one\n"));
		await shelf.trouble("a", "timeout", "list a: too slow");
		t.match(await shelf.record("a"), { held: { rules: 1 }, problem: { reason: "timeout", at: NOW } });
		await settle();
		t.same(Object.keys(await shelf.record("a")), ["good"]);
		t.notOk(existsSync(join(shelf.directory, "a.held")));
	}
	t.match(await shelf.copy("a", SOURCE.id), { facts: { checkedAt: 2000 } });
});

test("a damaged record is ignored with a note, its copy stays usable", async (t) => {
	const { shelf, notes } = await shelfIn(t);
	await shelf.keep("a", put(shelf, "a", "one\n"), facts("one\n"));
	const path = join(shelf.directory, "a.json");
	const good = facts("one\n");
	const damaged = [
		"",
		"{",
		"null",
		"[]",
		'"text"',
		JSON.stringify({ good: { ...good, rules: "3" } }),
		JSON.stringify({ good: { ...good, format: "exe" } }),
		JSON.stringify({ good: { ...good, source: undefined } }),
		JSON.stringify({ good: { ...good, fetchedAt: -1 } }),
		JSON.stringify({ good, held: { ...good, reason: "shrunk" } }),
		JSON.stringify({ good, problem: 7 }),
	];
	for (const json of damaged) {
		writeFileSync(path, json);
		notes.length = 0;
		t.same(await shelf.copy("a", SOURCE.id), { path: join(shelf.directory, "a.list") }, json);
		t.match(notes, [/^list a: .*a\.json is damaged and was ignored/]);
	}
	writeFileSync(path, JSON.stringify({ good: { ...good, etag: "x\r\nEvil: 1" } }));
	t.equal(
		(await shelf.copy("a", SOURCE.id))?.facts?.etag,
		undefined,
		"nothing gets into a header that may not",
	);
});

test("a copy that does not fit its record is not asked about", async (t) => {
	const { shelf } = await shelfIn(t);
	await shelf.keep("a", put(shelf, "a", "one\n"), facts("one\n"));
	writeFileSync(join(shelf.directory, "a.list"), "one two\n");
	t.same(await shelf.copy("a", SOURCE.id), { path: join(shelf.directory, "a.list") });
});

test("orphans go a week after they were last touched, and whatever is not ours never", async (t) => {
	const { shelf, notes } = await shelfIn(t);
	const touched = (path: string, daysAgo: number) =>
		utimesSync(path, NOW / 1000 - daysAgo * 86_400, NOW / 1000 - daysAgo * 86_400);
	for (const name of ["a", "a.list", "b", "gone", "gone-lately"]) {
		await shelf.keep(name, put(shelf, name, "one\n"), facts("one\n"));
		await shelf.hold(name, put(shelf, name, "two\n"), held("two\n"));
		for (const ending of ["list", "held", "json"]) touched(join(shelf.directory, `${name}.${ending}`), 8);
	}
	touched(join(shelf.directory, "gone-lately.json"), 6);
	const fresh = put(shelf, "gone", "being written");
	const abandoned = put(shelf, "gone", "left by a crash");
	touched(fresh, 0.5);
	touched(abandoned, 2);
	writeFileSync(join(shelf.directory, "README"), "mine");
	touched(join(shelf.directory, "README"), 10);
	await openShelf(join(shelf.directory, ".."));
	t.ok(existsSync(join(shelf.directory, "gone.list")), "opening removes nothing");

	t.same(await shelf.prune(["a", "b"]), ["a.list", "gone"]);
	const left = readdirSync(shelf.directory).sort();
	const lately = ["gone-lately.held", "gone-lately.json", "gone-lately.list"];
	const expected = ["README", "a.held", "a.json", "a.list", "b.held", "b.json", "b.list", ...lately];
	t.same(left, [fresh.slice(shelf.directory.length + 1), ...expected].sort());
	t.same(notes, []);
});

test("orphans that cannot be removed stay, with a note", async (t) => {
	const { shelf, notes } = await shelfIn(t);
	const path = join(shelf.directory, "gone.list");
	mkdirSync(path);
	utimesSync(path, 4, 4);
	t.same(await shelf.prune([]), []);
	t.match(notes, [/lists: old files cannot be removed \(\w+\); check its permissions$/]);
});
