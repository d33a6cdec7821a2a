import { test } from "tap";
import { type Handler, startServer } from "../upstream/server.ts";
import { a, cname, query, reply, TYPE, wire } from "../wire/message.ts";
import { rule, startResolver } from "./resolving.ts";

/** www.shop.example → cdn.example → tracker.example. */
const chain: Handler = ({ query: asked }) =>
	reply(asked, {
		answer: [
			cname("cdn.example", 60),
			cname("A.Tracker.example", 60, wire("cdn.example")),
			a("192.0.2.1", 60, wire("a.tracker.example")),
		],
	});
const asked = query("www.shop.example", { edns: {} });
const blocking = [{ rules: [rule("tracker.example")] }];

test("an answer that leads to a blocked name is blocked, from upstream and from the cache", async (t) => {
	const upstream = await startServer(t, chain);
	const resolver = await startResolver(t, { lists: blocking, upstreams: [upstream.port] });
	for (const what of ["upstream", "cache"]) {
		const found = await resolver.ask(asked);
		t.match(found, { via: "blocked", rcode: 0, question: "www.shop.example", edns: { ede: 15 } }, what);
		t.strictSame(
			found?.answer.map(({ name, data }) => [name, data]),
			[["www.shop.example", Buffer.alloc(4)]],
		);
	}
	t.equal(upstream.arrivals.length, 1);
	t.equal(resolver.counters.readNumber("cacheHits"), 1);
});

test("a DNAME's target counts too", async (t) => {
	const upstream = await startServer(t, ({ query: bytes }) =>
		reply(bytes, {
			answer: [{ name: wire("shop.example"), type: TYPE.DNAME, data: wire("tracker.example") }],
		}),
	);
	const resolver = await startResolver(t, { lists: blocking, upstreams: [upstream.port] });
	t.equal((await resolver.ask(asked))?.via, "blocked");
});

test("a target blocked after it was cached, and let go again", async (t) => {
	const upstream = await startServer(t, chain);
	const resolver = await startResolver(t, { lists: [{ rules: [] }], upstreams: [upstream.port] });
	t.equal((await resolver.ask(asked))?.via, "upstream");
	t.match(await resolver.ask(asked), { via: "cache", answer: { length: 3 } });
	resolver.swap(blocking);
	t.equal((await resolver.ask(asked))?.via, "blocked");
	t.equal((await resolver.ask(asked))?.via, "blocked", "again");
	resolver.swap([{ rules: [] }]);
	t.match(await resolver.ask(asked), { via: "cache", answer: { length: 3 } });
	t.equal(upstream.arrivals.length, 1);
});

test("a large answer that a UDP client did not get is checked for the TCP client that does", async (t) => {
	const upstream = await startServer(t, ({ query: bytes }) =>
		reply(bytes, {
			answer: [
				cname("tracker.example"),
				...Array.from({ length: 200 }, (_, i) => a(`192.0.2.${i}`, 60, wire("tracker.example"))),
			],
		}),
	);
	const resolver = await startResolver(t, {
		lists: [{ rules: [] }],
		upstreams: [`tcp://127.0.0.1:${upstream.port}`],
	});
	t.match(await resolver.ask(asked, { transport: "tcp" }), { via: "upstream", answer: { length: 201 } });
	resolver.swap(blocking);
	await resolver.ask(asked);
	t.equal((await resolver.ask(asked, { transport: "tcp" }))?.via, "blocked");
});

test("an allowed question is not checked for targets, an allowed target is none", async (t) => {
	const upstream = await startServer(t, chain);
	const resolver = await startResolver(t, {
		lists: [{ rules: [rule("tracker.example")] }, { kind: "allow", rules: [rule("www.shop.example")] }],
		upstreams: [upstream.port],
	});
	t.match(await resolver.ask(asked), { via: "upstream", answer: { length: 3 } });
	t.match(await resolver.ask(asked), { via: "cache", answer: { length: 3 } });
	t.equal((await resolver.ask(query("other.shop.example")))?.via, "blocked", "but others are");
	resolver.swap([
		{ rules: [rule("tracker.example")] },
		{ kind: "allow", rules: [rule("a.tracker.example")] },
	]);
	t.match(await resolver.ask(asked), { via: "cache", answer: { length: 3 } });
});

test("RPZ actions hold for targets", async (t) => {
	const upstream = await startServer(t, chain);
	const rules = [rule("tracker.example", { action: "nxdomain", ranked: true })];
	const resolver = await startResolver(t, { lists: [{ rules }], upstreams: [upstream.port] });
	t.match(await resolver.ask(asked), { via: "blocked", rcode: 3, answer: [] });
	resolver.swap([{ rules: [rule("cdn.example", { action: "drop", ranked: true })] }]);
	t.equal(await resolver.ask(asked), undefined);
	resolver.swap([{ rules: [rule("cdn.example", { action: "tcp-only", ranked: true })] }]);
	t.match(await resolver.ask(asked), { via: "blocked", truncated: true, answer: [] });
	t.match(await resolver.ask(asked, { transport: "tcp" }), {
		via: "cache",
		truncated: false,
		answer: { length: 3 },
	});
});
