import { test } from "tap";
import type { LocalRecord, Rule } from "../../src/blocklist/rule.ts";
import { asked, compiled, decisive, filled, indexOf } from "./compiled.ts";

function data(name: string, ...records: LocalRecord[]): Rule {
	return { name, scope: "exact", action: "data", ranked: true, records };
}

function record(type: number, ttl: number, ...rdata: number[]): LocalRecord {
	return { type, ttl, rdata: Uint8Array.from(rdata) };
}

const A = record(1, 300, 192, 0, 2, 1);
const TXT = record(16, 0, 3, 97, 98, 99);
const GENERIC = record(65_280, 2 ** 31 - 1);

test("local data comes back as it went in, with the line it stood in", async (t) => {
	const index = compiled([
		{ rules: ["||other.test^", data("a.test", A, TXT, GENERIC)] },
		{ rules: [data("a.test", record(28, 60, ...Array(16).fill(7))), data("b.test", TXT)] },
	]);
	const entry = index.find(asked("a.test"));
	t.same(
		index.records(entry).map(({ type, ttl, data }) => ({ type, ttl, rdata: Uint8Array.from(data) })),
		[A, TXT, GENERIC],
	);
	t.match(decisive(index, "a.test"), { action: "data", line: 2, list: 0 });
	t.same(
		index.findAll(asked("a.test")).map((e) => [e.list, e.line]),
		[
			[0, 2],
			[1, 1],
		],
	);
	t.match(decisive(index, "b.test"), { line: 2, list: 1 });
	t.same(index.records(index.find(asked("other.test"))), [], "an entry without data has none");
});

test("records of one name that stand in different lines are one entry", async (t) => {
	const builder = filled([{ rules: [data("a.test", A), data("b.test", TXT), data("a.test", TXT, A)] }]);
	const index = indexOf(builder);
	t.same(builder.counts, [2]);
	const types = index.records(index.find(asked("a.test"))).map(({ type }) => type);
	t.same(types, [1, 16, 1]);
	t.equal(decisive(index, "a.test")?.line, 1, "told by its first");
});

test("no list can say more than an answer can hold", async (t) => {
	const many = Array.from({ length: 70_000 }, (_, i) => record(1, 60, 192, 0, i >> 8, i & 255));
	const huge: LocalRecord = { type: 16, ttl: 60, rdata: new Uint8Array(70_000) };
	const index = compiled([
		{ rules: [data("many.test", ...many)] },
		{ rules: many.map((each) => data("lines.test", each)) },
		{ rules: [data("huge.test", huge, TXT), data("only-huge.test", huge)] },
		{ rules: ["||after.test^"] },
	]);
	t.equal(index.records(index.find(asked("many.test"))).length, 255);
	t.equal(index.records(index.find(asked("lines.test"))).length, 255);
	t.same(
		index.records(index.find(asked("huge.test"))).map((each) => each.type),
		[16],
	);
	t.equal(index.records(index.find(asked("huge.test"))).at(0)?.data.length, 4);
	// Its trigger stands: a name of which nothing can be said has no data.
	t.same(index.records(index.find(asked("only-huge.test"))), []);
	t.equal(decisive(index, "only-huge.test")?.action, "data");
	t.equal(decisive(index, "after.test")?.list, 3);
});

test("local data of many names", async (t) => {
	const rules = Array.from({ length: 5000 }, (_, i) =>
		data(`n${i}.test`, record(1, i, 10, 0, i >> 8, i & 255), ...(i % 3 === 0 ? [TXT] : [])),
	);
	const index = compiled([{ rules }]);
	for (const [i, { name, records }] of rules.entries()) {
		const entry = index.find(asked(name));
		const got = index.records(entry).map(({ type, ttl, data }) => `${type} ${ttl} ${data}`);
		const want = (records ?? []).map(({ type, ttl, rdata }) => `${type} ${ttl} ${rdata}`);
		if (got.join() !== want.join() || index.entry(entry).line !== i + 1) t.fail(`${name}: ${got}`);
	}
	t.equal(index.blockedNames, 5000);
});
