import { test } from "tap";
import { EDE } from "../../src/wire/codes.ts";
import { a, cname, opt, QR, query, RA, type Record, soa, TYPE, wire } from "../wire/message.ts";
import { TestCache } from "./caching.ts";

const asked = query("www.example.org");
const NXDOMAIN = QR | RA | 3;
const NODATA = QR | RA;

/** How many seconds an answer is kept. */
function kept(
	cache: TestCache,
	flags: number,
	authority: readonly Record[],
	answer: readonly Record[] = [],
): number {
	cache.put(asked, { flags, authority, answer }, 0);
	let seconds = 0;
	while (cache.get(asked, seconds) !== undefined) seconds++;
	return seconds;
}

test("an answer without data is kept for as long as its SOA says", (t) => {
	for (const [what, flags] of [
		["NXDOMAIN", NXDOMAIN],
		["NODATA", NODATA],
	] as const) {
		t.equal(kept(new TestCache(), flags, [soa(60, 20)]), 20, `${what}: the minimum`);
		t.equal(kept(new TestCache(), flags, [soa(20, 60)]), 20, `${what}: the TTL`);
		t.equal(kept(new TestCache(), flags, [soa(20, 0)]), 0, `${what}: not at all`);
		t.equal(kept(new TestCache(), flags, []), 0, `${what} without an SOA`);
		t.equal(
			kept(new TestCache(), flags, [{ type: TYPE.NS, data: wire("ns.example") }]),
			0,
			`${what}: a referral`,
		);
	}
	t.end();
});

test("it carries its SOA, whose TTL says how much longer", (t) => {
	const cache = new TestCache();
	cache.put(asked, { flags: NXDOMAIN, authority: [soa(600, 60)] }, 0);
	t.match(cache.get(asked, 15), { rcode: 3, authority: [{ type: TYPE.SOA, ttl: 45 }] });
	t.end();
});

test("no longer than maxNegativeTtl and maxTtl, no shorter than minTtl", (t) => {
	t.equal(kept(new TestCache({ maxNegativeTtlSeconds: 10 }), NXDOMAIN, [soa(600, 600)]), 10);
	t.equal(kept(new TestCache({ maxTtlSeconds: 5 }), NXDOMAIN, [soa(600, 600)]), 5);
	t.equal(kept(new TestCache({ minTtlSeconds: 30 }), NODATA, [soa(10, 10)]), 30);
	t.equal(kept(new TestCache({ minTtlSeconds: 30, maxNegativeTtlSeconds: 7 }), NODATA, [soa(10, 10)]), 7);
	t.equal(kept(new TestCache({ minTtlSeconds: 30 }), NODATA, []), 0, "minTtl makes nothing out of no SOA");
	t.end();
});

test("a CNAME that ends in nothing is negative too, and lives no longer than the CNAME", (t) => {
	t.equal(kept(new TestCache(), NODATA, [soa(60, 60, wire("example"))], [cname("gone.example", 9)]), 9);
	t.equal(kept(new TestCache(), NXDOMAIN, [soa(5, 60, wire("example"))], [cname("gone.example", 9)]), 5);
	t.equal(kept(new TestCache(), NODATA, [], [cname("gone.example", 9)]), 0, "without an SOA nobody knows");
	t.end();
});

test("failures are remembered for failureTtl, with their reason", (t) => {
	const cache = new TestCache({ failureTtlMs: 2500 });
	const entry = cache.fail(asked, EDE.NETWORK_ERROR, 10);
	t.equal(entry.ede, EDE.NETWORK_ERROR);
	t.match(cache.get(asked, 12.499), { rcode: 2, answer: [], authority: [] });
	t.equal(cache.get(asked, 12.5), undefined);
	t.end();
});

test("an upstream's own failure as well, whatever TTLs it carries", (t) => {
	for (const rcode of [2, 4, 5, 9]) {
		const cache = new TestCache({ failureTtlMs: 3000, minTtlSeconds: 60 });
		t.equal(kept(cache, QR | rcode, [soa(600, 600)], [a("192.0.2.1", 600)]), 3, `rcode ${rcode}`);
	}
	const cache = new TestCache();
	const entry = cache.put(asked, { flags: QR, additional: [opt({ rcode: 1 })] }, 0);
	t.equal(cache.show(asked, entry, 0).rcode, 2, "extended rcodes are a matter between two neighbours");
	t.end();
});

test("a name that does not exist does not exist for any type (RFC 2308, section 5)", (t) => {
	const cache = new TestCache();
	const other = query("www.example.org", { type: TYPE.TXT });
	cache.put(asked, { flags: NXDOMAIN, authority: [soa(60, 60)] }, 0);
	t.match(cache.get(other, 1), { rcode: 3, authority: [{ ttl: 59 }] });
	t.equal(cache.get(query("example.org", { type: TYPE.TXT }), 1), undefined, "the name above may");
	t.equal(cache.get(other, 60), undefined);

	cache.put(asked, { flags: NODATA, authority: [soa(60, 60)] }, 100);
	t.equal(cache.get(other, 101), undefined, "NODATA speaks of one type only");
	cache.cache.clear();
	const alias = [cname("gone.example.org", 60)];
	cache.put(asked, { flags: NXDOMAIN, answer: alias, authority: [soa(60, 60, wire("org"))] }, 0);
	t.equal(cache.get(other, 1), undefined, "behind an alias it is the target that does not exist");
	t.not(cache.get(asked, 1), undefined);
	t.end();
});
