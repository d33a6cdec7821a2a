/** RFC 8767 in a resolver: who waits, what flies on, for whom an answer after its time is. */
import { type Test, test } from "tap";
import { startServer } from "../upstream/server.ts";
import { a, query, reply } from "../wire/message.ts";
import { startResolver } from "./resolving.ts";
import { echoed, scoped, startTelling, tailored } from "./subnet-telling.ts";

const SERVFAIL = 0x8182;
const HOUR_MS = 3_600_000;

/** All clocks of the resolver go ahead, its timers do not. */
function clock(t: Test): (ms: number) => void {
	const real = performance.now.bind(performance);
	let ahead = 0;
	performance.now = () => real() + ahead;
	t.teardown(() => {
		performance.now = real;
	});
	return (ms) => {
		ahead += ms;
	};
}

test("whoever waits too long gets what was known; the flight goes on, and its answer is kept", async (t) => {
	const upstream = await startServer(t, ({ query: asked }, number) =>
		number === 0 ? reply(asked, { answer: [a("192.0.2.1", 60)] }) : undefined,
	);
	const advance = clock(t);
	const resolver = await startResolver(t, {
		upstreams: [upstream.port],
		config: { upstreams: { timeout: "10s" }, cache: { stale: { clientTimeout: "20ms" } } },
	});
	await resolver.ask(query("www.example"));
	advance(HOUR_MS);
	const many = await Promise.all(Array.from({ length: 50 }, () => resolver.ask(query("www.example"))));
	for (const found of many) t.match(found, { via: "stale", answer: [{ ttl: 30 }] });
	t.equal(upstream.arrivals.length, 2, "all waited for one question");
	t.equal(resolver.counters.readNumber("askersWaiting"), 0, "and nobody waits any more");
	t.equal(resolver.counters.readNumber("flightsOpen"), 1, "while it is still under way");
	t.equal((await resolver.ask(query("www.example")))?.via, "stale", "meanwhile nobody waits at all");
	const arrival = await upstream.arrival(1);
	arrival.send(reply(arrival.query, { answer: [a("192.0.2.2", 60)] }));
	while (resolver.counters.readNumber("flightsOpen") > 0)
		await new Promise((resolve) => setImmediate(resolve));
	const fresh = await resolver.ask(query("www.example"));
	t.match(fresh, { via: "cache", answer: [{ data: Buffer.of(192, 0, 2, 2) }] });
	t.equal(upstream.arrivals.length, 2);
});

test("a failure that is remembered does not take the place of what was known", async (t) => {
	const upstream = await startServer(t, ({ query: asked }, number) =>
		reply(asked, number === 0 ? { answer: [a("192.0.2.1", 60)] } : { flags: SERVFAIL }),
	);
	const advance = clock(t);
	const resolver = await startResolver(t, { upstreams: [upstream.port] });
	await resolver.ask(query("www.example"));
	for (let hour = 1; hour < 5; hour++) {
		advance(HOUR_MS);
		t.equal((await resolver.ask(query("www.example")))?.via, "stale");
	}
	t.equal(upstream.arrivals.length, 5);
	t.equal((await resolver.ask(query("other.example")))?.rcode, 2, "of others nothing is known");
});

test("DO and CD stay apart", async (t) => {
	const upstream = await startServer(t, ({ query: asked }, number) =>
		reply(asked, number === 0 ? { answer: [a("192.0.2.1", 60)] } : { flags: SERVFAIL }),
	);
	const advance = clock(t);
	const resolver = await startResolver(t, { upstreams: [upstream.port] });
	await resolver.ask(query("www.example"));
	const signed = query("www.example", { edns: { dnssecOk: true } });
	advance(HOUR_MS);
	t.equal((await resolver.ask(signed))?.rcode, 2);
	t.equal((await resolver.ask(query("www.example")))?.via, "stale");
});

test("what was for a client's subnet is for it after its time, too, and for nobody else", async (t) => {
	const advance = clock(t);
	const { resolver } = await startTelling(t, (arrival, number) =>
		number === 0
			? scoped(arrival, "198.51.0.0/24/16", "192.0.2.1")
			: reply(arrival.query, { flags: SERVFAIL }),
	);
	const tell = (text: string) => resolver.ask(tailored("www.example", text));
	t.equal((await tell("198.51.0.0/24"))?.via, "upstream");
	advance(HOUR_MS);
	const again = await tell("198.51.0.0/24");
	t.equal(again?.via, "stale");
	t.equal((await tell("198.51.9.0/24"))?.via, "stale", "the neighbour in the same scope");
	t.equal((await tell("203.0.113.0/24"))?.rcode, 2, "not another network");
	t.match(echoed(again), /^198\.51\.0\.0\/24/);
});
