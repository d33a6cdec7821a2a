import { test } from "tap";
import { EDE } from "../../src/wire/codes.ts";
import { startServer } from "../upstream/server.ts";
import { a as plainA, query, reply, wire } from "../wire/message.ts";
import { type Found, startValidating, type World, worldOf } from "./world.ts";
import { type Oddity, type Rec, T, Zone } from "./zone.ts";
import { ZoneKey } from "./zone-key.ts";

const DO = { dnssecOk: true };
const DAY = 86_400;

function signs(one: Rec, type: number): boolean {
	return one.type === T.RRSIG && one.data.readUInt16BE(0) === type;
}

function without(found: Found, drop: (one: Rec) => boolean): Found {
	return {
		...found,
		answer: found.answer.filter((one) => !drop(one)),
		authority: found.authority.filter((one) => !drop(one)),
	};
}

interface Case {
	readonly what: string;
	readonly ede: number;
	readonly name?: string;
	readonly type?: number;
	readonly break: (zone: Zone, world: World) => void;
}

const WWW = "www.signed.example";

function odd(...oddities: readonly Oddity[]): (zone: Zone) => void {
	return (zone) => void zone.odd.set(`${WWW} 1`, oddities);
}

const CASES: readonly Case[] = [
	{ what: "a signature that is wrong", ede: EDE.DNSSEC_BOGUS, break: odd({ isWrong: true }) },
	{
		what: "another address than was signed",
		ede: EDE.DNSSEC_BOGUS,
		break: (_, world) => {
			world.tamper = (found) => ({
				...found,
				answer: found.answer.map((one) =>
					one.type === T.A ? { ...one, data: Buffer.of(192, 0, 2, 66) } : one,
				),
			});
		},
	},
	{
		what: "an address more than was signed",
		ede: EDE.DNSSEC_BOGUS,
		break: (_, world) => {
			world.tamper = (found, { type }) =>
				type !== T.A
					? found
					: {
							...found,
							answer: [...found.answer, { name: WWW, type: T.A, ttl: 300, data: Buffer.of(192, 0, 2, 66) }],
						};
		},
	},
	{ what: "a signature that has expired", ede: EDE.SIGNATURE_EXPIRED, break: odd({ expiration: -60 }) },
	{
		what: "a signature for later",
		ede: EDE.SIGNATURE_NOT_YET_VALID,
		break: odd({ inception: 3600 }),
	},
	{
		what: "one that has expired and one that is wrong: the wrong one tells more",
		ede: EDE.DNSSEC_BOGUS,
		break: odd({ expiration: -60 }, { isWrong: true }),
	},
	{
		what: "no signature",
		ede: EDE.RRSIGS_MISSING,
		break: (_, world) => {
			world.tamper = (found) => without(found, (one) => signs(one, T.A));
		},
	},
	{
		what: "a signature by a key that is not in the zone",
		ede: EDE.DNSKEY_MISSING,
		break: odd({ key: new ZoneKey(13, 256) }),
	},
	{
		what: "a signature that says another key than it is of",
		ede: EDE.DNSKEY_MISSING,
		break: odd({ tag: 1 }),
	},
	{
		what: "a signature by another zone",
		ede: EDE.RRSIGS_MISSING,
		break: odd({ signer: "other.example" }),
	},
	{
		what: "a signature by what is no zone",
		ede: EDE.DNSSEC_BOGUS,
		break: odd({ signer: WWW }),
	},
	{
		what: "a signature for a longer name",
		ede: EDE.DNSSEC_BOGUS,
		break: odd({ labels: 7 }),
	},
	{
		what: "keys that are no zone keys (RFC 4034, section 2.1.1)",
		ede: EDE.NO_ZONE_KEY_BIT,
		break: (zone, world) => {
			const bare = new Zone("signed.example", { kskFlags: 1 }).a(WWW);
			world.zones.splice(world.zones.indexOf(zone), 1, bare);
			world.zone("example").remove("signed.example", T.DS).delegate(bare);
		},
	},
	{
		what: "a revoked key (RFC 5011, section 2.1)",
		ede: EDE.DNSKEY_MISSING,
		break: (zone, world) => {
			const revoked = new Zone("signed.example", { kskFlags: 257 | 128 }).a(WWW);
			world.zones.splice(world.zones.indexOf(zone), 1, revoked);
			world.zone("example").remove("signed.example", T.DS).delegate(revoked);
		},
	},
	{
		what: "a delegation that names another key",
		ede: EDE.DNSKEY_MISSING,
		break: (zone, world) => {
			world
				.zone("example")
				.remove("signed.example", T.DS)
				.delegate(zone, [new Zone("signed.example").ds()]);
		},
	},
	{
		what: "a zone without keys",
		ede: EDE.DNSKEY_MISSING,
		break: (_, world) => {
			world.tamper = (found, { name, type }) =>
				type === T.DNSKEY && name === "signed.example" ? { ...found, answer: [] } : found;
		},
	},
	{
		what: "keys without a signature",
		ede: EDE.RRSIGS_MISSING,
		break: (_, world) => {
			world.tamper = (found, { name }) =>
				name === "signed.example" ? without(found, (one) => signs(one, T.DNSKEY)) : found;
		},
	},
	{
		what: "keys whose signature has expired",
		ede: EDE.SIGNATURE_EXPIRED,
		break: (zone) => void zone.odd.set("signed.example 48", [{ expiration: -DAY / 2 }]),
	},
	{
		what: "keys that the named key did not sign",
		ede: EDE.DNSKEY_MISSING,
		break: (zone) => void zone.odd.set("signed.example 48", [{ key: zone.zsk }]),
	},
	{
		what: "a delegation whose signature is wrong",
		ede: EDE.DNSSEC_BOGUS,
		break: (_, world) => void world.zone("example").odd.set("signed.example 43", [{ isWrong: true }]),
	},
	{
		what: "a delegation whose DS was taken away, with its proof",
		ede: EDE.RRSIGS_MISSING,
		break: (_, world) => {
			world.tamper = (found, { type }) => (type === T.DS ? { rcode: 0, answer: [], authority: [] } : found);
		},
	},
	{
		what: "everything stripped below a secure delegation",
		ede: EDE.RRSIGS_MISSING,
		break: (_, world) => {
			world.tamper = (found, { name }) =>
				name === WWW ? without(found, ({ type }) => type === T.RRSIG) : found;
		},
	},
	{
		what: "a name that does not exist, without proof",
		ede: EDE.NSEC_MISSING,
		name: "nowhere.signed.example",
		break: (_, world) => {
			world.tamper = (found) => without(found, (one) => one.type === T.NSEC || signs(one, T.NSEC));
		},
	},
	{
		what: "a name that does not exist, without anything",
		ede: EDE.RRSIGS_MISSING,
		name: "nowhere.signed.example",
		break: (_, world) => {
			world.tamper = (found, { type }) => (type === T.A ? { ...found, authority: [] } : found);
		},
	},
	{
		what: "a name that exists, said not to",
		ede: EDE.NSEC_MISSING,
		break: (_, world) => {
			world.tamper = (found, { type }) =>
				type === T.A ? { ...world.resolve({ name: "nowhere.signed.example", type }), rcode: 3 } : found;
		},
	},
	{
		what: "a type that the name has, said not to",
		ede: EDE.NSEC_MISSING,
		break: (_, world) => {
			world.tamper = (found, { type }) => (type === T.A ? world.resolve({ name: WWW, type: T.MX }) : found);
		},
	},
	{
		what: "a denial with a wildcard's place left open",
		ede: EDE.NSEC_MISSING,
		name: "zzz.signed.example",
		break: (zone, world) => {
			world.tamper = (found, { type }) =>
				type !== T.A
					? found
					: {
							...found,
							authority: [...zone.records("signed.example", T.SOA), ...zone.denial("zzz.signed.example")],
						};
		},
	},
	{
		what: "a wildcard's record without proof that the name itself is not there",
		ede: EDE.NSEC_MISSING,
		name: "any.wild.signed.example",
		break: (zone, world) => {
			zone.a("*.wild.signed.example");
			world.tamper = (found, { type }) =>
				type === T.A ? { ...found, authority: zone.denial("signed.example") } : found;
		},
	},
	{
		what: "a wildcard's record given for a name that is there",
		ede: EDE.NSEC_MISSING,
		name: "here.wild.signed.example",
		break: (zone, world) => {
			zone.a("*.wild.signed.example").a("here.wild.signed.example", "192.0.2.7");
			world.tamper = (found, { name, type }) =>
				type === T.A
					? {
							rcode: 0,
							answer: zone.records("*.wild.signed.example", T.A, name),
							authority: zone.denial(name),
						}
					: found;
		},
	},
	{
		what: "a denial whose SOA is not signed",
		ede: EDE.RRSIGS_MISSING,
		name: "nowhere.signed.example",
		break: (_, world) => {
			world.tamper = (found) => without(found, (one) => signs(one, T.SOA));
		},
	},
	{
		what: "an alias that is not signed",
		ede: EDE.RRSIGS_MISSING,
		name: "to.signed.example",
		break: (zone, world) => {
			zone.add("to.signed.example", T.CNAME, wire(WWW));
			world.tamper = (found) => without(found, (one) => signs(one, T.CNAME));
		},
	},
	{
		what: "an alias that its DNAME does not make",
		ede: EDE.DNSSEC_BOGUS,
		name: "www.old.signed.example",
		break: (zone, world) => {
			zone.add("old.signed.example", T.DNAME, wire("signed.example")).a("evil.signed.example");
			const alias = {
				name: "www.old.signed.example",
				type: T.CNAME,
				ttl: 300,
				data: wire("evil.signed.example"),
			};
			world.tamper = (found, { type }) =>
				type !== T.A
					? found
					: {
							...found,
							answer: [
								...zone.records("old.signed.example", T.DNAME),
								alias,
								...zone.records("evil.signed.example", T.A),
							],
						};
		},
	},
	{
		what: "the parent's denial of what the child has (RFC 6840, section 4.1)",
		ede: EDE.NSEC_MISSING,
		break: (_, world) => {
			const parent = world.zone("example");
			world.tamper = (found, { type }) =>
				type === T.A
					? {
							rcode: 3,
							answer: [],
							authority: [
								...parent.records("example", T.SOA),
								...parent.denial("signed.example"),
								...parent.denial("*.example"),
							],
						}
					: found;
		},
	},
	{
		what: "the child's own denial of its DS",
		ede: EDE.NSEC_MISSING,
		break: (zone, world) => {
			world.tamper = (found, { name, type }) =>
				type === T.DS && name === "signed.example"
					? { rcode: 0, answer: [], authority: [...zone.records(name, T.SOA), ...zone.denial(name)] }
					: found;
		},
	},
];

for (const { what, ede, name = WWW, type = T.A, break: apply } of CASES) {
	test(`bogus: ${what}: SERVFAIL with extended error ${ede} (RFC 4035, section 5.5; RFC 8914)`, async (t) => {
		const zone = new Zone("signed.example").a(WWW);
		const world = worldOf(zone);
		apply(zone, world);
		const resolver = await startValidating(t, world);
		const found = await resolver.ask(query(name, { type, edns: DO }));
		t.match(found, { rcode: 2, via: "error", answer: [], authority: [], edns: { ede } });
		t.equal(resolver.counters.readNumber("dnssecBogus"), 1);
		t.match(await resolver.ask(query(name, { type, edns: DO })), { rcode: 2, via: "cache", edns: { ede } });
	});
}

for (const [what, apply] of [
	["a signature that is wrong", { isWrong: true }],
	["another key", { key: new ZoneKey(13, 256) }],
] as const) {
	test(`one good signature suffices, beside ${what} (RFC 6840, section 5.4)`, async (t) => {
		const zone = new Zone("signed.example").a(WWW);
		zone.odd.set(`${WWW} 1`, [apply, {}]);
		const resolver = await startValidating(t, worldOf(zone));
		t.match(await resolver.ask(query(WWW, { edns: DO })), { rcode: 0 });
		t.equal(resolver.counters.readNumber("dnssecSecure"), 1);
	});
}

test("NSEC3 records that prove something else are no proof (RFC 5155, section 8)", async (t) => {
	const zone = new Zone("signed.example", { nsec3: {} }).a(WWW).a("*.wild.signed.example");
	const world = worldOf(zone);
	const resolver = await startValidating(t, world);
	const soa = zone.records("signed.example", T.SOA);
	const lies: readonly (readonly [string, Found])[] = [
		["exists", { rcode: 3, answer: [], authority: [...soa, ...zone.denial("signed.example")] }],
		["has-no-a", { rcode: 0, answer: [], authority: [...soa, ...zone.denial("signed.example")] }],
		[
			"any.wild",
			{
				rcode: 0,
				answer: zone.records("*.wild.signed.example", T.A, "any.wild.signed.example"),
				authority: zone.denial(WWW),
			},
		],
	];
	world.tamper = (found, { name }) =>
		lies.find(([first]) => name === `${first}.signed.example`)?.[1] ?? found;
	for (const [first] of lies)
		t.match(
			await resolver.ask(query(`${first}.signed.example`, { edns: DO })),
			{ rcode: 2, edns: { ede: EDE.NSEC_MISSING } },
			first,
		);
});

test("an upstream that does not answer about a zone: SERVFAIL with its reason, and indeterminate", async (t) => {
	const zone = new Zone("signed.example").a(WWW);
	const world = worldOf(zone);
	const resolver = await startValidating(t, world);
	world.tamper = (found, { type }) => (type === T.DNSKEY ? { rcode: 2, answer: [], authority: [] } : found);
	const found = await resolver.ask(query(WWW, { edns: DO }));
	t.match(found, { rcode: 2, edns: { ede: EDE.NO_REACHABLE_AUTHORITY } });
	t.equal(resolver.counters.readNumber("dnssecIndeterminate"), 1);
});

test("what does not hold is asked for once more, from another upstream", async (t) => {
	const zone = new Zone("signed.example").a(WWW);
	const world = worldOf(zone);
	const good = await world.serve(t);
	const bad = await startServer(t, ({ query: bytes }) => reply(bytes, { answer: [plainA("192.0.2.66")] }));
	const resolver = await startValidating(t, world, {}, { upstreams: [bad.port, good.port] });
	const found = await resolver.ask(query(WWW, { edns: DO }));
	t.match(found, { rcode: 0, answer: [{ data: Buffer.of(192, 0, 2, 1) }, { type: T.RRSIG }] });
	t.equal(resolver.counters.readNumber("dnssecSecure"), 1);
	t.equal(resolver.counters.readNumber("dnssecBogus"), 0);
});
