import { type Test, test } from "tap";
import { EDE, RCODE } from "../../src/wire/codes.ts";
import { type Arrival, startServer, type UpstreamServer } from "../upstream/server.ts";
import { decode } from "../wire/decoded.ts";
import { AD, a, cname, QR, query, RA, RD, type Record, reply, soa, TYPE, wire } from "../wire/message.ts";
import { type Options, rule, startResolver, type TestResolver } from "./resolving.ts";

const DS = 43;

/** Answers by name; whatever it does not know does not exist. */
function zone(answers: { readonly [name: string]: readonly Record[] }, flags = QR | RA | RD) {
	return ({ query: asked, name }: Arrival) =>
		reply(
			asked,
			answers[name] === undefined
				? { flags: flags | RCODE.NXDOMAIN, authority: [soa(60, 60)] }
				: { flags, answer: answers[name] },
		);
}

interface Servers {
	readonly main: UpstreamServer;
	readonly own: UpstreamServer;
}

function zonesOf(...entries: readonly (readonly [names: readonly string[], port: number, more?: object])[]) {
	return entries.map(([names, port, more]) => ({ names, servers: [`udp://127.0.0.1:${port}`], ...more }));
}

async function start(
	t: Test,
	names: readonly string[],
	{ main, own }: Servers,
	options: Options = {},
): Promise<TestResolver> {
	const config = { ...options.config, upstreams: { zones: zonesOf([names, own.port]) } };
	return await startResolver(t, { ...options, upstreams: [main.port], config });
}

async function servers(
	t: Test,
	mainAnswers: Parameters<typeof zone>[0],
	ownAnswers: Parameters<typeof zone>[0],
	flags?: number,
): Promise<Servers> {
	const [main, own] = [zone(mainAnswers, flags), zone(ownAnswers, flags)];
	return { main: await startServer(t, main), own: await startServer(t, own) };
}

function namesAt(server: UpstreamServer): string[] {
	return server.arrivals.map(({ name }) => name);
}

test("a zone's names go to its server, whatever the switches say; all others do not", async (t) => {
	const both = await servers(t, { "www.example": [a("192.0.2.1")] }, { "nas.home.arpa": [a("192.0.2.2")] });
	const resolver = await start(t, ["home.arpa", "168.192.in-addr.arpa", "LAN.", "bücher.example"], both);
	t.match(await resolver.ask(query("nas.home.arpa")), {
		via: "upstream",
		answer: [{ data: Buffer.of(192, 0, 2, 2) }],
	});
	t.match(await resolver.ask(query("NAS.Home.ARPA")), { via: "cache", question: "NAS.Home.ARPA" });
	t.match(await resolver.ask(query("www.example")), { answer: [{ data: Buffer.of(192, 0, 2, 1) }] });
	const own = ["home.arpa", "1.1.168.192.in-addr.arpa", "lan", "printer.lan", "x.xn--bcher-kva.example"];
	for (const name of own)
		t.match(await resolver.ask(query(name)), { rcode: RCODE.NXDOMAIN, via: "upstream" }, name);
	t.strictSame(namesAt(both.own), ["nas.home.arpa", ...own]);
	for (const name of ["xhome.arpa", "arpa.home.example", "plan.example"]) await resolver.ask(query(name));
	t.strictSame(namesAt(both.main), ["www.example", "xhome.arpa", "arpa.home.example", "plan.example"]);
	t.match(await resolver.ask(query("1.1.10.in-addr.arpa")), { via: "local" }, "other zones stay special");
	t.match(await resolver.ask(query("printer")), { via: "local" });
});

test("the longest name wins, and a zone may lie within a special one", async (t) => {
	const [main, wide, narrow] = [zone({}), zone({}), zone({})].map((answers) => startServer(t, answers));
	const [others, outer, inner] = [await main, await wide, await narrow];
	if (others === undefined || outer === undefined || inner === undefined) throw new Error("no servers");
	const zones = zonesOf([["example"], outer.port], [["a.example", "corp.internal"], inner.port]);
	const resolver = await startResolver(t, { upstreams: [others.port], config: { upstreams: { zones } } });
	for (const name of [
		"example",
		"b.example",
		"aa.example",
		"a.example",
		"x.a.example",
		"x.corp.internal",
		"other.org",
	])
		await resolver.ask(query(name));
	t.strictSame(namesAt(outer), ["example", "b.example", "aa.example"]);
	t.strictSame(namesAt(inner), ["a.example", "x.a.example", "x.corp.internal"]);
	t.strictSame(namesAt(others), ["other.org"]);
	t.match(await resolver.ask(query("other.internal")), { via: "local" }, "the rest of internal stays here");
});

test("RFC 4035, section 3.1.4.1: the DS of a zone is asked for where its parent is", async (t) => {
	const both = await servers(t, {}, {});
	const resolver = await start(t, ["corp.example", "corp.internal"], both);
	await resolver.ask(query("corp.example", { type: DS }));
	await resolver.ask(query("sub.corp.example", { type: DS }));
	t.strictSame(namesAt(both.main), ["corp.example"]);
	t.strictSame(namesAt(both.own), ["sub.corp.example"]);
	const kept = await resolver.ask(query("corp.internal", { type: DS }));
	t.match(
		kept,
		{ rcode: 0, via: "local", authority: [{ name: "internal", type: TYPE.SOA }] },
		"a parent that is kept here",
	);
	t.equal(both.main.arrivals.length, 1);
});

test("a zone's server that is silent is nobody else's question", async (t) => {
	const main = await startServer(t, zone({ "nas.home.arpa": [a("192.0.2.66")] }));
	const own = await startServer(t, () => undefined);
	const zones = zonesOf([["home.arpa"], own.port, { timeout: "50ms", attempts: 2 }]);
	const resolver = await startResolver(t, { upstreams: [main.port], config: { upstreams: { zones } } });
	const found = await resolver.ask(query("nas.home.arpa", { edns: {} }));
	t.match(found, { rcode: RCODE.SERVFAIL, edns: { ede: EDE.NO_REACHABLE_AUTHORITY } });
	t.equal(own.arrivals.length, 2, "its own number of attempts");
	t.equal(main.arrivals.length, 0);
});

test("zones change at a reload, and what other servers said of names is forgotten", async (t) => {
	const both = await servers(t, { "b.example": [a("192.0.2.1")] }, { "a.example": [a("192.0.2.2")] });
	const resolver = await startResolver(t, { upstreams: [both.main.port] });
	t.match(await resolver.ask(query("a.example")), { rcode: RCODE.NXDOMAIN });
	await resolver.reload({ config: { upstreams: { zones: zonesOf([["a.example"], both.own.port]) } } });
	t.match(await resolver.ask(query("a.example")), {
		via: "upstream",
		answer: [{ data: Buffer.of(192, 0, 2, 2) }],
	});
	await resolver.reload({ config: { upstreams: { zones: zonesOf([["b.example"], both.own.port]) } } });
	t.match(await resolver.ask(query("a.example")), { via: "upstream", rcode: RCODE.NXDOMAIN });
	await resolver.ask(query("www.b.example"));
	await resolver.reload({
		config: { cache: { maxTtl: "1h" }, upstreams: { zones: zonesOf([["b.example"], both.own.port]) } },
	});
	t.match(await resolver.ask(query("a.example")), { via: "cache" }, "not when the zones stay");
	t.strictSame(namesAt(both.main), ["a.example", "a.example"]);
	t.strictSame(namesAt(both.own), ["a.example", "www.b.example"]);
});

test("aliases in a circle within a zone, and answers of every odd form, do no harm", async (t) => {
	const own = await startServer(t, ({ query: asked, name }) => {
		const alias = (from: string, to: string) => cname(to, 60, wire(from));
		if (name === "circle.lan") return reply(asked, { answer: [alias(name, "b.lan"), alias("b.lan", name)] });
		if (name === "chain.lan")
			return reply(asked, {
				answer: Array.from({ length: 200 }, (_, i) => alias(i === 0 ? name : `n${i}.lan`, `n${i + 1}.lan`)),
			});
		// Out of order, and with records of others in between.
		if (name === "odd.lan")
			return reply(asked, {
				answer: [
					a("203.0.113.1", 60, wire("else.example")),
					alias("mid.lan", "out.example"),
					alias(name, "Mid.LAN"),
				],
			});
		return reply(asked, { answer: [alias("not-asked.lan", "out.example")] });
	});
	const main = await startServer(t, zone({ "out.example": [a("192.0.2.1")] }));
	const resolver = await start(t, ["lan"], { main, own });
	for (const name of ["circle.lan", "chain.lan", "none.lan"]) t.ok(await resolver.ask(query(name)), name);
	t.equal(main.arrivals.length, 0);
	const odd = await resolver.ask(query("odd.lan"));
	t.ok(odd?.answer.some(({ name, data }) => name === "out.example" && data.equals(Buffer.of(192, 0, 2, 1))));
	t.notOk(odd?.answer.some(({ name }) => name === "else.example"));
	t.strictSame(namesAt(main), ["out.example"]);
	t.equal(resolver.counters.readNumber("flightsOpen"), 0);
});

test("each server has numbers of its own", async (t) => {
	const both = await servers(t, {}, {});
	const resolver = await start(t, ["home.arpa"], both);
	await resolver.ask(query("a.home.arpa"));
	await resolver.ask(query("b.home.arpa"));
	await resolver.ask(query("a.example"));
	t.equal(resolver.counters.readUpstream(0, "queries"), 1);
	t.equal(resolver.counters.readUpstream(1, "queries"), 2);
});

test("MaginotDNS: what a zone's server says of other names is neither kept nor told", async (t) => {
	const lie = a("203.0.113.66", 300, wire("www.bank.example"));
	const both = await servers(
		t,
		{ "www.bank.example": [a("192.0.2.1")] },
		{ "x.home.arpa": [cname("www.bank.example"), lie], "y.home.arpa": [a("192.0.2.2"), lie] },
	);
	const resolver = await start(t, ["home.arpa"], both);
	t.match(await resolver.ask(query("x.home.arpa")), {
		rcode: 0,
		via: "upstream",
		answer: [
			{ name: "x.home.arpa", type: TYPE.CNAME, data: wire("www.bank.example") },
			{ name: "www.bank.example", type: TYPE.A, data: Buffer.of(192, 0, 2, 1) },
		],
	});
	t.match(await resolver.ask(query("x.home.arpa")), {
		via: "cache",
		answer: [{}, { data: Buffer.of(192, 0, 2, 1) }],
	});
	t.match(await resolver.ask(query("y.home.arpa")), { answer: [{ data: Buffer.of(192, 0, 2, 2) }] });
	t.match(await resolver.ask(query("www.bank.example")), { answer: [{ data: Buffer.of(192, 0, 2, 1) }] });
	t.strictSame(namesAt(both.main), ["www.bank.example", "www.bank.example"], "asked for where it belongs");
});

test("an alias out of the zone that its server does not resolve is resolved, NODATA and NXDOMAIN with their SOA", async (t) => {
	const mainServer = await startServer(t, ({ query: asked, name }) => {
		if (name === "a.example")
			return reply(asked, { answer: [cname("b.example", 20), a("192.0.2.1", 10, wire("b.example"))] });
		if (name === "none.example") return reply(asked, { authority: [soa(60, 30, wire("example"))] });
		return reply(asked, { flags: QR | RA | RD | RCODE.NXDOMAIN, authority: [soa(60, 30, wire("example"))] });
	});
	const own = await startServer(
		t,
		zone({
			"long.home.arpa": [cname("mid.home.arpa", 90), cname("a.example", 50, wire("mid.home.arpa"))],
			"none.home.arpa": [cname("none.example")],
			"gone.home.arpa": [cname("gone.example")],
		}),
	);
	const resolver = await start(t, ["home.arpa"], { main: mainServer, own });
	t.match(await resolver.ask(query("long.home.arpa")), {
		answer: [
			{ name: "long.home.arpa", data: wire("mid.home.arpa") },
			{ name: "mid.home.arpa", data: wire("a.example") },
			{ name: "a.example", data: wire("b.example") },
			{ name: "b.example", data: Buffer.of(192, 0, 2, 1) },
		],
	});
	const none = await resolver.ask(query("none.home.arpa"));
	t.match(none, {
		rcode: 0,
		answer: [{ type: TYPE.CNAME }],
		authority: [{ name: "example", type: TYPE.SOA }],
	});
	t.equal(none?.answer.length, 1);
	t.match(await resolver.ask(query("gone.home.arpa")), {
		rcode: RCODE.NXDOMAIN,
		answer: [{ type: TYPE.CNAME }],
		authority: [{ name: "example", type: TYPE.SOA }],
	});
	t.match(await resolver.ask(query("gone.home.arpa")), { via: "cache", rcode: RCODE.NXDOMAIN });
});

test("DO and CD go along to the target, AD comes back only when both said it", async (t) => {
	const [plain, signed] = [QR | RA | RD, QR | RA | RD | AD];
	const [answers, target] = [{ "x.home.arpa": [cname("a.example")] }, { "a.example": [a("192.0.2.1")] }];
	for (const [ownFlags, mainFlags, both] of [
		[signed, signed, true],
		[plain, signed, false],
		[signed, plain, false],
	] as const) {
		const main = await startServer(t, zone(target, mainFlags));
		const own = await startServer(t, zone(answers, ownFlags));
		const resolver = await start(t, ["home.arpa"], { main, own });
		const found = await resolver.ask(query("x.home.arpa", { flags: RD | 0x10, edns: { dnssecOk: true } }));
		t.equal(((found?.flags ?? 0) & AD) !== 0, both);
		const asked = decode((await main.arrival(0)).query);
		t.equal(asked.edns?.dnssecOk, true);
		t.equal(asked.flags & 0x10, 0x10);
	}
});

test("an alias from zone to zone is followed, in a circle it is not", async (t) => {
	const main = await startServer(t, zone({ "end.example": [a("192.0.2.1")] }));
	const one = await startServer(
		t,
		zone({ "a.one.example": [cname("a.two.example")], "c.one.example": [cname("c.two.example")] }),
	);
	const two = await startServer(
		t,
		zone({ "a.two.example": [cname("end.example")], "c.two.example": [cname("c.one.example")] }),
	);
	const zones = zonesOf([["one.example"], one.port], [["two.example"], two.port]);
	const resolver = await startResolver(t, { upstreams: [main.port], config: { upstreams: { zones } } });
	t.match(await resolver.ask(query("a.one.example")), {
		answer: [
			{ name: "a.one.example", data: wire("a.two.example") },
			{ name: "a.two.example", data: wire("end.example") },
			{ name: "end.example", data: Buffer.of(192, 0, 2, 1) },
		],
	});
	t.match(await resolver.ask(query("c.one.example")), { rcode: RCODE.SERVFAIL });
	t.ok(one.arrivals.length + two.arrivals.length < 16, "and it ends soon");
	t.equal(resolver.counters.readNumber("flightsOpen"), 0);
});

test("an alias to a name that stays here is told, but not asked for", async (t) => {
	const both = await servers(
		t,
		{},
		{ "x.home.arpa": [cname("secret.internal")], "y.home.arpa": [cname("printer")] },
	);
	const resolver = await start(t, ["home.arpa"], both);
	for (const name of ["x.home.arpa", "y.home.arpa"]) {
		const found = await resolver.ask(query(name));
		t.match(found, { rcode: 0, answer: [{ type: TYPE.CNAME }] });
		t.equal(found?.answer.length, 1);
	}
	t.equal(both.main.arrivals.length, 0);
});

test("the target's failure is the answer's", async (t) => {
	const main = await startServer(t, () => undefined);
	const own = await startServer(t, zone({ "x.home.arpa": [cname("a.example")] }));
	const zones = zonesOf([["home.arpa"], own.port]);
	const config = { upstreams: { zones, timeout: "50ms", attempts: 1 } };
	const resolver = await startResolver(t, { upstreams: [main.port], config });
	t.match(await resolver.ask(query("x.home.arpa")), { rcode: RCODE.SERVFAIL });
});

test("names that a zone leads to are checked against the blocklist", async (t) => {
	const both = await servers(
		t,
		{ "a.example": [cname("bad.example"), a("203.0.113.1", 60, wire("bad.example"))] },
		{ "x.home.arpa": [cname("a.example")], "bad.home.arpa": [a("192.0.2.2")] },
	);
	const lists = [{ rules: [rule("bad.example"), rule("bad.home.arpa")] }];
	const resolver = await start(t, ["home.arpa"], both, { lists });
	t.match(await resolver.ask(query("x.home.arpa")), { via: "blocked" });
	t.match(await resolver.ask(query("bad.home.arpa")), { via: "blocked" }, "and so are names of the zone");
	t.equal(both.own.arrivals.length, 1);
});
