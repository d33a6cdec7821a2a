import { test } from "tap";
import { EDE } from "../../src/wire/codes.ts";
import { closedPort, startServer } from "../upstream/server.ts";
import { a, query, reply } from "../wire/message.ts";
import { startResolver } from "./resolving.ts";

const asked = query("www.example.org", { edns: {} });

test("nobody answers: SERVFAIL, with the reason for those who speak EDNS", async (t) => {
	const upstream = await startServer(t, () => undefined);
	const resolver = await startResolver(t, {
		upstreams: [upstream.port],
		config: { upstreams: { timeout: "50ms", attempts: 2 } },
	});
	const [withEdns, without] = await Promise.all([
		resolver.ask(asked),
		resolver.ask(query("www.example.org")),
	]);
	t.match(withEdns, { via: "error", rcode: 2, answer: [], edns: { ede: EDE.NO_REACHABLE_AUTHORITY } });
	t.match(without, { via: "error", rcode: 2, edns: undefined });
	t.equal(upstream.arrivals.length, 2, "two tries for both");
});

test("a failure is remembered for failureTtl, its reason too", async (t) => {
	const port = await closedPort();
	const resolver = await startResolver(t, {
		upstreams: [port],
		config: { upstreams: { attempts: 1 }, cache: { failureTtl: "10s" } },
	});
	t.match(await resolver.ask(asked), { via: "error", rcode: 2, edns: { ede: EDE.NETWORK_ERROR } });
	t.match(await resolver.ask(asked, { later: 9000 }), {
		via: "cache",
		rcode: 2,
		edns: { ede: EDE.NETWORK_ERROR },
	});
	const upstream = await startServer(t, ({ query: bytes }) => reply(bytes, { answer: [a("192.0.2.1")] }), {
		port,
	});
	t.equal(
		(await resolver.ask(query("other.example.org")))?.via,
		"upstream",
		"other questions are not concerned",
	);
	t.equal((await resolver.ask(asked, { later: 9000 }))?.via, "cache");
	t.equal(upstream.arrivals.length, 1);
	t.match(await resolver.ask(asked, { later: 10_100 }), { via: "upstream", rcode: 0 });
});

test("upstreams change while a question is in flight: it lands all the same", async (t) => {
	const first = await startServer(t, () => undefined);
	const second = await startServer(t, ({ query: bytes }) => reply(bytes, { answer: [a("192.0.2.2")] }));
	const resolver = await startResolver(t, { upstreams: [first.port] });
	const early = resolver.ask(asked);
	const arrival = await first.arrival(0);
	await resolver.reload({ upstreams: [second.port] });
	t.match(await resolver.ask(query("other.example")), {
		via: "upstream",
		answer: [{ data: Buffer.of(192, 0, 2, 2) }],
	});
	arrival.send(reply(arrival.query, { answer: [a("192.0.2.1")] }));
	t.match(await early, { via: "upstream", answer: [{ data: Buffer.of(192, 0, 2, 1) }] });
	t.equal(resolver.counters.readNumber("flightsOpen"), 0);
});

test("upstreams that are closed with a question in flight fail it", async (t) => {
	for (const engine of ["dgram", "batch"] as const) {
		for (const transport of ["udp", "tcp"]) {
			const upstream = await startServer(t, () => undefined);
			const resolver = await startResolver(t, {
				engine,
				upstreams: [`${transport}://127.0.0.1:${upstream.port}`],
				config: { upstreams: { timeout: "30s" } },
			});
			const flying = resolver.ask(asked);
			await upstream.arrival(0);
			resolver.resolver.close();
			t.match(await flying, { rcode: 2, edns: { ede: EDE.NETWORK_ERROR } }, `${engine}, ${transport}`);
			t.equal(resolver.counters.readNumber("flightsOpen"), 0);
			t.equal(upstream.arrivals.length, 1, "and ask nobody else");
		}
	}
});
