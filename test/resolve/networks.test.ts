import { test } from "tap";
import { CATEGORIES } from "../../src/config/vocabulary.ts";
import { type Handler, startServer } from "../upstream/server.ts";
import { a, aaaa, cname, query, type Record, reply, TYPE, wire } from "../wire/message.ts";
import { reasons } from "./reasons.ts";
import { networkRule, rule, startResolver } from "./resolving.ts";

const MALWARE = CATEGORIES.indexOf("malware");
const asked = query("www.shop.example", { edns: {} });
const asked6 = query("www.shop.example", { type: TYPE.AAAA, edns: {} });
const answering =
	(...answer: Record[]): Handler =>
	({ query: bytes }) =>
		reply(bytes, { answer });

test("an answer with a listed address is blocked as a whole, from upstream and from the cache", async (t) => {
	const upstream = await startServer(t, answering(a("198.51.100.1"), a("192.0.2.7")));
	const resolver = await startResolver(t, {
		lists: [{ networks: [networkRule("192.0.2.0/24")] }],
		upstreams: [upstream.port],
	});
	for (const from of ["upstream", "cache"]) {
		const found = await resolver.ask(asked);
		t.match(
			found,
			{ via: "blocked", rcode: 0, edns: { ede: 15, text: "blocked by list one, by address" } },
			from,
		);
		t.strictSame(
			found?.answer.map(({ data }) => data),
			[Buffer.alloc(4)],
		);
	}
	t.equal(upstream.arrivals.length, 1);
	t.strictSame(reasons(resolver), { address: 2 });
	t.equal(resolver.counters.readBlocked(MALWARE, 0), 2);
});

test("addresses behind an alias count, of IPv6 too, and IPv4 wrapped in IPv6", async (t) => {
	const lists = [{ networks: [networkRule("192.0.2.7"), networkRule("2001:db8:bad::/48")] }];
	for (const [what, address, via] of [
		["listed", [0x2001, 0xdb8, 0xbad, 0, 0, 0, 0, 1], "blocked"],
		["not listed", [0x2001, 0xdb8, 0xbae, 0, 0, 0, 0, 1], "upstream"],
		["mapped (RFC 4291, section 2.5.5.2)", [0, 0, 0, 0, 0, 0xffff, 0xc000, 0x207], "blocked"],
		["NAT64 (RFC 6052, section 2.1)", [0x64, 0xff9b, 0, 0, 0, 0, 0xc000, 0x207], "blocked"],
		["the same bits elsewhere", [0x2001, 0xdb8, 0, 0, 0, 0, 0xc000, 0x207], "upstream"],
	] as const) {
		const upstream = await startServer(
			t,
			answering(cname("cdn.example"), aaaa(address, 300, wire("cdn.example"))),
		);
		const resolver = await startResolver(t, { lists, upstreams: [upstream.port] });
		t.equal((await resolver.ask(asked6))?.via, via, what);
	}
});

test("a network listed after an answer was cached, and taken off the list again", async (t) => {
	const upstream = await startServer(t, answering(a("192.0.2.7")));
	const resolver = await startResolver(t, { lists: [{ rules: [] }], upstreams: [upstream.port] });
	t.equal((await resolver.ask(asked))?.via, "upstream");
	t.equal((await resolver.ask(asked))?.via, "cache");
	resolver.swap([{ networks: [networkRule("192.0.2.7")] }]);
	t.equal((await resolver.ask(asked))?.via, "blocked");
	t.equal((await resolver.ask(asked))?.via, "blocked", "again");
	resolver.swap([{ networks: [networkRule("192.0.2.8")] }]);
	t.equal((await resolver.ask(asked))?.via, "cache");
	t.equal(upstream.arrivals.length, 1);
});

test("a large answer that a UDP client did not get is checked for the TCP client that does", async (t) => {
	const many = Array.from({ length: 200 }, (_, i) => a(`198.51.100.${i}`));
	const upstream = await startServer(t, answering(...many, a("192.0.2.7")));
	const resolver = await startResolver(t, {
		lists: [{ rules: [] }],
		upstreams: [`tcp://127.0.0.1:${upstream.port}`],
	});
	t.equal((await resolver.ask(asked, { transport: "tcp" }))?.via, "upstream");
	resolver.swap([{ networks: [networkRule("192.0.2.7")] }]);
	await resolver.ask(asked);
	t.equal((await resolver.ask(asked, { transport: "tcp" }))?.via, "blocked");
});

test("the order of addresses does not matter: the longest prefix answers (RPZ draft, section 5.4)", async (t) => {
	const lists = [
		{ networks: [networkRule("198.51.100.0/24", { action: "nodata", ranked: true })] },
		{ networks: [networkRule("192.0.2.7", { action: "nxdomain", ranked: true })] },
	];
	for (const order of [
		["192.0.2.7", "198.51.100.1"],
		["198.51.100.1", "192.0.2.7"],
	]) {
		const upstream = await startServer(t, answering(...order.map((address) => a(address))));
		const resolver = await startResolver(t, { lists, upstreams: [upstream.port] });
		t.match(await resolver.ask(asked), { via: "blocked", rcode: 3 }, order.join());
	}
});

test("RPZ actions hold for addresses (RPZ draft, section 3)", async (t) => {
	const upstream = await startServer(t, ({ query: bytes, name }) =>
		reply(bytes, { answer: [a(name === "garden.example" ? "203.0.113.80" : "192.0.2.7")] }),
	);
	const resolver = await startResolver(t, { lists: [{ rules: [] }], upstreams: [upstream.port] });
	const acting = (action: "nxdomain" | "nodata" | "drop" | "tcp-only" | "allow") =>
		resolver.swap([{ networks: [networkRule("192.0.2.0/24", { action, ranked: true })] }]);
	acting("nxdomain");
	t.match(await resolver.ask(asked), { via: "blocked", rcode: 3, answer: [] });
	acting("nodata");
	t.match(await resolver.ask(asked), { via: "blocked", rcode: 0, answer: [] });
	acting("drop");
	t.equal(await resolver.ask(asked), undefined);
	acting("tcp-only");
	t.match(await resolver.ask(asked), { via: "blocked", truncated: true, answer: [] });
	t.match(await resolver.ask(asked, { transport: "tcp" }), { via: "cache", answer: { length: 1 } });
	acting("allow");
	t.match(await resolver.ask(asked), { via: "cache", answer: { length: 1 } });
	const data = { type: TYPE.A, ttl: 5, rdata: Buffer.of(203, 0, 113, 9) };
	resolver.swap([
		{ networks: [networkRule("192.0.2.0/24", { action: "data", ranked: true, records: [data] })] },
	]);
	t.match(await resolver.ask(asked), { via: "blocked", answer: [{ data: data.rdata }] });
	const alias = { type: TYPE.CNAME, ttl: 5, rdata: wire("garden.example") };
	resolver.swap([
		{ networks: [networkRule("192.0.2.0/24", { action: "data", ranked: true, records: [alias] })] },
	]);
	t.match(await resolver.ask(asked), {
		via: "blocked",
		answer: [{ type: TYPE.CNAME }, { data: Buffer.of(203, 0, 113, 80) }],
	});
	t.match(reasons(resolver), { address: 6 });
});

test("an allowed address lets no other pass; an allowed question and an allowed alias let all", async (t) => {
	const upstream = await startServer(
		t,
		answering(
			cname("cdn.example"),
			...["192.0.2.7", "192.0.2.8"].map((ip) => a(ip, 300, wire("cdn.example"))),
		),
	);
	const blocked = { networks: [networkRule("192.0.2.0/24")] };
	const allowing = (rest: object) => [blocked, { kind: "allow" as const, ...rest }];
	const resolver = await startResolver(t, {
		lists: allowing({ networks: [networkRule("192.0.2.7")] }),
		upstreams: [upstream.port],
	});
	t.equal((await resolver.ask(asked))?.via, "blocked");
	for (const [what, rest] of [
		["all addresses", { networks: [networkRule("192.0.2.0/28")] }],
		["the question", { rules: [rule("www.shop.example")] }],
		["the alias", { rules: [rule("cdn.example")] }],
	] as const) {
		resolver.swap(allowing(rest));
		t.match(await resolver.ask(asked), { via: "cache", answer: { length: 3 } }, what);
	}
});

test("addresses of other types and sections are not looked at", async (t) => {
	const upstream = await startServer(t, ({ query: bytes }) =>
		reply(bytes, {
			answer: [{ type: TYPE.TXT, data: Buffer.from("\x04\xc0\x00\x02\x07", "latin1") }],
			additional: [a("192.0.2.7")],
		}),
	);
	const resolver = await startResolver(t, {
		lists: [{ networks: [networkRule("192.0.2.0/24")] }],
		upstreams: [upstream.port],
	});
	t.equal((await resolver.ask(query("www.shop.example", { type: TYPE.TXT })))?.via, "upstream");
});

test("an alias that is only counted is counted for each question, from upstream and from the cache", async (t) => {
	const upstream = await startServer(
		t,
		answering(cname("tracker.example"), a("192.0.2.7", 300, wire("tracker.example"))),
	);
	const resolver = await startResolver(t, {
		lists: [{ rules: [rule("tracker.example", { action: "log-only" })] }],
		upstreams: [upstream.port],
	});
	const together = await Promise.all([resolver.ask(asked), resolver.ask(asked)]);
	t.strictSame(
		together.map((found) => found?.via),
		["upstream", "upstream"],
	);
	t.equal(resolver.counters.readLogged(MALWARE), 2);
	t.equal((await resolver.ask(asked))?.via, "cache");
	t.equal((await resolver.ask(asked))?.via, "cache");
	t.equal(resolver.counters.readLogged(MALWARE), 4);
	t.strictSame(reasons(resolver), {});
	await resolver.ask(query("tracker.example"));
	t.equal(resolver.counters.readLogged(MALWARE), 5);
	const both = ["www.shop.example", "tracker.example"].map((name) => rule(name, { action: "log-only" }));
	resolver.swap([{ rules: both }]);
	await resolver.ask(asked);
	t.equal(resolver.counters.readLogged(MALWARE), 6, "once, though its alias is counted too");
	resolver.swap([
		{ rules: [rule("tracker.example", { action: "log-only" })], networks: [networkRule("192.0.2.7")] },
	]);
	t.equal((await resolver.ask(asked))?.via, "blocked");
	t.equal(
		resolver.counters.readLogged(MALWARE),
		6,
		"what is blocked is not counted as something that was not",
	);
});
