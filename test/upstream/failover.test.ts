import { test } from "tap";
import { EDE } from "../../src/wire/codes.ts";
import { startResolver } from "../resolve/resolving.ts";
import { a, opt, QR, query, RA, reply, soa } from "../wire/message.ts";
import { closedPort, type Handler, startServer } from "./server.ts";

const good: Handler = ({ query: asked }) => reply(asked, { answer: [a("192.0.2.1")] });
const silent: Handler = () => undefined;
const asked = query("www.example.org", { edns: {} });
const ANSWER = { via: "upstream", rcode: 0, answer: [{ data: Buffer.of(192, 0, 2, 1) }] };

for (const engine of ["dgram", "batch"] as const) {
	test(`${engine}: one that is silent, then the next`, async (t) => {
		const first = await startServer(t, silent);
		const second = await startServer(t, good);
		const config = { upstreams: { timeout: "50ms" } };
		const resolver = await startResolver(t, { engine, upstreams: [first.port, second.port], config });
		t.match(await resolver.ask(asked), ANSWER);
		t.strictSame([first.arrivals.length, second.arrivals.length], [1, 1]);
		t.equal(resolver.counters.readUpstream(0, "timeouts"), 1);
		t.equal(resolver.counters.readUpstream(1, "answers"), 1);
		t.not(first.arrivals[0]?.id, second.arrivals[0]?.id, "under another id");
	});

	test(`${engine}: one that is slow answers in the end, to nobody`, async (t) => {
		const slow = await startServer(t, silent);
		const second = await startServer(t, good);
		const config = { upstreams: { timeout: "50ms" } };
		const resolver = await startResolver(t, { engine, upstreams: [slow.port, second.port], config });
		t.match(await resolver.ask(asked), ANSWER);
		const [late] = slow.arrivals;
		late?.send(reply(late.query, { answer: [a("203.0.113.66")] }));
		t.match(await resolver.ask(query("b.example")), ANSWER);
		t.match(await resolver.ask(asked), { via: "cache", answer: [{ data: Buffer.of(192, 0, 2, 1) }] });
	});

	for (const rcode of [1, 2, 4, 5, 9]) {
		test(`${engine}: rcode ${rcode} sends the question on`, async (t) => {
			const first = await startServer(t, ({ query: bytes }) => reply(bytes, { flags: QR | RA | rcode }));
			const second = await startServer(t, good);
			const resolver = await startResolver(t, { engine, upstreams: [first.port, second.port] });
			t.match(await resolver.ask(asked), ANSWER);
			t.equal(resolver.counters.readUpstream(0, "serverFailures"), 1);
			t.equal(resolver.counters.readUpstream(0, "up"), 1, "a server that answers is up");
		});
	}

	test(`${engine}: when all fail, each is asked once and the last one's rcode is told`, async (t) => {
		const servers = await Promise.all(
			[5, 2].map((rcode) => startServer(t, ({ query: bytes }) => reply(bytes, { flags: QR | RA | rcode }))),
		);
		const upstreams = servers.map(({ port }) => port);
		const resolver = await startResolver(t, { engine, upstreams, config: { upstreams: { attempts: 5 } } });
		t.match(await resolver.ask(asked), { via: "upstream", rcode: 2 });
		t.strictSame(
			servers.map(({ arrivals }) => arrivals.length),
			[1, 1],
		);
	});

	test(`${engine}: NXDOMAIN and NODATA are answers`, async (t) => {
		const first = await startServer(t, ({ query: bytes, name }) =>
			reply(bytes, { flags: QR | RA | (name.startsWith("nx") ? 3 : 0), authority: [soa(60, 60)] }),
		);
		const second = await startServer(t, good);
		const resolver = await startResolver(t, { engine, upstreams: [first.port, second.port] });
		t.match(await resolver.ask(query("nx.example")), { rcode: 3, authority: [{ type: 6 }] });
		t.match(await resolver.ask(query("nodata.example")), { rcode: 0, answer: [] });
		t.equal(second.arrivals.length, 0);
	});

	test(`${engine}: an extended rcode is a failure`, async (t) => {
		const first = await startServer(t, ({ query: bytes }) =>
			reply(bytes, { additional: [opt({ rcode: 1 })] }),
		);
		const resolver = await startResolver(t, { engine, upstreams: [first.port] });
		t.match(await resolver.ask(asked), { rcode: 2, edns: { ede: undefined } });
	});

	test(`${engine}: a port where nobody listens is noticed at once`, async (t) => {
		const port = await closedPort();
		// Far beyond the time that a test may take: only the network's refusal can end this one.
		const config = { upstreams: { timeout: "30s", attempts: 3 } };
		const alone = await startResolver(t, { engine, upstreams: [port], config });
		t.match(await alone.ask(asked), { via: "error", rcode: 2, answer: [], edns: { ede: EDE.NETWORK_ERROR } });
		t.equal(alone.counters.readUpstream(0, "queries"), 3);
		t.equal(alone.counters.readUpstream(0, "networkErrors"), 3);
		const second = await startServer(t, good);
		const resolver = await startResolver(t, { engine, upstreams: [port, second.port], config });
		t.match(await resolver.ask(asked), ANSWER);
	});

	test(`${engine}: several questions in one refused batch all go on`, async (t) => {
		const port = await closedPort();
		const second = await startServer(t, good);
		const config = { upstreams: { timeout: "30s" } };
		const resolver = await startResolver(t, { engine, upstreams: [port, second.port], config });
		const all = await Promise.all(
			Array.from({ length: 200 }, (_, i) => resolver.ask(query(`n${i}.example`))),
		);
		t.ok(all.every((found) => found?.answer.length === 1));
		t.equal(second.arrivals.length, 200);
		t.equal(resolver.counters.readNumber("flightsOpen"), 0);
	});
}

test("attempts bound the tries, however many upstreams there are", async (t) => {
	const servers = await Promise.all(Array.from({ length: 4 }, () => startServer(t, silent)));
	const resolver = await startResolver(t, {
		upstreams: servers.map(({ port }) => port),
		config: { upstreams: { timeout: "50ms", attempts: 2 } },
	});
	t.match(await resolver.ask(asked), { rcode: 2, edns: { ede: EDE.NO_REACHABLE_AUTHORITY } });
	t.strictSame(
		servers.map(({ arrivals }) => arrivals.length),
		[1, 1, 0, 0],
	);
});

test("IPv6 upstreams are asked over IPv6", async (t) => {
	for (const engine of ["dgram", "batch"] as const) {
		const resolver = await startResolver(t, {
			engine,
			upstreams: [`[::1]:${await closedPort()}`],
			config: { upstreams: { timeout: "30s" } },
		});
		t.match(await resolver.ask(asked), { rcode: 2, edns: { ede: EDE.NETWORK_ERROR } });
	}
});
