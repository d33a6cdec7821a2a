import { test } from "tap";
import { asked, decisive, filled, indexOf } from "./compiled.ts";

test("what a list says twice counts once, and its first line is told", async (t) => {
	const builder = filled([
		{ rules: ["||a.test^", "||b.test^", "||A.test^", "||a.test^", "||a.test.^"] },
		{ rules: ["||a.test^"] },
		{ kind: "allow", rules: ["||a.test^", "@@||a.test^"] },
	]);
	const index = indexOf(builder);
	t.same(builder.counts, [2, 1, 1]);
	t.equal(index.findAll(asked("a.test")).length, 3);
	t.equal(decisive(index, "b.test")?.line, 2);
	t.same(
		index.findAll(asked("a.test")).map((entry) => [entry.list, entry.line]),
		[
			[2, 1],
			[0, 1],
			[1, 1],
		],
	);
	t.equal(index.blockedNames, 2, "names, not rules");
	t.equal(index.allowedNames, 1);
});

test("rules that differ in anything but their line are not repetitions", async (t) => {
	const texts = ["||a.test^", "=a.test", "*.a.test", "@@||a.test^", "||a.test^$important"];
	const builder = filled([{ rules: [...texts, ...texts] }]);
	t.same(builder.counts, [texts.length]);
});

test("a repetition after the table has grown", async (t) => {
	const names = Array.from({ length: 20_000 }, (_, i) => `||n${i}.test^`);
	const builder = filled([{ rules: [...names, ...names] }]);
	t.same(builder.counts, [20_000]);
	t.equal(indexOf(builder).blockedNames, 20_000);
});

test("names that do not fit the wire are refused", async (t) => {
	const builder = filled([]);
	const source = { list: 1, kind: "block" } as const;
	for (const name of ["", ".", "a..test", ".test", "a".repeat(64), `${"a.".repeat(127)}aa`, "ü.test\u0100"]) {
		t.equal(builder.add({ name, scope: "exact", action: "block" }, source, 1), false, JSON.stringify(name));
	}
	t.equal(builder.add({ name: "a.test", scope: "exact", action: "block" }, source, 1), true);
	t.equal(indexOf(builder).blockedNames, 1);
});
