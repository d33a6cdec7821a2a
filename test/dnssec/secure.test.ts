import { test } from "tap";
import type { Outcome } from "../resolve/resolving.ts";
import { AD, CD, query, RD, wire } from "../wire/message.ts";
import { startValidating, worldOf } from "./world.ts";
import { T, Zone } from "./zone.ts";

const DO = { dnssecOk: true };
const FLAVOURS = [
	["NSEC", {}],
	["NSEC3", { nsec3: {} }],
	["NSEC3 with salt and iterations", { nsec3: { iterations: 12, salt: Buffer.from("aabbccdd", "hex") } }],
] as const;

function isAuthentic(found: Outcome | undefined): boolean {
	return ((found?.flags ?? 0) & AD) !== 0;
}

function types(found: Outcome | undefined, section: "answer" | "authority"): number[] {
	return (found?.[section] ?? []).map(({ type }) => type).sort((a, b) => a - b);
}

for (const algorithm of [8, 10, 13, 14, 15, 16]) {
	test(`RFC 4035, section 5: an answer signed with algorithm ${algorithm} is authentic`, async (t) => {
		const zone = new Zone("signed.example", { algorithm }).a("www.signed.example");
		const resolver = await startValidating(t, worldOf(zone));
		const found = await resolver.ask(query("www.signed.example", { edns: DO }));
		t.match(found, { rcode: 0, via: "upstream", answer: [{ type: T.A }, { type: T.RRSIG }] });
		t.ok(isAuthentic(found));
		t.ok(isAuthentic(await resolver.ask(query("www.signed.example", { edns: DO }))), "from the cache too");
		t.equal(resolver.counters.readNumber("dnssecSecure"), 1);
	});
}

for (const digest of [2, 4]) {
	test(`RFC 4509 and 6605: a delegation by digest type ${digest} is followed`, async (t) => {
		const zone = new Zone("signed.example").a("www.signed.example");
		const world = worldOf(zone);
		world
			.zone("example")
			.remove("signed.example", T.DS)
			.delegate(zone, [zone.ds(digest), zone.ds(1)]);
		const resolver = await startValidating(t, world);
		t.ok(isAuthentic(await resolver.ask(query("www.signed.example", { edns: DO }))));
	});
}

for (const [flavour, options] of FLAVOURS) {
	test(`${flavour}: what is denied, and what a wildcard stands for, is authentic (RFC 4035, section 5.4; RFC 5155, section 8)`, async (t) => {
		const zone = new Zone("signed.example", options)
			.a("www.signed.example")
			.a("a.b.signed.example")
			.a("*.wild.signed.example");
		const resolver = await startValidating(t, worldOf(zone));
		const ask = (name: string, type: number) => resolver.ask(query(name, { type, edns: DO }));

		const absent = await ask("nowhere.signed.example", T.A);
		t.match(absent, { rcode: 3, answer: [] });
		t.ok(isAuthentic(absent), "a name that does not exist");
		const deep = await ask("x.y.nowhere.www.signed.example", T.A);
		t.match(deep, { rcode: 3 });
		t.ok(isAuthentic(deep), "deep below a name that does");
		const empty = await ask("www.signed.example", T.MX);
		t.match(empty, { rcode: 0, answer: [] });
		t.ok(isAuthentic(empty), "a type that the name lacks");
		const between = await ask("b.signed.example", T.A);
		t.match(between, { rcode: 0, answer: [] });
		t.ok(isAuthentic(between), "a name that is there for those below it");
		const apex = await ask("signed.example", T.MX);
		t.match(apex, { rcode: 0, answer: [] });
		t.ok(isAuthentic(apex), "a type that the zone's own name lacks");
		const wild = await ask("any.thing.wild.signed.example", T.A);
		t.match(wild, { rcode: 0, answer: [{ name: "any.thing.wild.signed.example" }, { type: T.RRSIG }] });
		t.ok(isAuthentic(wild), "a wildcard's record");
		t.ok(types(wild, "authority").includes(flavour === "NSEC" ? T.NSEC : T.NSEC3), "with its proof");
		const wildEmpty = await ask("any.wild.signed.example", T.MX);
		t.match(wildEmpty, { rcode: 0, answer: [] });
		t.ok(isAuthentic(wildEmpty), "a type that the wildcard lacks");
		const noDelegation = await ask("www.signed.example", T.DS);
		t.match(noDelegation, { rcode: 0, answer: [] });
		t.ok(isAuthentic(noDelegation), "no delegation");
	});
}

test("RFC 4035, section 2.4: DS, DNSKEY, SOA and NSEC records are authentic where they stand", async (t) => {
	const zone = new Zone("signed.example");
	const resolver = await startValidating(t, worldOf(zone));
	for (const [name, type] of [
		["signed.example", T.DS],
		["signed.example", T.DNSKEY],
		["signed.example", T.SOA],
		["signed.example", T.NSEC],
		["example", T.DNSKEY],
		["example", T.DS],
		["", T.DNSKEY],
		["", T.SOA],
		["", T.NS],
	] as const) {
		const found = await resolver.ask(query(name, { type, edns: DO }));
		t.match(found, { rcode: 0, answer: [{ type }] });
		t.ok(isAuthentic(found), `${name}. ${type}`);
	}
});

test("aliases: each zone on the way has to hold (RFC 4035, section 3.2.3)", async (t) => {
	const target = new Zone("target.example", { nsec3: {}, algorithm: 15 }).a("host.target.example");
	const source = new Zone("source.example")
		.add("www.source.example", T.CNAME, wire("host.target.example"))
		.add("gone.source.example", T.CNAME, wire("nowhere.target.example"))
		.add("empty.source.example", T.CNAME, wire("target.example"))
		.add("*.wild.source.example", T.CNAME, wire("host.target.example"));
	const resolver = await startValidating(t, worldOf(source, target));
	const found = await resolver.ask(query("www.source.example", { edns: DO }));
	t.same(types(found, "answer"), [T.A, T.CNAME, T.RRSIG, T.RRSIG]);
	t.ok(isAuthentic(found));
	const gone = await resolver.ask(query("gone.source.example", { edns: DO }));
	t.match(gone, { rcode: 3 });
	t.ok(isAuthentic(gone), "the target does not exist");
	const empty = await resolver.ask(query("empty.source.example", { edns: DO }));
	t.match(empty, { rcode: 0 });
	t.ok(isAuthentic(empty), "the target has no such type");
	const wild = await resolver.ask(query("any.wild.source.example", { edns: DO }));
	t.ok(isAuthentic(wild), "the alias comes from a wildcard");
	const plain = await resolver.ask(query("www.source.example", { type: T.CNAME, edns: DO }));
	t.ok(isAuthentic(plain), "the alias itself");
});

test("RFC 6672, section 5.3.1: the alias that a DNAME makes is as authentic as the DNAME", async (t) => {
	const target = new Zone("target.example").a("www.target.example");
	const source = new Zone("source.example").add("old.source.example", T.DNAME, wire("target.example"));
	const resolver = await startValidating(t, worldOf(source, target));
	const found = await resolver.ask(query("www.old.source.example", { edns: DO }));
	t.same(types(found, "answer"), [T.A, T.CNAME, T.DNAME, T.RRSIG, T.RRSIG]);
	t.ok(isAuthentic(found));
});

test("RFC 6840, sections 5.7 and 5.8: AD goes to those who set DO or AD, signatures only to those who set DO", async (t) => {
	const zone = new Zone("signed.example").a("www.signed.example");
	const resolver = await startValidating(t, worldOf(zone));
	const plain = await resolver.ask(query("www.signed.example"));
	t.same(types(plain, "answer"), [T.A]);
	t.notOk(isAuthentic(plain), "neither DO nor AD");
	const asked = await resolver.ask(query("www.signed.example", { flags: RD | AD }));
	t.same(types(asked, "answer"), [T.A]);
	t.ok(isAuthentic(asked), "AD");
	const denied = await resolver.ask(query("nowhere.signed.example", { flags: RD | AD }));
	t.same(types(denied, "authority"), [T.SOA]);
	t.ok(isAuthentic(denied), "AD, of a name that does not exist");
});

test("upstreams are asked with DO and CD, so that what does not hold is seen here (RFC 6840, section 5.9)", async (t) => {
	const zone = new Zone("signed.example").a("www.signed.example");
	const resolver = await startValidating(t, worldOf(zone));
	await resolver.ask(query("www.signed.example"));
	t.ok(resolver.upstream.arrivals.length > 1);
	for (const { query: bytes } of resolver.upstream.arrivals) {
		t.equal(bytes.readUInt16BE(2) & CD, CD);
		t.equal((bytes[bytes.indexOf(Buffer.of(0, 0, 41)) + 7] & 0x80) !== 0, true);
	}
});

test("RFC 4035, section 5.3.3: an answer is not kept for longer than its signature allows", async (t) => {
	const zone = new Zone("signed.example").a("short.signed.example").a("www.signed.example");
	zone.odd.set("short.signed.example 1", [{ expiration: 100 }]);
	zone.odd.set("www.signed.example 1", [{ originalTtl: 200 }]);
	const resolver = await startValidating(t, worldOf(zone));
	const [first] = (await resolver.ask(query("short.signed.example")))?.answer ?? [];
	t.ok(first.ttl <= 100, `until it expires: ${first.ttl}`);
	t.match(await resolver.ask(query("www.signed.example")), { answer: [{ ttl: 200 }] });
});

test("each zone is asked about once, whatever its names", async (t) => {
	const zone = new Zone("signed.example").a("*.signed.example");
	const resolver = await startValidating(t, worldOf(zone));
	const names = Array.from({ length: 40 }, (_, i) => `host${i}.signed.example`);
	const found = await Promise.all(names.map((name) => resolver.ask(query(name, { edns: DO }))));
	t.ok(found.every(isAuthentic));
	const { arrivals } = resolver.upstream;
	const types = arrivals.map(({ query: bytes }) =>
		bytes.readUInt16BE(bytes.indexOf(Buffer.of(0, 1, 0, 0, 41)) - 2),
	);
	t.equal(types.filter((type) => type === T.DNSKEY).length, 3, "keys of three zones");
	t.equal(types.filter((type) => type === T.DS).length, 2, "two delegations");
	t.equal(arrivals.length, 45);
	t.equal(resolver.counters.readNumber("dnssecLookups"), 5);
});
