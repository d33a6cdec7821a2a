import { test } from "tap";
import { EDE } from "../../src/wire/codes.ts";
import type { Outcome } from "../resolve/resolving.ts";
import { AD, CD, query, RD, wire } from "../wire/message.ts";
import { startValidating, worldOf } from "./world.ts";
import { T, Zone } from "./zone.ts";

const DO = { dnssecOk: true };

function isInsecure(found: Outcome | undefined, rcode = 0): boolean {
	return found?.rcode === rcode && found.via === "upstream" && (found.flags & AD) === 0;
}

for (const [flavour, options] of [
	["NSEC", {}],
	["NSEC3", { nsec3: {} }],
	["NSEC3 with opt-out", { nsec3: { optOut: true } }],
] as const) {
	test(`${flavour}: below a delegation without DS nothing needs to be signed (RFC 4035, section 5.2; RFC 5155, section 8.9)`, async (t) => {
		const zone = new Zone("signed.example", options);
		const plain = new Zone("plain.signed.example", { isSigned: false })
			.a("www.plain.signed.example")
			.add("to.plain.signed.example", T.CNAME, wire("www.plain.signed.example"));
		zone.delegate(plain);
		const resolver = await startValidating(t, worldOf(zone, plain));
		const ask = (name: string, type: number) => resolver.ask(query(name, { type, edns: DO }));
		t.ok(isInsecure(await ask("www.plain.signed.example", T.A)));
		t.ok(isInsecure(await ask("to.plain.signed.example", T.A)));
		t.ok(isInsecure(await ask("nowhere.plain.signed.example", T.A), 3), "a name that does not exist");
		t.ok(isInsecure(await ask("www.plain.signed.example", T.MX)), "no such type");
		t.equal(resolver.counters.readNumber("dnssecInsecure"), 4);
		t.equal(resolver.counters.readNumber("dnssecBogus"), 0);
		const ds = await ask("plain.signed.example", T.DS);
		t.match(ds, { rcode: 0, answer: [] });
		t.equal((ds?.flags ?? 0) & AD, flavour === "NSEC3 with opt-out" ? 0 : AD, "the missing DS itself");
	});
}

test("RFC 5155, section 9.2: with opt-out a name that does not exist is not authentic", async (t) => {
	const zone = new Zone("signed.example", { nsec3: { optOut: true } })
		.a("www.signed.example")
		.a("*.wild.signed.example");
	const resolver = await startValidating(t, worldOf(zone));
	t.ok(isInsecure(await resolver.ask(query("nowhere.signed.example", { edns: DO })), 3));
	t.ok(isInsecure(await resolver.ask(query("any.wild.signed.example", { edns: DO }))));
	const own = await resolver.ask(query("www.signed.example", { edns: DO }));
	t.equal((own?.flags ?? 0) & AD, AD, "one that is signed is");
});

test("a signed alias into a zone that is not signed is not authentic, whichever way round", async (t) => {
	const plain = new Zone("plain.example", { isSigned: false })
		.a("www.plain.example")
		.add("back.plain.example", T.CNAME, wire("www.signed.example"));
	const zone = new Zone("signed.example")
		.a("www.signed.example")
		.add("to.signed.example", T.CNAME, wire("www.plain.example"));
	const resolver = await startValidating(t, worldOf(zone, plain));
	t.ok(isInsecure(await resolver.ask(query("to.signed.example", { edns: DO }))));
	t.ok(isInsecure(await resolver.ask(query("back.plain.example", { edns: DO }))));
});

for (const algorithm of [5, 7]) {
	test(`RFC 9905, section 2: algorithm ${algorithm} counts as unsupported, with extended error 1`, async (t) => {
		const zone = new Zone("signed.example", { algorithm }).a("www.signed.example");
		const resolver = await startValidating(t, worldOf(zone));
		const found = await resolver.ask(query("www.signed.example", { edns: DO }));
		t.ok(isInsecure(found));
		t.equal(found?.edns?.ede, EDE.UNSUPPORTED_ALGORITHM);
		const cached = await resolver.ask(query("www.signed.example", { edns: DO }));
		t.match(cached, { via: "cache", edns: { ede: EDE.UNSUPPORTED_ALGORITHM } });
	});
}

for (const [what, digest] of [
	["SHA-1", 1],
	["GOST", 3],
	["unknown", 200],
] as const) {
	test(`RFC 8624, section 3.3: a delegation by digests of type ${what} alone secures nothing, extended error 2`, async (t) => {
		const zone = new Zone("signed.example").a("www.signed.example");
		const world = worldOf(zone);
		world
			.zone("example")
			.remove("signed.example", T.DS)
			.delegate(zone, [zone.ds(digest)]);
		const resolver = await startValidating(t, world);
		const found = await resolver.ask(query("www.signed.example", { edns: DO }));
		t.ok(isInsecure(found));
		t.equal(found?.edns?.ede, EDE.UNSUPPORTED_DIGEST);
	});
}

test("RFC 9276, section 3.2: more than 50 iterations are not done, the denial is insecure, with extended error 27", async (t) => {
	const few = new Zone("few.example", { nsec3: { iterations: 50 } });
	const many = new Zone("many.example", { nsec3: { iterations: 51 } });
	const plain = new Zone("plain.many.example", { isSigned: false }).a("www.plain.many.example");
	many.delegate(plain);
	const resolver = await startValidating(t, worldOf(few, many, plain));
	const good = await resolver.ask(query("nowhere.few.example", { edns: DO }));
	t.equal((good?.flags ?? 0) & AD, AD, "50 are");
	const found = await resolver.ask(query("nowhere.many.example", { edns: DO }));
	t.ok(isInsecure(found, 3));
	t.equal(found?.edns?.ede, EDE.NSEC3_ITERATIONS);
	const below = await resolver.ask(query("www.plain.many.example", { edns: DO }));
	t.ok(isInsecure(below));
	t.equal(below?.edns?.ede, EDE.NSEC3_ITERATIONS);
});

test("the denial of a zone with many iterations is insecure only when it is signed", async (t) => {
	const many = new Zone("many.example", { nsec3: { iterations: 2500 } });
	const world = worldOf(many);
	const resolver = await startValidating(t, world);
	world.tamper = (found) => ({
		...found,
		authority: found.authority.map((one) =>
			one.type === T.RRSIG && one.data.readUInt16BE(0) === T.NSEC3
				? {
						...one,
						data: Buffer.concat([one.data.subarray(0, -1), Buffer.of(one.data[one.data.length - 1] ^ 1)]),
					}
				: one,
		),
	});
	t.match(await resolver.ask(query("nowhere.many.example", { edns: DO })), {
		rcode: 2,
		edns: { ede: EDE.DNSSEC_BOGUS },
	});
});

test("RFC 7646: below a negative trust anchor nothing is validated", async (t) => {
	const zone = new Zone("broken.example").a("www.broken.example").a("www.deep.broken.example");
	zone.odd.set("www.broken.example 1", [{ isWrong: true }]);
	zone.odd.set("www.deep.broken.example 1", [{ isWrong: true }]);
	const other = new Zone("other.example").a("www.other.example");
	const resolver = await startValidating(t, worldOf(zone, other), {
		negativeTrustAnchors: ["broken.example"],
	});
	t.ok(isInsecure(await resolver.ask(query("www.broken.example", { edns: DO }))));
	t.ok(isInsecure(await resolver.ask(query("www.deep.broken.example", { edns: DO }))));
	t.ok(isInsecure(await resolver.ask(query("nowhere.broken.example", { edns: DO })), 3));
	const found = await resolver.ask(query("www.other.example", { edns: DO }));
	t.equal((found?.flags ?? 0) & AD, AD, "all else is");
});

test("without an anchor above it a name is not validated; an island's own anchor is (RFC 4035, section 5)", async (t) => {
	const island = new Zone("island.example").a("www.island.example");
	const world = worldOf(island);
	world.zone("example").remove("island.example", T.DS);
	const resolver = await startValidating(t, world, { trustAnchors: [island.anchor] });
	const found = await resolver.ask(query("www.island.example", { edns: DO }));
	t.equal((found?.flags ?? 0) & AD, AD);
	t.ok(isInsecure(await resolver.ask(query("example", { type: T.SOA, edns: DO }))));
});

test("an anchor may be a key (RFC 4034, section 2), and stand in a file", async (t) => {
	const zone = new Zone("signed.example").a("www.signed.example");
	const world = worldOf(zone);
	const key = `. 172800 IN DNSKEY 257 3 13 ${world.root.ksk.data.subarray(4).toString("base64")}`;
	const resolver = await startValidating(t, world, { trustAnchors: [key] });
	const found = await resolver.ask(query("www.signed.example", { edns: DO }));
	t.equal((found?.flags ?? 0) & AD, AD);
});

test("the word of an upstream that says AD counts for nothing: not where nothing is signed, not with CD", async (t) => {
	const plain = new Zone("plain.example", { isSigned: false }).a("www.plain.example");
	const world = worldOf(plain);
	const resolver = await startValidating(t, world);
	const answer = world.answer.bind(world);
	world.answer = (arrival) => {
		const bytes = answer(arrival);
		if (bytes !== undefined) bytes[3] |= AD;
		return bytes;
	};
	t.ok(isInsecure(await resolver.ask(query("www.plain.example", { edns: DO }))));
	t.ok(isInsecure(await resolver.ask(query("www.plain.example", { flags: RD | CD, edns: DO }))));
});

test("with CD a client gets what is bogus, and it stays apart from what others get (RFC 4035, section 3.2.2)", async (t) => {
	const zone = new Zone("broken.example").a("www.broken.example");
	zone.odd.set("www.broken.example 1", [{ isWrong: true }]);
	const resolver = await startValidating(t, worldOf(zone));
	const unchecked = await resolver.ask(query("www.broken.example", { flags: RD | CD, edns: DO }));
	t.match(unchecked, { rcode: 0, answer: [{ type: T.A }, { type: T.RRSIG }] });
	t.equal((unchecked?.flags ?? 0) & (AD | CD), CD);
	t.equal(resolver.counters.readNumber("dnssecLookups"), 0, "no keys are needed for that");
	t.match(await resolver.ask(query("www.broken.example", { edns: DO })), { rcode: 2 });
});

test("nobody signs signatures: they come unvalidated (RFC 4035, section 2.2)", async (t) => {
	const zone = new Zone("signed.example").a("www.signed.example");
	const world = worldOf(zone);
	const resolver = await startValidating(t, world);
	world.tamper = (found, { name, type }) =>
		type === T.RRSIG ? { rcode: 0, answer: zone.records(name, T.A).slice(1), authority: [] } : found;
	const found = await resolver.ask(query("www.signed.example", { type: T.RRSIG, edns: DO }));
	t.match(found, { rcode: 0, answer: [{ type: T.RRSIG }] });
	t.equal((found?.flags ?? 0) & AD, 0);
	t.equal(resolver.counters.readNumber("dnssecIndeterminate"), 1);
});
