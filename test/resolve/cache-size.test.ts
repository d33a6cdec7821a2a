import { test } from "tap";
import { query, type Record, TYPE } from "../wire/message.ts";
import { TestCache } from "./caching.ts";

const name = (i: number) => query(`n${i}.example.org`, { type: TYPE.TXT });
const text = (bytes: number): Record => ({ type: TYPE.TXT, ttl: 600, data: Buffer.alloc(bytes) });

function sizes(cache: TestCache) {
	cache.cache.report();
	return {
		entries: cache.counters.readNumber("cacheEntries"),
		bytes: cache.counters.readNumber("cacheBytes"),
		evictions: cache.counters.readNumber("cacheEvictions"),
	};
}

test("the cache never holds more bytes than it may", (t) => {
	const cache = new TestCache({ sizeBytes: 1 << 17 });
	for (let i = 0; i < 1000; i++) {
		cache.put(name(i), { answer: [text(i % 700)] }, 0);
		if (sizes(cache).bytes > 1 << 17) t.fail(`${sizes(cache).bytes} bytes after ${i} answers`);
	}
	const { entries, bytes, evictions } = sizes(cache);
	t.ok(bytes > 1 << 16, "and is put to use");
	t.equal(entries + evictions, 1000);
	t.equal(cache.get(name(0), 0), undefined, "the oldest are gone");
	t.not(cache.get(name(999), 0), undefined, "the latest are there");
	t.end();
});

test("what is asked for often stays", (t) => {
	const cache = new TestCache({ sizeBytes: 1 << 16 });
	cache.put(name(0), { answer: [text(4)] }, 0);
	for (let i = 1; i < 500; i++) {
		cache.put(name(i), { answer: [text(4)] }, 0);
		t.not(cache.get(name(0), 0), undefined);
	}
	t.ok(sizes(cache).evictions > 0);
	t.end();
});

test("an answer larger than the cache is answered from all the same", (t) => {
	const cache = new TestCache({ sizeBytes: 1 << 16 });
	const entry = cache.put(name(0), { answer: [text(60_000), text(5200)] }, 0);
	t.equal(cache.show(name(0), entry, 0).answer.length, 2);
	t.equal(cache.get(name(0), 0), undefined);
	t.match(sizes(cache), { entries: 0, bytes: 0 });
	t.end();
});

test("another size keeps what fits, the latest first; other limits hold from now on", (t) => {
	const cache = new TestCache({ sizeBytes: 1 << 20 });
	for (let i = 0; i < 1000; i++) cache.put(name(i), { answer: [text(4)] }, 0);
	t.equal(sizes(cache).entries, 1000);
	cache.cache.use(TestCache.settings({ sizeBytes: 1 << 17, maxTtlSeconds: 50 }), 1);
	t.ok(sizes(cache).bytes <= 1 << 17);
	t.ok(sizes(cache).entries > 100);
	t.not(cache.get(name(999), 0), undefined);
	t.equal(cache.get(name(0), 0), undefined);
	cache.put(name(0), { answer: [text(4)] }, 0);
	t.equal(cache.get(name(0), 0)?.answer[0]?.ttl, 50);
	cache.cache.use(TestCache.settings({ sizeBytes: 1 << 18 }), 2);
	t.not(cache.get(name(999), 0), undefined, "twice the size for two workers is the same for each");
	t.end();
});
