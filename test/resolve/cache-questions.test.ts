import { test } from "tap";
import { keyOf } from "../../src/resolve/question.ts";
import { AD, a, CD, QR, query, RA, RD } from "../wire/message.ts";
import { queryOf, TestCache } from "./caching.ts";

const asked = query("www.example.org");
/** An answer to questions for both types of address: the other's is dropped. The last byte tells which answer it is. */
const address = (last: number) => ({
	answer: [a(`192.0.2.${last}`, 60), { ...a(`192.0.2.${last}`, 60), type: 28 }],
});

test("name, type, DO and CD make a question", (t) => {
	const cache = new TestCache();
	const questions = [
		asked,
		query("example.org"),
		query("wwww.example.org"),
		query("www.example.org", { type: 28 }),
		query("www.example.org", { edns: { dnssecOk: true } }),
		query("www.example.org", { flags: RD | CD }),
		query("www.example.org", { flags: RD | CD, edns: { dnssecOk: true } }),
	];
	for (const [i, question] of questions.entries()) {
		t.equal(cache.get(question, 0), undefined, `${i} is none of those before`);
		cache.put(question, address(i), 0);
	}
	for (const [i, question] of questions.entries()) {
		t.equal(cache.get(question, 0)?.answer[0]?.data[3], i);
	}
	t.end();
});

test("case, id, RD and EDNS without DO make none", (t) => {
	const cache = new TestCache();
	cache.put(asked, address(1), 0);
	for (const same of [
		query("WWW.EXAMPLE.ORG"),
		query("www.example.org", { id: 1 }),
		query("www.example.org", { flags: 0 }),
		query("www.example.org", { edns: { size: 4096 } }),
	]) {
		t.equal(cache.get(same, 0)?.answer.length, 1);
	}
	t.end();
});

test("two questions with one key never get one another's answer", (t) => {
	const cache = new TestCache();
	const key = keyOf(queryOf(asked));
	const others = [
		query("wwx.example.org"),
		query("example.org"),
		query("www.example.org", { type: 28 }),
		query("www.example.org", { edns: { dnssecOk: true } }),
	];
	for (const other of others) {
		cache.put(other, address(66), 0, key);
		t.equal(cache.get(asked, 0), undefined);
		t.equal(cache.get(other, 0, key)?.answer[0]?.data[3], 66, "the one it was kept for does");
	}
	cache.put(asked, address(1), 0, key);
	t.equal(cache.get(others[0] ?? asked, 0, key), undefined, "and the later one has taken the place");
	t.end();
});

test("AD for those who can have meant it", (t) => {
	const cache = new TestCache();
	const authentic = { ...address(1), flags: QR | RA | AD };
	const table: readonly (readonly [string, Buffer, boolean])[] = [
		["neither", asked, false],
		["AD in the query", query("www.example.org", { flags: RD | AD }), true],
		["DO", query("www.example.org", { edns: { dnssecOk: true } }), true],
		["EDNS without DO", query("www.example.org", { edns: {} }), false],
	];
	for (const [what, question, expected] of table) {
		cache.put(question, authentic, 0);
		t.equal(((cache.get(question, 0)?.flags ?? 0) & AD) !== 0, expected, what);
		cache.put(question, address(1), 0);
		t.equal((cache.get(question, 0)?.flags ?? 0) & AD, 0, `${what}, not authentic`);
	}
	t.end();
});

test("flags of the upstream are not passed on", (t) => {
	const cache = new TestCache();
	cache.put(asked, { ...address(1), flags: 0x8000 | 0x0400 | 0x0200 | 0x0040 | CD }, 0);
	t.equal(cache.get(asked, 0)?.flags, QR | RA | RD);
	t.end();
});
