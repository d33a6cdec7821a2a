import { test } from "tap";
import { a, cname, opt, query, soa, TYPE, wire } from "../wire/message.ts";
import { TestCache } from "./caching.ts";

const asked = query("www.example.org");
const ttls = (found: { readonly answer: readonly { readonly ttl: number }[] } | undefined) =>
	found?.answer.map(({ ttl }) => ttl);

test("TTLs go down by the second, until the answer is gone", (t) => {
	const cache = new TestCache();
	cache.put(
		asked,
		{
			answer: [a("192.0.2.1", 60), a("192.0.2.2", 60)],
			authority: [{ type: TYPE.NS, ttl: 90, data: wire("ns.example") }],
		},
		1000,
	);
	t.strictSame(ttls(cache.get(asked, 1000)), [60, 60]);
	t.strictSame(ttls(cache.get(asked, 1000.999)), [60, 60]);
	t.strictSame(ttls(cache.get(asked, 1001)), [59, 59]);
	t.strictSame(ttls(cache.get(asked, 1059.999)), [1, 1]);
	t.equal(cache.get(asked, 1059)?.authority.length, 0, "who serves the zone is nobody's question");
	t.equal(cache.get(asked, 1060), undefined);
	t.equal(cache.counters.readNumber("cacheHits"), 5);
	t.equal(cache.counters.readNumber("cacheMisses"), 1);
	t.end();
});

test("all records of an answer leave with the first of them", (t) => {
	const cache = new TestCache();
	cache.put(asked, { answer: [cname("a.example", 300), a("192.0.2.1", 20, wire("a.example"))] }, 0);
	t.strictSame(ttls(cache.get(asked, 0)), [20, 20]);
	t.strictSame(ttls(cache.get(asked, 5)), [15, 15]);
	t.equal(cache.get(asked, 20), undefined);
	t.end();
});

test("an answer keeps its records, and nothing of the additional section", (t) => {
	const cache = new TestCache();
	cache.put(asked, { answer: [a("192.0.2.1", 60)], additional: [a("192.0.2.9"), opt()] }, 0);
	const found = cache.get(query("WWW.example.ORG", { id: 9 }), 0);
	t.match(found, { id: 9, question: "WWW.example.ORG", edns: undefined });
	t.equal(found?.bytes.readUInt16BE(10), 0);
	t.strictSame(found?.answer[0]?.data, Buffer.of(192, 0, 2, 1));
	t.end();
});

test("TTLs below minTtl are raised, those above maxTtl cut", (t) => {
	const cache = new TestCache({ minTtlSeconds: 30, maxTtlSeconds: 100 });
	const table: readonly (readonly [number, number])[] = [
		[0, 30],
		[29, 30],
		[31, 31],
		[100, 100],
		[101, 100],
		[2 ** 31 - 1, 100],
		[2 ** 31, 30],
		[2 ** 32 - 1, 30],
	];
	for (const [sent, kept] of table) {
		const entry = cache.put(asked, { answer: [a("192.0.2.1", sent)] }, 0);
		t.strictSame(ttls(cache.show(asked, entry, 0)), [kept], `${sent}`);
		t.not(cache.get(asked, kept - 1), undefined);
		t.equal(cache.get(asked, kept), undefined, `${sent}, ${kept} s later`);
	}
	cache.put(asked, { answer: [a("192.0.2.1", 5), a("192.0.2.2", 500)] }, 0);
	t.strictSame(ttls(cache.get(asked, 0)), [30, 30], "one of each");
	t.end();
});

test("a TTL of 0 is answered from once and not kept", (t) => {
	const cache = new TestCache();
	for (const ttl of [0, 2 ** 31]) {
		const entry = cache.put(asked, { answer: [a("192.0.2.1", ttl)] }, 0);
		t.strictSame(ttls(cache.show(asked, entry, 0)), [0]);
		t.equal(cache.get(asked, 0), undefined);
	}
	cache.put(asked, { answer: [a("192.0.2.1", 60), a("192.0.2.2", 0)] }, 0);
	t.equal(cache.get(asked, 0), undefined);
	t.end();
});

test("a new answer takes the place of the old one", (t) => {
	const cache = new TestCache();
	cache.put(asked, { answer: [a("192.0.2.1", 60)] }, 0);
	cache.put(asked, { answer: [a("192.0.2.2", 60)] }, 30);
	t.strictSame(cache.get(asked, 80)?.answer[0]?.data, Buffer.of(192, 0, 2, 2));
	cache.put(asked, { flags: 0x8183, authority: [soa(60, 60)] }, 80);
	t.match(cache.get(asked, 80), { rcode: 3, answer: [] });
	cache.cache.clear();
	t.equal(cache.get(asked, 80), undefined);
	t.end();
});
