import fc from "fast-check";
import { test } from "tap";
import { BlocklistIndex } from "../../src/blocklist/index.ts";
import { packWhat, RANK } from "../../src/blocklist/layout.ts";
import { NO_RULING, Overlay } from "../../src/blocklist/overlay.ts";
import { OverlayWriter } from "../../src/blocklist/overlay-writer.ts";
import { FIRST_CONFIGURED_LIST, poolList } from "../../src/config/vocabulary.ts";
import { asked, compiled, filled, joined, SEED, type TestList } from "./compiled.ts";

const POOL = poolList("malware", "policy");
const OTHER = poolList("phishing", "law");

function word(action: "block" | "log-only", list = POOL): number {
	return packWhat(list, "subtree", action, action === "block" ? RANK.ORDINARY : RANK.LOG_ONLY, false);
}

/** What decides: action and list, or "-". */
function says(index: BlocklistIndex, name: string): string {
	const entry = index.find(asked(name));
	if (entry === 0) return "-";
	const { action, list } = index.entry(entry);
	return `${action} ${list}`;
}

function overlaid(lists: readonly TestList[]) {
	const writer = OverlayWriter.create(16, SEED, 0);
	const index = new BlocklistIndex(joined(filled(lists).finish()), new Overlay(writer.memory));
	return { writer, index };
}

test("what the pool says anew takes the place of what the blocklist says in its name", (t) => {
	const { writer, index } = overlaid([
		{ list: POOL, rules: ["||old.test^", "=exact.test", "||both.test^"] },
		{ list: FIRST_CONFIGURED_LIST, rules: ["||both.test^"] },
	]);
	t.equal(says(index, "www.old.test"), `block ${POOL}`);
	writer.set("old.test", NO_RULING, NO_RULING);
	writer.set("exact.test", NO_RULING, NO_RULING);
	writer.set("both.test", NO_RULING, NO_RULING);
	writer.set("new.test", word("block", OTHER), word("block", OTHER));
	writer.set("itself.test", word("block"), NO_RULING);
	t.equal(says(index, "old.test"), "-");
	t.equal(says(index, "www.old.test"), "-");
	t.equal(says(index, "exact.test"), "-");
	t.equal(says(index, "both.test"), `block ${FIRST_CONFIGURED_LIST}`, "a list's own word stays");
	t.equal(says(index, "new.test"), `block ${OTHER}`);
	t.equal(says(index, "a.b.new.test"), `block ${OTHER}`);
	t.equal(says(index, "itself.test"), `block ${POOL}`);
	t.equal(says(index, "www.itself.test"), "-");
	writer.set("new.test", NO_RULING, word("log-only"));
	t.equal(says(index, "new.test"), "-");
	t.equal(says(index, "a.new.test"), `log-only ${POOL}`);
	t.end();
});

test("the local allow list stands above it, and log-only stands in nobody's way", (t) => {
	const { writer, index } = overlaid([
		{ list: 0, kind: "allow", isOwn: true, rules: ["||ours.test^"] },
		{ list: FIRST_CONFIGURED_LIST, rules: ["||test^"] },
	]);
	writer.set("www.ours.test", word("block"), word("block"));
	writer.set("logged.test", word("log-only"), word("log-only"));
	t.equal(says(index, "www.ours.test"), "allow 0");
	t.equal(says(index, "logged.test"), `block ${FIRST_CONFIGURED_LIST}`);
	t.end();
});

test("each change raises the revision, and an overlay that takes over has a higher one", (t) => {
	const small = OverlayWriter.create(2, SEED, 41);
	t.equal(small.revision, 42);
	small.set("a.test", word("block"), NO_RULING);
	small.set("a.test", NO_RULING, NO_RULING);
	t.equal(small.revision, 44);
	t.equal(small.used, 1);
	small.set("b.test", word("block"), word("block"));
	t.ok(small.isFull);
	t.ok(small.knows("B.test"));
	const large = OverlayWriter.create(8, SEED, small.revision);
	large.takeOver(small);
	t.ok(large.revision > small.revision);
	t.notOk(large.isFull);
	const index = new BlocklistIndex(joined(filled([]).finish()), large);
	t.equal(says(index, "x.b.test"), `block ${POOL}`);
	t.equal(says(index, "a.test"), "-");
	t.end();
});

test("a name that no packet could hold is not taken", (t) => {
	const writer = OverlayWriter.create(2, SEED, 0);
	t.notOk(writer.set(`${"a".repeat(64)}.test`, word("block"), NO_RULING));
	t.notOk(writer.set("", word("block"), NO_RULING));
	t.equal(writer.used, 0);
	t.end();
});

test("blocked queries are counted by name, in the blocklist and above it", (t) => {
	const lists: TestList[] = [
		{ list: POOL, rules: ["||pool.test^"] },
		{ list: FIRST_CONFIGURED_LIST, rules: ["||list.test^"] },
	];
	const memory = joined(filled(lists).finish());
	const hits = new SharedArrayBuffer(new BlocklistIndex(memory).entryCount * 4);
	const writer = OverlayWriter.create(4, SEED, 0);
	writer.set("new.test", word("block"), word("block"));
	const index = new BlocklistIndex(memory, new Overlay(writer.memory), hits);
	for (const name of ["pool.test", "www.pool.test", "list.test", "new.test", "a.new.test", "b.new.test"])
		index.hit(index.find(asked(name)));
	const counted: Record<string, number> = {};
	const reader = new BlocklistIndex(memory, writer, hits);
	reader.takeHits((name, count) => {
		counted[name] = count;
	});
	t.same(counted, { "pool.test": 2, "new.test": 3 });
	reader.takeHits((name) => t.fail(`${name} was counted twice`));
	t.end();
});

const label = fc.constantFrom("a", "b", "c");
const domain = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => `${labels.join(".")}.test`);
const ruling = fc.constantFrom("none", "block", "log-only");

test("a blocklist with an overlay says what one compiled anew says", (t) => {
	const entries = fc.array(fc.record({ domain, own: ruling, below: ruling, isLater: fc.boolean() }));
	fc.assert(
		fc.property(entries, fc.array(domain, { maxLength: 3 }), fc.array(domain), (said, listed, questions) => {
			const before = new Map<string, (typeof said)[number]>();
			const after = new Map<string, (typeof said)[number]>();
			for (const one of said) {
				if (!one.isLater) before.set(one.domain, one);
				after.set(one.domain, one);
			}
			const build = (pool: Iterable<(typeof said)[number]>): TestList[] => {
				const rules = Array.from(pool).flatMap(({ domain: name, own, below }) => [
					...(own === "none" ? [] : [{ name, scope: "exact" as const, action: own as "block" | "log-only" }]),
					...(below === "none"
						? []
						: [{ name, scope: "below" as const, action: below as "block" | "log-only" }]),
				]);
				return [
					{ list: POOL, rules },
					{ list: FIRST_CONFIGURED_LIST, rules: listed.map((name) => `||${name}^`) },
				];
			};
			const writer = OverlayWriter.create(64, SEED, 0);
			for (const { domain: name, own, below, isLater } of said) {
				const wordOf = (one: string): number => (one === "none" ? NO_RULING : word(one as "block"));
				if (isLater || before.get(name) !== after.get(name)) writer.set(name, wordOf(own), wordOf(below));
			}
			const last = new Map(said.map((one) => [one.domain, one]));
			for (const [name, { own, below }] of last) {
				const wordOf = (one: string): number => (one === "none" ? NO_RULING : word(one as "block"));
				if (writer.knows(name)) writer.set(name, wordOf(own), wordOf(below));
			}
			const index = new BlocklistIndex(joined(filled(build(before.values())).finish()), writer);
			const fresh = compiled(build(last.values()));
			for (const name of [...questions, ...last.keys()])
				if (says(index, name) !== says(fresh, name)) return false;
			return true;
		}),
		{ numRuns: 500 },
	);
	t.end();
});
