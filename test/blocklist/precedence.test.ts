import { test } from "tap";
import { RANK } from "../../src/blocklist/layout.ts";
import type { Rule } from "../../src/blocklist/rule.ts";
import { asked, compiled, decisive, type TestList, verdict } from "./compiled.ts";

const PASSTHRU = { action: "allow", ranked: true } as const;

/** From the weakest to the strongest. */
const LADDER: readonly { readonly what: string; readonly rank: number; readonly list: TestList }[] = [
	{ what: "a block", rank: RANK.ORDINARY, list: { rules: ["||a.test^"] } },
	{ what: "@@", rank: RANK.EXCEPTION, list: { rules: ["@@||a.test^"] } },
	{ what: "$important", rank: RANK.IMPORTANT, list: { rules: ["||a.test^$important"] } },
	{ what: "@@…$important", rank: RANK.IMPORTANT_EXCEPTION, list: { rules: ["@@||a.test^$important"] } },
	{ what: "blocking.deny", rank: RANK.LOCAL_DENY, list: { isOwn: true, list: 0, rules: ["||a.test^"] } },
	{ what: "an allow list", rank: RANK.ALLOW_LIST, list: { kind: "allow", rules: ["||a.test^"] } },
	{
		what: "blocking.allow",
		rank: RANK.LOCAL_ALLOW,
		list: { kind: "allow", isOwn: true, list: 0, rules: ["||a.test^"] },
	},
];

/** List numbers follow the order given, but for the configuration's own. */
function numbered(lists: readonly TestList[]): TestList[] {
	return lists.map((list, i) => ({ list: i + 1, ...list }));
}

function permutations<T>(of: readonly T[]): T[][] {
	if (of.length < 2) return [[...of]];
	return of.flatMap((first, i) => permutations(of.toSpliced(i, 1)).map((rest) => [first, ...rest]));
}

test("the stronger kind of rule wins, whatever the order of the lists", async (t) => {
	for (const [i, weak] of LADDER.entries()) {
		for (const strong of LADDER.slice(i + 1)) {
			for (const lists of [
				[weak.list, strong.list],
				[strong.list, weak.list],
			]) {
				const index = compiled(numbered(lists));
				for (const name of ["a.test", "b.a.test"])
					t.equal(decisive(index, name)?.rank, strong.rank, `${strong.what} over ${weak.what}: ${name}`);
			}
		}
	}
	for (const order of permutations(LADDER)) {
		const index = compiled(numbered(order.map((step) => step.list)));
		const ranks = index.findAll(asked("b.a.test")).map((entry) => entry.rank);
		if (ranks.join() !== "7,6,5,4,3,2,1") t.fail(`${order.map((step) => step.what)}: ${ranks}`);
	}
});

test("the stronger kind wins over a more specific name", async (t) => {
	for (const [i, weak] of LADDER.entries()) {
		for (const strong of LADDER.slice(i + 1)) {
			const deeper = weak.list.rules.map((rule) => String(rule).replace("a.test", "c.b.a.test"));
			const index = compiled(numbered([{ ...weak.list, rules: deeper }, strong.list]));
			t.equal(decisive(index, "c.b.a.test")?.rank, strong.rank, `${strong.what} over a deeper ${weak.what}`);
			t.equal(index.findAll(asked("d.c.b.a.test")).length, 2);
		}
	}
});

test("within a kind the more specific name wins, whatever the order of the lists", async (t) => {
	const names = ["test", "a.test", "b.a.test", "c.b.a.test"];
	for (const order of permutations(names)) {
		const index = compiled(order.map((name) => ({ rules: [`||${name}^`] })));
		t.match(verdict(index, "d.c.b.a.test"), / c\.b\.a\.test$/);
		t.match(verdict(index, "b.a.test"), / b\.a\.test$/);
		t.match(verdict(index, "x.test"), / test$/);
		t.same(
			index.findAll(asked("d.c.b.a.test")).map((entry) => entry.name),
			names.toReversed(),
		);
	}
});

test("RPZ's passthru is ranked by how much it names", async (t) => {
	const pass = (name: string, scope: Rule["scope"] = "exact"): Rule => ({ name, scope, ...PASSTHRU });
	const block = (name: string, scope: Rule["scope"] = "exact"): Rule => ({
		name,
		scope,
		action: "nxdomain",
		ranked: true,
	});
	const inner = compiled([{ rules: [block("a.test", "below"), pass("good.a.test")] }]);
	t.equal(verdict(inner, "good.a.test"), "allow 0 good.a.test");
	t.equal(verdict(inner, "x.good.a.test"), "nxdomain 0 a.test");
	const outer = compiled([{ rules: [pass("a.test", "below"), block("bad.a.test")] }]);
	t.equal(verdict(outer, "bad.a.test"), "nxdomain 0 bad.a.test");
	t.equal(verdict(outer, "x.a.test"), "allow 0 a.test");
	// For the same name the zone that comes first decides.
	t.match(
		verdict(compiled([{ rules: [pass("a.test")] }, { rules: [block("a.test")] }]), "a.test"),
		/^allow 0/,
	);
	t.match(
		verdict(compiled([{ rules: [block("a.test")] }, { rules: [pass("a.test")] }]), "a.test"),
		/^nxdomain 0/,
	);
	// An adblock exception lifts the zone's block, whatever it names.
	t.match(
		verdict(compiled([{ rules: [block("b.a.test")] }, { rules: ["@@||a.test^"] }]), "b.a.test"),
		/^allow 1/,
	);
});

test("a name in many lists: the list that comes first in the configuration is told", async (t) => {
	const lists = [1, 2, 3, 4, 5].map((list) => ({ list, rules: ["||a.test^"] }));
	for (const order of permutations(lists)) {
		const index = compiled(order);
		if (decisive(index, "www.a.test")?.list !== 1) t.fail(order.map((list) => list.list).join());
		const all = index.findAll(asked("a.test")).map((entry) => entry.list);
		if (all.join() !== "1,2,3,4,5") t.fail(`${order.map((list) => list.list)}: ${all}`);
	}
	// Unless the scope of its entry leaves the name out.
	const index = compiled([{ rules: ["=a.test"] }, { rules: ["||a.test^"] }]);
	t.match(verdict(index, "www.a.test"), /^block 1/);
});

test("every rule of an allow list allows, whatever it says", async (t) => {
	for (const text of ["||a.test^", "@@||a.test^", "||a.test^$important", "@@||a.test^$important"]) {
		const index = compiled([
			{ list: 1, rules: ["||a.test^$important"] },
			{ list: 2, kind: "allow", rules: [text] },
		]);
		t.equal(verdict(index, "a.test"), "allow 2 a.test", text);
	}
});

test("findAll tells what speaks of a name, and find the first of it", async (t) => {
	const index = compiled([
		{ rules: ["||a.test^", "*.b.a.test", "=c.b.a.test"] },
		{ rules: ["@@||test^", "=b.a.test"] },
		{ rules: ["||c.b.a.test^$important", "||other.test^"] },
	]);
	t.same(
		index.findAll(asked("c.b.a.test")).map((e) => `${e.rank} ${e.name} ${e.scope} ${e.list}:${e.line}`),
		[
			"3 c.b.a.test subtree 2:1",
			"2 test subtree 1:1",
			"1 c.b.a.test exact 0:3",
			"1 b.a.test below 0:2",
			"1 a.test subtree 0:1",
		],
	);
	for (const name of ["c.b.a.test", "x.c.b.a.test", "b.a.test", "a.test", "test", "other.test", "x.y"])
		t.same(index.findAll(asked(name)).at(0), decisive(index, name), name);
});
