import { test } from "tap";
import { RCODE } from "../../src/wire/codes.ts";
import { startServer } from "../upstream/server.ts";
import { a, query, reply, TYPE, wire } from "../wire/message.ts";
import { rule, startResolver, type TestList } from "./resolving.ts";

const UPSTREAM = Buffer.of(192, 0, 2, 99);

test("which names are blocked, and which are let through", async (t) => {
	const upstream = await startServer(t, ({ query: asked }) => reply(asked, { answer: [a("192.0.2.99")] }));
	const lists: TestList[] = [
		{
			rules: [
				rule("sub.example"),
				rule("exact.example", { scope: "exact" }),
				rule("below.example", { scope: "below" }),
				rule("good.sub.example", { action: "allow" }),
				rule("must.good.sub.example", { important: true }),
			],
		},
		{ kind: "allow", rules: [rule("allowed.sub.example")] },
	];
	const resolver = await startResolver(t, { lists, upstreams: [upstream.port] });
	const blocked = [
		"sub.example",
		"a.sub.example",
		"a.b.SUB.example",
		"exact.example",
		"a.below.example",
		"must.good.sub.example",
	];
	const passed = [
		"other.example",
		"nosub.example",
		"a.exact.example",
		"below.example",
		"good.sub.example",
		"a.good.sub.example",
		"allowed.sub.example",
		"sub.example.org",
	];
	for (const name of blocked) t.equal((await resolver.ask(query(name)))?.via, "blocked", name);
	for (const name of passed) {
		t.match(await resolver.ask(query(name)), { via: "upstream", answer: [{ data: UPSTREAM }] }, name);
	}
	t.equal(upstream.arrivals.length, passed.length, "nobody upstream hears of blocked names");
});

test("RPZ actions", async (t) => {
	const upstream = await startServer(t, ({ query: asked }) => reply(asked, { answer: [a("192.0.2.99")] }));
	const ranked = { ranked: true } as const;
	const rules = [
		rule("nx.example", { action: "nxdomain", ...ranked }),
		rule("nodata.example", { action: "nodata", ...ranked }),
		rule("drop.example", { action: "drop", ...ranked }),
		rule("tcp.example", { action: "tcp-only", ...ranked }),
		rule("pass.nx.example", { action: "allow", ...ranked }),
	];
	const resolver = await startResolver(t, { lists: [{ rules }], upstreams: [upstream.port] });
	t.match(await resolver.ask(query("nx.example")), {
		rcode: RCODE.NXDOMAIN,
		authority: [{ type: TYPE.SOA }],
	});
	t.match(await resolver.ask(query("nodata.example")), {
		rcode: 0,
		answer: [],
		authority: [{ type: TYPE.SOA }],
	});
	t.equal(await resolver.ask(query("drop.example")), undefined);
	t.match(await resolver.ask(query("pass.nx.example")), { via: "upstream", answer: [{ data: UPSTREAM }] });
	t.match(await resolver.ask(query("tcp.example", { edns: {} })), {
		via: "blocked",
		rcode: 0,
		truncated: true,
		answer: [],
		edns: { ede: 15 },
	});
	t.match(await resolver.ask(query("tcp.example"), { transport: "tcp" }), {
		via: "upstream",
		truncated: false,
		answer: [{ data: UPSTREAM }],
	});
	t.match(await resolver.ask(query("tcp.example"), { transport: "tcp" }), {
		via: "cache",
		answer: [{ data: UPSTREAM }],
	});
	t.match(
		await resolver.ask(query("tcp.example")),
		{ via: "blocked", truncated: true },
		"over UDP not from the cache either",
	);
});

test("RPZ local data", async (t) => {
	const records = [
		{ type: TYPE.A, ttl: 7, rdata: Buffer.of(192, 0, 2, 1) },
		{ type: TYPE.A, ttl: 3600, rdata: Buffer.of(192, 0, 2, 2) },
		{ type: TYPE.MX, ttl: 7, rdata: Buffer.concat([Buffer.of(0, 10), wire("mail.example")]) },
	];
	const rules = [rule("data.example", { action: "data", ranked: true, records })];
	const resolver = await startResolver(t, { lists: [{ rules }], config: { blocking: { ttl: "60s" } } });
	t.match(await resolver.ask(query("www.data.example", { edns: {} })), {
		via: "blocked",
		rcode: 0,
		answer: [
			{ name: "www.data.example", type: TYPE.A, ttl: 7, data: Buffer.of(192, 0, 2, 1) },
			{ type: TYPE.A, ttl: 60, data: Buffer.of(192, 0, 2, 2) },
		],
		edns: { ede: 15 },
	});
	t.match(await resolver.ask(query("data.example", { type: TYPE.MX })), {
		answer: [{ type: TYPE.MX }],
		authority: [],
	});
	t.equal((await resolver.ask(query("data.example", { type: TYPE.ANY })))?.answer.length, 3);
	for (const type of [TYPE.AAAA, TYPE.HTTPS, TYPE.CNAME]) {
		t.match(await resolver.ask(query("data.example", { type })), {
			rcode: 0,
			answer: [],
			authority: [{ type: TYPE.SOA }],
		});
	}
});

test("a list's own answer stands above its zone's actions", async (t) => {
	const rules = (["nxdomain", "nodata", "drop", "tcp-only", "data"] as const).map((action) =>
		rule(`${action}.example`, { action, ranked: true, records: [] }),
	);
	const resolver = await startResolver(t, { lists: [{ rules, answer: { ipv4: "192.0.2.5" } }] });
	for (const { name } of rules) {
		t.match(await resolver.ask(query(name)), { rcode: 0, answer: [{ data: Buffer.of(192, 0, 2, 5) }] }, name);
	}
});

test("a block bites at once although the name is cached, and its withdrawal too", async (t) => {
	const upstream = await startServer(t, ({ query: asked }) => reply(asked, { answer: [a("192.0.2.99")] }));
	const resolver = await startResolver(t, { lists: [{ rules: [] }], upstreams: [upstream.port] });
	const asked = query("www.example.org");
	t.equal((await resolver.ask(asked))?.via, "upstream");
	t.equal((await resolver.ask(asked))?.via, "cache");
	resolver.swap([{ rules: [rule("example.org")] }]);
	t.match(await resolver.ask(asked), { via: "blocked", answer: [{ data: Buffer.alloc(4) }] });
	resolver.swap([{ rules: [] }]);
	t.match(await resolver.ask(asked), { via: "cache", answer: [{ data: UPSTREAM }] });
	t.equal(upstream.arrivals.length, 1);
});

test("without a blocklist everything passes", async (t) => {
	const upstream = await startServer(t, ({ query: asked }) => reply(asked, { answer: [a("192.0.2.99")] }));
	const resolver = await startResolver(t, { upstreams: [upstream.port] });
	t.equal((await resolver.ask(query("bad.example")))?.via, "upstream");
});
