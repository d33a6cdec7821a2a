import { randomBytes } from "node:crypto";
import { test } from "tap";
import { Budget, OverBudget } from "../../src/dnssec/budget.ts";
import { EDE } from "../../src/wire/codes.ts";
import { AD, query, wire, word } from "../wire/message.ts";
import { startValidating, worldOf } from "./world.ts";
import { type Oddity, T, Zone } from "./zone.ts";
import type { ZoneKey } from "./zone-key.ts";

const DO = { dnssecOk: true };
const ED25519 = 15;
/** Signatures that a world of three zones takes when all goes well: keys of three, delegations to two. */
const GOOD = 5;

/** The data of a DNSKEY record that is no real key, but has the tag of one. */
function sameTag(key: ZoneKey): Buffer {
	const data = Buffer.concat([word(256), Buffer.of(3, ED25519), randomBytes(32)]);
	for (let last = 0; last < 65_536; last++) {
		data.writeUInt16BE(last, data.length - 2);
		let sum = 0;
		for (let i = 0; i < data.length; i += 2) sum += data.readUInt16BE(i);
		if (((sum + (sum >>> 16)) & 0xffff) === key.tag) return data;
	}
	return sameTag(key);
}

/** A zone whose one name has many signatures that are wrong, by keys that all have the same tag. */
function trap(keys: number, signatures: number): Zone {
	const zone = new Zone("trap.example", { algorithm: ED25519 }).a("www.trap.example");
	zone.add("trap.example", T.DNSKEY, ...Array.from({ length: keys }, () => sameTag(zone.zsk)));
	const wrong: Oddity[] = Array.from({ length: signatures }, (_, i) => ({
		isWrong: true,
		expiration: 1000 + i,
	}));
	zone.odd.set("www.trap.example 1", wrong);
	return zone;
}

for (const [keys, signatures] of [
	[60, 100],
	[60, 1],
	[0, 100],
] as const) {
	test(`KeyTrap, CVE-2023-50387: ${keys} more keys of one tag, ${signatures} wrong signatures: at most ten are looked at`, async (t) => {
		const resolver = await startValidating(t, worldOf(trap(keys, signatures)));
		const found = await resolver.ask(query("www.trap.example", { edns: DO }));
		t.match(found, { rcode: 2, edns: { ede: EDE.DNSSEC_BOGUS } });
		const looked = resolver.counters.readNumber("dnssecSignatures");
		// Five for the answer, and five when it is asked whether a zone that is not signed begins there.
		t.ok(looked <= GOOD + 10, `${looked} signatures verified`);
		t.equal(
			resolver.counters.readNumber("dnssecOverBudget") + resolver.counters.readNumber("dnssecBogus"),
			1,
		);
	});
}

test("KeyTrap in the keys of a zone themselves: they are looked at once, whoever asks", async (t) => {
	const zone = new Zone("trap.example", { algorithm: ED25519 }).a("*.trap.example");
	zone.add("trap.example", T.DNSKEY, ...Array.from({ length: 60 }, () => sameTag(zone.ksk)));
	zone.odd.set(
		"trap.example 48",
		Array.from({ length: 100 }, (_, i) => ({ isWrong: true, expiration: 1000 + i })),
	);
	const resolver = await startValidating(t, worldOf(zone));
	const names = Array.from({ length: 50 }, (_, i) => `host${i}.trap.example`);
	const all = await Promise.all(names.map((name) => resolver.ask(query(name, { edns: DO }))));
	t.ok(all.every((found) => found?.rcode === 2));
	const looked = resolver.counters.readNumber("dnssecSignatures");
	t.ok(looked <= GOOD + 5, `${looked} signatures verified for 50 names`);
});

test("many DS records and keys of one tag: 16 digests are made", async (t) => {
	const zone = new Zone("trap.example", { algorithm: ED25519 }).a("www.trap.example");
	zone.add("trap.example", T.DNSKEY, ...Array.from({ length: 60 }, () => sameTag(zone.ksk)));
	const world = worldOf(zone);
	const ds = Array.from({ length: 40 }, () =>
		Buffer.concat([word(zone.ksk.tag), Buffer.of(ED25519, 2), randomBytes(32)]),
	);
	world.zone("example").remove("trap.example", T.DS).delegate(zone, ds);
	const resolver = await startValidating(t, world);
	t.match(await resolver.ask(query("www.trap.example", { edns: DO })), { rcode: 2 });
	t.equal(resolver.counters.readNumber("dnssecOverBudget"), 1);
	t.ok(resolver.counters.readNumber("dnssecSignatures") <= GOOD);
});

test("CVE-2023-50868: names with many labels below a zone with many iterations", async (t) => {
	const zone = new Zone("trap.example", { nsec3: { iterations: 50, salt: Buffer.alloc(255, 7) } });
	const resolver = await startValidating(t, worldOf(zone));
	const short = await resolver.ask(query("a.b.c.trap.example", { edns: DO }));
	t.equal((short?.flags ?? 0) & AD, AD, "an ordinary name is denied as it should be");
	const long = `${"x.".repeat(110)}trap.example`;
	t.match(await resolver.ask(query(long, { edns: DO })), { rcode: 2, edns: { ede: EDE.DNSSEC_BOGUS } });
	t.equal(resolver.counters.readNumber("dnssecOverBudget"), 1);
});

test("aliases through many signed zones are followed, zones without end are not", async (t) => {
	const chain = Array.from({ length: 10 }, (_, i) => new Zone(`z${i}.example`));
	for (const [i, zone] of chain.entries()) {
		if (i === 9) zone.a("www.z9.example");
		else zone.add(`www.z${i}.example`, T.CNAME, wire(`www.z${i + 1}.example`));
	}
	const nested: Zone[] = [];
	let name = "deep.example";
	for (let i = 0; i < 40; i++) {
		const zone = new Zone(name);
		nested.at(-1)?.delegate(zone);
		nested.push(zone);
		name = `n.${name}`;
	}
	nested.at(-1)?.a(name);
	const resolver = await startValidating(t, worldOf(...chain, ...nested));
	const found = await resolver.ask(query("www.z0.example", { edns: DO }));
	t.equal((found?.flags ?? 0) & AD, AD, "ten zones");
	const before = resolver.upstream.arrivals.length;
	t.match(await resolver.ask(query(name, { edns: DO })), { rcode: 2 });
	t.equal(resolver.counters.readNumber("dnssecOverBudget"), 1);
	t.ok(resolver.upstream.arrivals.length - before <= 65, "questions for one question");
});

test("a zone that others wait for too does not fail because one of them asked too much", async (t) => {
	const shared = new Zone("shared.example").a("www.shared.example");
	const world = worldOf(shared);
	const resolver = await startValidating(t, world);
	const all = await Promise.all(
		["www.shared.example", "nowhere.shared.example", `${"x.".repeat(100)}shared.example`].map((one) =>
			resolver.ask(query(one, { edns: DO })),
		),
	);
	t.same(
		all.map((found) => found?.rcode),
		[0, 3, 3],
	);
});

test("a budget says what ran out", async (t) => {
	const budget = new Budget();
	for (let i = 0; i < 16; i++) await budget.hashes(51);
	await t.rejects(budget.hashes(1), new OverBudget("hashes"));
	t.equal(new OverBudget("hashes").isOfSearch, false);
	t.equal(new OverBudget("zones").isOfSearch, true);
});
