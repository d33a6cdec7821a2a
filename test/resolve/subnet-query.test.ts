import { test } from "tap";
import { startServer } from "../upstream/server.ts";
import { cname, opt, option, query, reply } from "../wire/message.ts";
import { rule, startResolver } from "./resolving.ts";
import { echoed, numbering, startTelling, subnet, tailored, told } from "./subnet-telling.ts";

const MALFORMED: readonly (readonly [string, Buffer])[] = [
	["nothing in it", Buffer.alloc(0)],
	["cut off", Buffer.of(0, 1, 0)],
	["an unknown family", Buffer.of(0, 3, 24, 0, 192, 0, 2)],
	["family 0 with bits", Buffer.of(0, 0, 8, 0, 192)],
	["an unknown family without an address", Buffer.of(0, 9, 0, 0)],
	["a prefix longer than the address", Buffer.of(0, 1, 33, 0, 192, 0, 2, 1, 0)],
	["the same for IPv6", Buffer.concat([Buffer.of(0, 2, 129, 0), Buffer.alloc(17)])],
	["a scope in a query", subnet("192.0.2.0/24/24")],
	["a bit beyond the prefix", Buffer.of(0, 1, 23, 0, 192, 0, 3)],
	["more address than prefix", Buffer.of(0, 1, 24, 0, 192, 0, 2, 0)],
	["less address than prefix", Buffer.of(0, 1, 24, 0, 192, 0)],
];

for (const mode of ["off", "forward", "synthesize"]) {
	test(`${mode}: a malformed subnet gets FORMERR (RFC 7871, sections 6 and 7.1.2)`, async (t) => {
		const { upstream, resolver } = await startTelling(t, numbering(0), { mode });
		for (const [what, data] of MALFORMED) {
			t.match(await resolver.ask(tailored("www.example", data)), { rcode: 1, edns: { size: 1232 } }, what);
		}
		t.equal(upstream.arrivals.length, 0);
		for (const data of [
			subnet("192.0.2.0/23"),
			subnet("0.0.0.0/0"),
			Buffer.of(0, 0, 0, 0),
			subnet("2001:db8::/33"),
		]) {
			t.match(await resolver.ask(tailored("www.example", data)), { rcode: 0 });
		}
	});
}

test("off, the default: nothing is sent on, nothing comes back (RFC 9076, section 5.1)", async (t) => {
	const { upstream, resolver, ask } = await startTelling(t, numbering(24), undefined, { config: {} });
	t.strictSame(await ask(tailored("www.example", "198.51.100.0/24")), ["upstream", 1, undefined]);
	t.strictSame(
		await ask(tailored("www.example", "203.0.113.0/24")),
		["cache", 1, undefined],
		"one answer for all",
	);
	t.strictSame(upstream.arrivals.map(told), [undefined]);
	t.equal(resolver.counters.readUpstream(0, "wrongSubnets"), 0);
});

test("forward: what the client tells, no more of it than configured (section 7.1.2)", async (t) => {
	const { upstream, ask } = await startTelling(t, numbering(0), {
		mode: "forward",
		ipv4Prefix: 20,
		ipv6Prefix: 48,
	});
	const table: readonly (readonly [string, string | undefined])[] = [
		["198.51.100.77/32", "198.51.96.0/20"],
		["198.51.96.0/20", "198.51.96.0/20"],
		["198.51.0.0/16", "198.51.0.0/16"],
		["2001:db8:1:2::/64", "2001:db8:1::/48"],
		["2001:db8::/32", "2001:db8::/32"],
		["0.0.0.0/0", "0.0.0.0/0"],
		["::/0", "0.0.0.0/0"],
	];
	for (const [i, [sent, arrives]] of table.entries()) {
		t.strictSame(
			await ask(tailored(`n${i}.example`, sent)),
			["upstream", i + 1, sent],
			`${sent} comes back as it was`,
		);
		const last = upstream.arrivals[i];
		t.equal(last === undefined ? "" : told(last), arrives);
	}
	await ask(query("plain.example", { edns: {} }), "203.0.113.9");
	t.strictSame(upstream.arrivals.slice(-1).map(told), [undefined], "who tells nothing is not told of");
});

test("addresses that mean nothing elsewhere stay here (section 11.2)", async (t) => {
	const { upstream, ask } = await startTelling(t, numbering(0), { mode: "forward" });
	const inner = [
		...["10.1.2.0/24", "172.16.5.0/24", "172.31.0.0/16", "192.168.1.0/24", "127.0.0.0/8", "169.254.0.0/16"],
		...["100.64.0.0/10", "100.127.3.0/24", "0.0.0.0/8", "224.0.0.0/8", "255.255.255.0/24"],
		...["fd00::/48", "fe80::/56", "::/56"],
	];
	for (const [i, sent] of inner.entries()) {
		t.equal((await ask(tailored(`n${i}.example`, sent)))[2], sent, "with scope 0");
	}
	t.strictSame(new Set(upstream.arrivals.map(told)), new Set([undefined]));
	const outer = [
		"172.32.0.0/16",
		"100.128.0.0/16",
		"192.169.0.0/16",
		"11.0.0.0/8",
		"169.253.0.0/16",
		"2001:db8::/56",
	];
	for (const [i, sent] of outer.entries()) await ask(tailored(`o${i}.example`, sent));
	t.strictSame(upstream.arrivals.slice(inner.length).map(told), outer);
});

test("synthesize: the client's own network where it tells none", async (t) => {
	const { upstream, ask } = await startTelling(t, numbering(24), { mode: "synthesize" });
	t.strictSame(await ask(query("a.example", { edns: {} }), "198.51.100.77"), ["upstream", 1, undefined]);
	t.strictSame(await ask(query("a.example"), "198.51.100.200"), ["cache", 1, undefined]);
	t.strictSame(await ask(query("a.example"), "203.0.113.1"), ["upstream", 2, undefined]);
	await ask(query("a.example"), "2001:db8:1:2ff:1::9");
	await ask(query("a.example"), "192.168.1.7");
	await ask(tailored("a.example", "192.0.2.0/24"), "198.51.100.77");
	await ask(tailored("b.example", "0.0.0.0/0"), "198.51.100.77");
	t.strictSame(upstream.arrivals.map(told), [
		"198.51.100.0/24",
		"203.0.113.0/24",
		"2001:db8:1:200::/56",
		undefined,
		"192.0.2.0/24",
		"0.0.0.0/0",
	]);
});

test("only for the zones that are named", async (t) => {
	const { upstream, ask } = await startTelling(t, numbering(24), {
		mode: "synthesize",
		zones: ["cdn.example", "*.video.example"],
	});
	for (const name of ["www.cdn.example", "cdn.example", "a.video.example", "video.example", "xcdn.example"])
		await ask(query(name), "198.51.100.77");
	t.strictSame(
		upstream.arrivals.map((arrival) => told(arrival) !== undefined),
		[true, true, true, false, false],
	);
});

test("servers of a zone of their own learn nothing, unless the zone is named", async (t) => {
	for (const [zones, expected] of [
		[[], undefined],
		[["corp.example"], "198.51.100.0/24"],
	] as const) {
		const inside = await startServer(t, (arrival) => {
			const answer = [cname("www.elsewhere.example")];
			const own = told(arrival);
			if (own === undefined) return reply(arrival.query, { answer });
			return reply(arrival.query, { answer, additional: [opt({ options: option(8, subnet(`${own}/24`)) })] });
		});
		const { upstream, ask } = await startTelling(t, numbering(24), undefined, {
			config: {
				upstreams: {
					clientSubnet: { mode: "forward", zones },
					zones: [{ names: ["corp.example"], servers: [`udp://127.0.0.1:${inside.port}`] }],
				},
			},
		});
		const scope = expected === undefined ? "" : "/24";
		const outcome = await ask(tailored("www.corp.example", "198.51.100.0/24"));
		t.equal(outcome[2], `198.51.100.0/24${scope}`, "what is put together is as narrow as its narrowest part");
		t.strictSame(inside.arrivals.map(told), [expected]);
		t.strictSame(upstream.arrivals.map(told), [undefined], "where its alias leads");
		t.equal(
			(await ask(tailored("www.corp.example", "203.0.113.0/24")))[0],
			scope === "" ? "cache" : "upstream",
		);
	}
});

test("answers of our own are good for everybody", async (t) => {
	const { resolver } = await startTelling(
		t,
		numbering(24),
		{ mode: "forward" },
		{
			lists: [{ rules: [rule("blocked.example")] }],
			config: { upstreams: { clientSubnet: { mode: "forward" } } },
		},
	);
	const blocked = await resolver.ask(tailored("www.blocked.example", "198.51.100.0/24"));
	t.match(blocked, { via: "blocked", edns: { ede: 15 } });
	t.equal(echoed(blocked), "198.51.100.0/24");
});

test("switched on and off by a reload", async (t) => {
	const { upstream, resolver, ask } = await startTelling(t, numbering(24), { mode: "off" });
	const tell = (name: string) => ask(tailored(name, "198.51.100.0/24"));
	await tell("a.example");
	await resolver.reload({ config: { upstreams: { clientSubnet: { mode: "forward" } } } });
	t.strictSame(
		await tell("a.example"),
		["upstream", 2, "198.51.100.0/24/24"],
		"what was answered to nobody in particular is not for this one",
	);
	t.strictSame(await tell("a.example"), ["cache", 2, "198.51.100.0/24/24"]);
	await resolver.reload({ config: { upstreams: { clientSubnet: { mode: "off" } } } });
	t.strictSame(await tell("a.example"), ["cache", 1, undefined]);
	await tell("b.example");
	t.strictSame(upstream.arrivals.map(told), [undefined, "198.51.100.0/24", undefined]);
});

test("a subnet that was sent twice, and one in a query of many options", async (t) => {
	const resolver = await startResolver(t, { lists: [{ rules: [rule("example")] }] });
	const two = Buffer.concat([Buffer.of(0, 7, 192, 0, 2), subnet("192.0.2.0/24")]);
	t.match(await resolver.ask(query("a.example", { edns: { options: two } })), { rcode: 1 });
});
