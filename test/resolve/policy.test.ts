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
				rule("sub.test"),
				rule("exact.test", { scope: "exact" }),
				rule("below.test", { scope: "below" }),
				rule("good.sub.test", { action: "allow" }),
				rule("must.good.sub.test", { important: true }),
			],
		},
		{ kind: "allow", rules: [rule("allowed.sub.test")] },
	];
	const resolver = await startResolver(t, { lists, upstreams: [upstream.port] });
	const blocked = [
		"sub.test",
		"a.sub.test",
		"a.b.SUB.test",
		"exact.test",
		"a.below.test",
		"must.good.sub.test",
	];
	const passed = [
		"test",
		"nosub.test",
		"a.exact.test",
		"below.test",
		"good.sub.test",
		"a.good.sub.test",
		"allowed.sub.test",
		"sub.test.example",
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
		rule("nx.test", { action: "nxdomain", ...ranked }),
		rule("nodata.test", { action: "nodata", ...ranked }),
		rule("drop.test", { action: "drop", ...ranked }),
		rule("tcp.test", { action: "tcp-only", ...ranked }),
		rule("pass.nx.test", { action: "allow", ...ranked }),
	];
	const resolver = await startResolver(t, { lists: [{ rules }], upstreams: [upstream.port] });
	t.match(await resolver.ask(query("nx.test")), { rcode: RCODE.NXDOMAIN, authority: [{ type: TYPE.SOA }] });
	t.match(await resolver.ask(query("nodata.test")), {
		rcode: 0,
		answer: [],
		authority: [{ type: TYPE.SOA }],
	});
	t.equal(await resolver.ask(query("drop.test")), undefined);
	t.match(await resolver.ask(query("pass.nx.test")), { via: "upstream", answer: [{ data: UPSTREAM }] });
	t.match(await resolver.ask(query("tcp.test", { edns: {} })), {
		via: "blocked",
		rcode: 0,
		truncated: true,
		answer: [],
		edns: { ede: 15 },
	});
	t.match(await resolver.ask(query("tcp.test"), { transport: "tcp" }), {
		via: "upstream",
		truncated: false,
		answer: [{ data: UPSTREAM }],
	});
	t.match(await resolver.ask(query("tcp.test"), { transport: "tcp" }), {
		via: "cache",
		answer: [{ data: UPSTREAM }],
	});
	t.match(
		await resolver.ask(query("tcp.test")),
		{ via: "blocked", truncated: true },
		"over UDP not from the cache either",
	);
});

test("RPZ local data", async (t) => {
	const records = [
		{ type: TYPE.A, ttl: 7, rdata: Buffer.of(192, 0, 2, 1) },
		{ type: TYPE.A, ttl: 3600, rdata: Buffer.of(192, 0, 2, 2) },
		{ type: TYPE.MX, ttl: 7, rdata: Buffer.concat([Buffer.of(0, 10), wire("mail.test")]) },
	];
	const rules = [rule("data.test", { action: "data", ranked: true, records })];
	const resolver = await startResolver(t, { lists: [{ rules }], config: { blocking: { ttl: "60s" } } });
	t.match(await resolver.ask(query("www.data.test", { edns: {} })), {
		via: "blocked",
		rcode: 0,
		answer: [
			{ name: "www.data.test", type: TYPE.A, ttl: 7, data: Buffer.of(192, 0, 2, 1) },
			{ type: TYPE.A, ttl: 60, data: Buffer.of(192, 0, 2, 2) },
		],
		edns: { ede: 15 },
	});
	t.match(await resolver.ask(query("data.test", { type: TYPE.MX })), {
		answer: [{ type: TYPE.MX }],
		authority: [],
	});
	t.equal((await resolver.ask(query("data.test", { type: TYPE.ANY })))?.answer.length, 3);
	for (const type of [TYPE.AAAA, TYPE.HTTPS, TYPE.CNAME]) {
		t.match(await resolver.ask(query("data.test", { type })), {
			rcode: 0,
			answer: [],
			authority: [{ type: TYPE.SOA }],
		});
	}
});

test("a list's own answer stands above its zone's actions", async (t) => {
	const rules = (["nxdomain", "nodata", "drop", "tcp-only", "data"] as const).map((action) =>
		rule(`${action}.test`, { action, ranked: true, records: [] }),
	);
	const resolver = await startResolver(t, { lists: [{ rules, answer: { ipv4: "192.0.2.5" } }] });
	for (const { name } of rules) {
		t.match(await resolver.ask(query(name)), { rcode: 0, answer: [{ data: Buffer.of(192, 0, 2, 5) }] }, name);
	}
});

test("a block bites at once although the name is cached, and its withdrawal too", async (t) => {
	const upstream = await startServer(t, ({ query: asked }) => reply(asked, { answer: [a("192.0.2.99")] }));
	const resolver = await startResolver(t, { lists: [{ rules: [] }], upstreams: [upstream.port] });
	const asked = query("www.example.test");
	t.equal((await resolver.ask(asked))?.via, "upstream");
	t.equal((await resolver.ask(asked))?.via, "cache");
	resolver.swap([{ rules: [rule("example.test")] }]);
	t.match(await resolver.ask(asked), { via: "blocked", answer: [{ data: Buffer.alloc(4) }] });
	resolver.swap([{ rules: [] }]);
	t.match(await resolver.ask(asked), { via: "cache", answer: [{ data: UPSTREAM }] });
	t.equal(upstream.arrivals.length, 1);
});

test("without a blocklist everything passes", async (t) => {
	const upstream = await startServer(t, ({ query: asked }) => reply(asked, { answer: [a("192.0.2.99")] }));
	const resolver = await startResolver(t, { upstreams: [upstream.port] });
	t.equal((await resolver.ask(query("bad.test")))?.via, "upstream");
});
