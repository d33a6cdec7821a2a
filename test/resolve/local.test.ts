import { type Test, test } from "tap";
import { RCODE } from "../../src/wire/codes.ts";
import { startServer, type UpstreamServer } from "../upstream/server.ts";
import { decodeName } from "../wire/decoded.ts";
import { a, query, reply, wire } from "../wire/message.ts";
import { type Outcome, rule, startResolver, type TestResolver } from "./resolving.ts";

const TYPE = {
	A: 1,
	NS: 2,
	CNAME: 5,
	SOA: 6,
	PTR: 12,
	MX: 15,
	TXT: 16,
	AAAA: 28,
	SRV: 33,
	DS: 43,
	DNSKEY: 48,
	SVCB: 64,
	HTTPS: 65,
	ANY: 255,
	RESINFO: 261,
};
const ALL_TYPES = Object.values(TYPE);
const AA = 0x0400;
const AD = 0x0020;
const LOOPBACK_V4 = Buffer.of(127, 0, 0, 1);
const LOOPBACK_V6 = Buffer.from("00000000000000000000000000000001", "hex");
const UPSTREAM = Buffer.of(192, 0, 2, 99);

interface Setting {
	readonly resolver: TestResolver;
	readonly upstream: UpstreamServer;
	ask(name: string, type?: number, edns?: { readonly dnssecOk?: boolean }): Promise<Outcome>;
}

/** With every rule of the blocklist against the names, too: special names stand above it. */
async function start(t: Test, local: object = {}): Promise<Setting> {
	const upstream = await startServer(t, ({ query: asked }) => reply(asked, { answer: [a("192.0.2.99")] }));
	const resolver = await startResolver(t, { upstreams: [upstream.port], config: { local } });
	return {
		resolver,
		upstream,
		ask: async (name, type = TYPE.A, edns = undefined) => {
			const found = await resolver.ask(query(name, { type, ...(edns === undefined ? {} : { edns }) }));
			if (found === undefined) throw new Error(`${name} got no answer`);
			return found;
		},
	};
}

/** The SOA of a negative answer, by RFC 2308, section 3: owned by the zone, its TTL the time to keep it. */
function isNegative(t: Test, found: Outcome, rcode: number, zone: string, about: string): void {
	t.equal(found.rcode, rcode, `rcode of ${about}`);
	t.equal(found.via, "local", about);
	t.equal(found.answer.length, 0, about);
	t.equal(found.authority.length, 1, about);
	const [soa] = found.authority;
	if (soa === undefined) return;
	t.match(soa, { type: TYPE.SOA, class: 1, ttl: 600 }, about);
	t.equal(soa.name.toLowerCase(), zone.toLowerCase(), about);
	t.equal(soa.data.readUInt32BE(soa.data.length - 4), soa.ttl, "TTL and minimum agree");
	const [, second] = decodeName(soa.data, 0);
	t.equal(decodeName(soa.data, second)[1], soa.data.length - 20, "two names and five numbers");
	t.equal(found.flags & AD, 0);
}

test("RFC 6761, section 6.3: localhost and all below it are this machine, for every other type NODATA", async (t) => {
	const { ask, upstream } = await start(t);
	for (const name of ["localhost", "LOCALHOST", "www.localhost", "a.b.LocalHost"]) {
		const v4 = await ask(name);
		t.match(v4, {
			rcode: 0,
			via: "local",
			question: name,
			answer: [{ type: TYPE.A, ttl: 600, data: LOOPBACK_V4 }],
		});
		t.equal(v4.answer.length, 1);
		t.equal(v4.flags & AA, AA, "we are the authority");
		t.match(await ask(name, TYPE.AAAA), { rcode: 0, answer: [{ type: TYPE.AAAA, data: LOOPBACK_V6 }] });
		// RFC 8482, section 4.1: ANY is content with one RRset.
		t.match(await ask(name, TYPE.ANY), { rcode: 0, answer: [{ type: TYPE.A, data: LOOPBACK_V4 }] });
		const others = ALL_TYPES.filter((type) => ![TYPE.A, TYPE.AAAA, TYPE.ANY].includes(type));
		for (const type of others)
			isNegative(t, await ask(name, type, { dnssecOk: true }), 0, "localhost", `${name} ${type}`);
	}
	t.equal(upstream.arrivals.length, 0, "nobody upstream hears of it");
	for (const name of ["localhost.example", "notlocalhost.example", "localhost.localdomain"])
		t.match(await ask(name), { via: "upstream", answer: [{ data: UPSTREAM }] }, name);
});

test("RFC 6303, sections 4.2 and 4.3: the loopback addresses lead back to localhost", async (t) => {
	const { ask, upstream } = await start(t);
	const v6 = `1.${"0.".repeat(31)}ip6.arpa`;
	for (const name of ["1.0.0.127.in-addr.arpa", "1.0.0.127.IN-ADDR.arpa", v6]) {
		t.match(await ask(name, TYPE.PTR), {
			rcode: 0,
			via: "local",
			answer: [{ name, type: TYPE.PTR, data: wire("localhost") }],
		});
		t.match(await ask(name, TYPE.ANY), { answer: [{ type: TYPE.PTR }] });
	}
	isNegative(t, await ask("1.0.0.127.in-addr.arpa", TYPE.A), 0, "127.in-addr.arpa", "another type");
	for (const name of ["2.0.0.127.in-addr.arpa", "5.1.127.in-addr.arpa", "x.1.0.0.127.in-addr.arpa"])
		isNegative(t, await ask(name, TYPE.PTR), RCODE.NXDOMAIN, "127.in-addr.arpa", name);
	// RFC 8020, section 2: NXDOMAIN would deny what is below.
	for (const name of ["0.127.in-addr.arpa", "0.0.127.in-addr.arpa"])
		isNegative(t, await ask(name, TYPE.PTR), 0, "127.in-addr.arpa", name);
	t.match(await ask("127.in-addr.arpa", TYPE.SOA), { rcode: 0, answer: [{ type: TYPE.SOA }] });
	isNegative(t, await ask(`a.${v6}`, TYPE.PTR), RCODE.NXDOMAIN, v6, "below ::1");
	t.equal(upstream.arrivals.length, 0);
});

const ABSENT: readonly [zone: string, rfc: string][] = [
	["test", "RFC 6761, section 6.2"],
	["invalid", "RFC 6761, section 6.4"],
	["local", "RFC 6762, section 22.1"],
	["onion", "RFC 7686, section 2"],
	["alt", "RFC 9476"],
	["internal", "ICANN, 2024"],
];

for (const [zone, rfc] of ABSENT) {
	test(`${rfc}: ${zone} and all below it do not exist`, async (t) => {
		const { ask, upstream } = await start(t);
		for (const name of [zone, zone.toUpperCase(), `x.${zone}`, `_tcp.a.b.${zone}`]) {
			for (const type of ALL_TYPES) {
				const found = await ask(name, type, { dnssecOk: true });
				isNegative(t, found, RCODE.NXDOMAIN, zone, `${name} ${type}`);
				t.equal(found.edns?.ede, undefined, "no error: this is the true answer");
			}
		}
		t.equal(upstream.arrivals.length, 0);
		t.match(await ask(`${zone}.example`), { via: "upstream" });
		t.match(await ask(`x${zone}.example`), { via: "upstream" });
	});
}

/** RFC 6303, section 4, RFC 7793 and the IANA registry "Locally-Served DNS Zones". */
const EMPTY: readonly [zone: string, below: string][] = [
	["home.arpa", "printer.home.arpa"],
	["service.arpa", "default.service.arpa"],
	["6tisch.arpa", "x.6tisch.arpa"],
	["eap.arpa", "x.eap.arpa"],
	["eap-noob.arpa", "x.eap-noob.arpa"],
	["10.in-addr.arpa", "1.2.3.10.in-addr.arpa"],
	["16.172.in-addr.arpa", "1.1.16.172.in-addr.arpa"],
	["24.172.in-addr.arpa", "1.1.24.172.in-addr.arpa"],
	["31.172.in-addr.arpa", "1.1.31.172.in-addr.arpa"],
	["168.192.in-addr.arpa", "1.1.168.192.in-addr.arpa"],
	["64.100.in-addr.arpa", "1.1.64.100.in-addr.arpa"],
	["127.100.in-addr.arpa", "1.1.127.100.in-addr.arpa"],
	["0.in-addr.arpa", "0.0.0.0.in-addr.arpa"],
	["254.169.in-addr.arpa", "1.1.254.169.in-addr.arpa"],
	["2.0.192.in-addr.arpa", "1.2.0.192.in-addr.arpa"],
	["100.51.198.in-addr.arpa", "1.100.51.198.in-addr.arpa"],
	["113.0.203.in-addr.arpa", "1.113.0.203.in-addr.arpa"],
	["255.255.255.255.in-addr.arpa", "x.255.255.255.255.in-addr.arpa"],
	[`${"0.".repeat(32)}ip6.arpa`, `x.${"0.".repeat(32)}ip6.arpa`],
	["d.f.ip6.arpa", "0.0.d.f.ip6.arpa"],
	["8.e.f.ip6.arpa", "0.8.e.f.ip6.arpa"],
	["b.e.f.ip6.arpa", "0.b.e.f.ip6.arpa"],
	["8.b.d.0.1.0.0.2.ip6.arpa", "1.8.b.d.0.1.0.0.2.ip6.arpa"],
	["0.f.f.f.3.ip6.arpa", "1.0.f.f.f.3.ip6.arpa"],
];

test("RFC 6303, section 3: zones with nothing but SOA and NS", async (t) => {
	const { ask, upstream } = await start(t);
	for (const [zone, below] of EMPTY) {
		const soa = await ask(zone, TYPE.SOA);
		t.match(soa, { rcode: 0, via: "local", answer: [{ name: zone, type: TYPE.SOA }] }, zone);
		t.equal(decodeName(soa.answer[0]?.data ?? Buffer.of(0), 0)[0], zone, "its own name server");
		t.equal(soa.flags & AA, AA);
		t.match(await ask(zone, TYPE.NS), { rcode: 0, answer: [{ type: TYPE.NS, data: wire(zone) }] }, zone);
		t.match(await ask(zone, TYPE.ANY), { rcode: 0, answer: [{ type: TYPE.SOA }] }, zone);
		const others = ALL_TYPES.filter((type) => ![TYPE.SOA, TYPE.NS, TYPE.ANY].includes(type));
		for (const type of others) isNegative(t, await ask(zone, type), 0, zone, `${zone} ${type}`);
		for (const type of ALL_TYPES)
			isNegative(t, await ask(below, type, { dnssecOk: true }), RCODE.NXDOMAIN, zone, `${below} ${type}`);
	}
	t.equal(upstream.arrivals.length, 0);
	const public_ = ["in-addr.arpa", "172.in-addr.arpa", "1.1.15.172.in-addr.arpa", "1.1.32.172.in-addr.arpa"];
	const more = ["63.100.in-addr.arpa", "128.100.in-addr.arpa", "c.e.f.ip6.arpa", "9.b.d.0.1.0.0.2.ip6.arpa"];
	for (const name of [...public_, ...more, "arpa.home.example", "1.0.0.2.ip6.arpa"])
		t.match(await ask(name, TYPE.PTR), { via: "upstream" }, name);
});

test("RFC 8375, section 4: DS with DO goes up, for the proof that the zone is not signed", async (t) => {
	const { ask, upstream } = await start(t);
	for (const zone of ["home.arpa", "service.arpa", "10.in-addr.arpa", "d.f.ip6.arpa"]) {
		t.match(await ask(zone, TYPE.DS, { dnssecOk: true }), { via: "upstream" }, zone);
		isNegative(t, await ask(zone, TYPE.DS, {}), 0, zone, "DS without DO");
		isNegative(t, await ask(`x.${zone}`, TYPE.DS, { dnssecOk: true }), RCODE.NXDOMAIN, zone, "DS below");
	}
	t.equal(upstream.arrivals.length, 4);
});

test("RFC 6761, section 6.5; RFC 8880, section 7.1: example and ipv4only.arpa are ordinary names", async (t) => {
	const { ask, upstream } = await start(t);
	const ordinary = ["www.example", "example.org", "ipv4only.arpa", "170.0.0.192.in-addr.arpa"];
	for (const name of ordinary) t.match(await ask(name, TYPE.AAAA), { via: "upstream" }, name);
	t.equal(upstream.arrivals.length, ordinary.length);
});

test("RFC 9462, sections 4 and 6.4: resolver.arpa is never forwarded, and has no encrypted resolver", async (t) => {
	const { ask, upstream } = await start(t);
	for (const name of [
		"_dns.resolver.arpa",
		"_DNS.resolver.arpa",
		"x.resolver.arpa",
		"a._dns.resolver.arpa",
	]) {
		for (const type of [TYPE.SVCB, TYPE.HTTPS, TYPE.A, TYPE.DS, TYPE.ANY])
			isNegative(t, await ask(name, type, { dnssecOk: true }), 0, "resolver.arpa", `${name} ${type}`);
	}
	for (const type of [TYPE.A, TYPE.AAAA, TYPE.SVCB, TYPE.DS])
		isNegative(t, await ask("resolver.arpa", type, { dnssecOk: true }), 0, "resolver.arpa", `${type}`);
	t.match(await ask("resolver.arpa", TYPE.SOA), { answer: [{ type: TYPE.SOA }] });
	t.equal(upstream.arrivals.length, 0);
});

/** The texts of a record in the form of TXT. */
function texts(data: Buffer): string[] {
	const found: string[] = [];
	for (let at = 0; at < data.length; at += 1 + data[at])
		found.push(data.toString("latin1", at + 1, at + 1 + data[at]));
	return found;
}

test("RFC 9606, sections 3 and 5: what this resolver says of itself, with AA set", async (t) => {
	const { ask, resolver } = await start(t);
	const plain = await ask("resolver.arpa", TYPE.RESINFO);
	t.match(plain, { rcode: 0, via: "local", answer: [{ type: TYPE.RESINFO }] });
	t.equal(plain.answer.length, 1);
	t.equal(plain.flags & AA, AA, "without it a client throws it away");
	const found = texts(plain.answer[0]?.data ?? Buffer.alloc(0));
	t.equal(found.length, 1);
	t.match(found[0], /^exterr=\d+(-\d+)?(,\d+(-\d+)?)*$/);
	const covers = (code: number) =>
		(found[0] ?? "")
			.slice("exterr=".length)
			.split(",")
			.map((range) => range.split("-").map(Number))
			.some(([from = 0, to = from]) => from <= code && code <= to);
	for (const code of [15, 16, 17, 18, 22, 23]) t.ok(covers(code), `${code}`);
	for (const code of [26, 28, 99]) t.notOk(covers(code), `${code}`);
	await resolver.reload({ config: { local: { infoUrl: "https://dns.example/about?what=blocked" } } });
	const told = await ask("resolver.arpa", TYPE.RESINFO);
	t.strictSame(texts(told.answer[0]?.data ?? Buffer.alloc(0)), [
		found[0],
		"infourl=https://dns.example/about?what=blocked",
	]);
});

test("RFC 9606, section 3: asked with RD clear, and so may be all that is answered here", async (t) => {
	const { resolver, upstream } = await start(t);
	const without = (name: string, type: number) => resolver.ask(query(name, { type, flags: 0 }));
	t.match(await without("resolver.arpa", TYPE.RESINFO), {
		rcode: 0,
		via: "local",
		answer: [{ type: TYPE.RESINFO }],
	});
	t.match(await without("localhost", TYPE.A), { rcode: 0, via: "local", answer: [{ data: LOOPBACK_V4 }] });
	t.match(await without("www.example", TYPE.A), { rcode: RCODE.REFUSED });
	t.equal(upstream.arrivals.length, 0);
});

test("canaries: the names themselves do not exist, what is below them is ordinary", async (t) => {
	const { ask, upstream } = await start(t);
	const canaries = ["use-application-dns.net", "MASK.icloud.com", "mask-h2.icloud.com"];
	for (const name of canaries) {
		for (const type of ALL_TYPES) {
			const found = await ask(name, type);
			isNegative(t, found, RCODE.NXDOMAIN, name, `${name} ${type}`);
			t.equal(found.flags & AA, 0, "the zone is somebody else's");
		}
	}
	t.equal(upstream.arrivals.length, 0);
	const ordinary = [
		"www.use-application-dns.net",
		"icloud.com",
		"x.mask.icloud.com",
		"unmask.icloud.com",
		"net",
	];
	for (const name of ordinary) t.match(await ask(name, TYPE.NS), { via: "upstream" }, name);
});

test("a name of one label stays here, a top-level domain does not, and RFC 8020 is not abused", async (t) => {
	const { ask, upstream } = await start(t);
	for (const name of ["printer", "PRINTER", "com", "example"]) {
		const kept = [TYPE.A, TYPE.AAAA, TYPE.HTTPS, TYPE.SVCB, TYPE.MX, TYPE.TXT, TYPE.SRV, TYPE.PTR, TYPE.ANY];
		for (const type of kept) isNegative(t, await ask(name, type), 0, name, `${name} ${type}`);
		t.equal((await ask(name)).flags & AA, 0);
	}
	t.equal(upstream.arrivals.length, 0);
	const zone = [TYPE.NS, TYPE.SOA, TYPE.DS, TYPE.DNSKEY, 46, 47, 51, 59, 60, 62, 63];
	for (const type of zone) t.match(await ask("com", type), { via: "upstream" }, `com ${type}`);
	for (const type of [TYPE.A, ...zone]) t.match(await ask(".", type), { via: "upstream" }, `root ${type}`);
	t.match(await ask("a.com"), { via: "upstream" });
});

/** A name of each switch, its type, and the switch. */
const SWITCHES: readonly [key: string, names: readonly string[]][] = [
	["localhost", ["x.localhost", "1.0.0.127.in-addr.arpa", `1.${"0.".repeat(31)}ip6.arpa`]],
	[
		"reserved",
		["x.test", "x.invalid", "x.local", "x.onion", "x.alt", "x.service.arpa", "6tisch.arpa", "eap.arpa"],
	],
	["homeArpa", ["home.arpa", "x.home.arpa"]],
	["internal", ["x.internal"]],
	["privateReverse", ["1.1.168.192.in-addr.arpa", "1.1.64.100.in-addr.arpa", "8.e.f.ip6.arpa"]],
	["resolverArpa", ["_dns.resolver.arpa"]],
	["firefoxCanary", ["use-application-dns.net"]],
	["privateRelay", ["mask.icloud.com", "mask-h2.icloud.com"]],
	["singleLabel", ["printer"]],
];

test("each switch gives its own names back to the upstreams, at a reload, and takes them back", async (t) => {
	const { ask, resolver } = await start(t);
	for (const [key, names] of SWITCHES) {
		await resolver.reload({ config: { local: { [key]: false } } });
		for (const name of names)
			t.match(
				await ask(name, TYPE.A),
				{ via: /upstream|cache/, answer: [{ data: UPSTREAM }] },
				`${key}: ${name}`,
			);
		for (const [other, theirs] of SWITCHES) {
			if (other === key) continue;
			for (const name of theirs) t.equal((await ask(name)).via, "local", `${name} without ${key}`);
		}
	}
	await resolver.reload({ config: {} });
	for (const [, names] of SWITCHES)
		for (const name of names) t.equal((await ask(name)).via, "local", "above the cache");
});

test("special names stand above allow, block and walled garden", async (t) => {
	const upstream = await startServer(t, ({ query: asked }) => reply(asked, { answer: [a("192.0.2.99")] }));
	const garden = {
		action: "data",
		records: [{ type: TYPE.CNAME, ttl: 60, rdata: wire("x.internal") }],
	} as const;
	const lists = [
		{ kind: "allow", rules: [rule("allowed.home.arpa"), rule("onion")] },
		{ rules: [rule("blocked.home.arpa"), rule("localhost"), rule("bad.example", garden)] },
	] as const;
	const resolver = await startResolver(t, { upstreams: [upstream.port], lists });
	for (const name of ["allowed.home.arpa", "blocked.home.arpa", "x.onion"])
		t.match(await resolver.ask(query(name)), { rcode: RCODE.NXDOMAIN, via: "local" }, name);
	t.match(await resolver.ask(query("localhost")), { answer: [{ data: LOOPBACK_V4 }], via: "local" });
	const found = await resolver.ask(query("bad.example"));
	t.match(
		found,
		{ via: "blocked", rcode: RCODE.NXDOMAIN, answer: [{ type: TYPE.CNAME }] },
		"a garden that is no place",
	);
	t.equal(upstream.arrivals.length, 0);
});

test("who may not ask learns nothing of them either", async (t) => {
	const { resolver } = await start(t);
	const found = await resolver.ask(query("localhost"), { from: "198.51.100.1" });
	t.match(found, { rcode: RCODE.REFUSED, via: "refused" });
});
