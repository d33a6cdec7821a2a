import { test } from "tap";
import { asked, compiled, filled, indexOf, type TestList, verdict } from "./compiled.ts";

const adblock = (...rules: string[]): TestList => ({ adblock: true, rules });

test("$badfilter takes the rule that is otherwise the same out of every adblock list", async (t) => {
	const lists: readonly TestList[] = [
		adblock("||a.test^"),
		adblock("||a.test^$badfilter"),
		adblock("||a.test^", "||b.test^"),
		{ rules: ["||a.test^", "=a.test"] },
	];
	const builder = filled(lists);
	const index = indexOf(builder);
	t.equal(verdict(index, "a.test"), "block 3 a.test", "a list of another format keeps it");
	t.equal(index.findAll(asked("a.test")).length, 2);
	t.equal(verdict(index, "b.test"), "block 2 b.test");
	t.same(
		Array.from(builder.counts, (count) => count ?? 0),
		[0, 0, 1, 2],
		"what was taken out is not counted",
	);
	t.equal(index.blockedNames, 2);
});

test("it takes out nothing that differs", async (t) => {
	const table: readonly [cancelled: string, kept: string][] = [
		["||a.test^", "@@||a.test^"],
		["||a.test^", "||a.test^$important"],
		["||a.test^$important", "||a.test^"],
		["@@||a.test^", "@@||a.test^$important"],
		["||a.test^", "*.a.test"],
		["||a.test^", "=a.test"],
		["||a.test^", "||b.a.test^"],
		["||b.a.test^", "||a.test^"],
	];
	for (const [cancelled, kept] of table) {
		const cancel = cancelled.includes("$") ? `${cancelled},badfilter` : `${cancelled}$badfilter`;
		const index = compiled([adblock(kept, cancelled, cancel)]);
		t.same(
			index.findAll(asked("b.a.test")).length + index.findAll(asked("a.test")).length > 0,
			true,
			`${kept} stays`,
		);
		t.same(compiled([adblock(cancelled, cancel)]).blockedNames, 0, `${cancelled} goes`);
		t.same(compiled([adblock(cancelled, cancel)]).allowedNames, 0, `${cancelled} goes`);
	}
});

test("in a chain of many it takes out the first, the middle and the last", async (t) => {
	const all = ["||a.test^$important", "@@||a.test^", "||a.test^", "=a.test", "*.a.test"];
	for (const [i, gone] of all.entries()) {
		const cancel = gone.includes("$") ? `${gone},badfilter` : `${gone}$badfilter`;
		for (const lists of [[adblock(cancel, ...all)], [adblock(...all), adblock(cancel), adblock(...all)]]) {
			const index = compiled(lists);
			const left = new Set(
				[...index.findAll(asked("a.test")), ...index.findAll(asked("b.a.test"))].map(
					(e) => `${e.rank} ${e.scope}`,
				),
			);
			t.equal(left.size, all.length - 1, `${gone}, number ${i}`);
		}
	}
});

test("what is cancelled twice, before it comes, or without being there", async (t) => {
	const index = compiled([
		adblock("||a.test^$badfilter", "||a.test^$badfilter", "||a.test^", "||gone.test^$badfilter"),
		adblock("||b.test^"),
	]);
	t.equal(verdict(index, "a.test"), "-");
	t.equal(verdict(index, "gone.test"), "-");
	t.equal(verdict(index, "b.test"), "block 1 b.test");
	t.equal(index.blockedNames, 1);
});

test("a cancellation in a list of another format reaches adblock lists only", async (t) => {
	const index = compiled([
		{ rules: ["||a.test^", "||a.test^$badfilter"] },
		adblock("||a.test^"),
		{ kind: "allow", adblock: true, rules: ["||b.test^"] },
		adblock("@@||b.test^$badfilter", "||b.test^$badfilter"),
	]);
	t.same(
		index.findAll(asked("a.test")).map((entry) => entry.list),
		[0],
	);
	t.equal(verdict(index, "b.test"), "allow 2 b.test", "the local allow list wins over everything");
});

test("names whose slot was emptied do not hide those behind it", async (t) => {
	// Thousands of names in a small table: long runs of slots, half of them emptied.
	const names = Array.from({ length: 5000 }, (_, i) => `n${i}.test`);
	const index = compiled([
		adblock(...names.map((name) => `||${name}^`)),
		adblock(...names.filter((_, i) => i % 2 === 0).map((name) => `||${name}^$badfilter`)),
	]);
	t.equal(index.blockedNames, 2500);
	for (const [i, name] of names.entries()) {
		const found = verdict(index, `www.${name}`);
		if (found !== (i % 2 === 0 ? "-" : `block 0 ${name}`)) t.fail(`${name}: ${found}`);
	}
});
