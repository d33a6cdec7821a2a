import { once } from "node:events";
import { test } from "tap";
import { EDE } from "../../src/wire/codes.ts";
import { startResolver } from "../resolve/resolving.ts";
import { a, QR, query, RA, reply, TC, TYPE } from "../wire/message.ts";
import { type Handler, startServer } from "./server.ts";

const asked = query("www.example.org", { edns: {} });
const many = Array.from({ length: 200 }, (_, i) => a(`192.0.2.${i}`));

/** Too large for UDP, whole over TCP. */
const large: Handler = ({ query: bytes, transport }) =>
	transport === "udp" ? reply(bytes, { flags: QR | RA | TC }) : reply(bytes, { answer: many });

for (const engine of ["dgram", "batch"] as const) {
	test(`${engine}: what is truncated is asked for again over TCP`, async (t) => {
		const upstream = await startServer(t, large);
		const resolver = await startResolver(t, { engine, upstreams: [upstream.port] });
		t.equal((await resolver.ask(asked, { transport: "tcp" }))?.answer.length, 200);
		t.strictSame(
			upstream.arrivals.map(({ transport }) => transport),
			["udp", "tcp"],
		);
		t.equal(resolver.counters.readUpstream(0, "tcpRetries"), 1);
		t.match(
			await resolver.ask(asked),
			{ via: "cache", truncated: true, answer: [] },
			"and cut for UDP by us",
		);
		t.equal((await resolver.ask(asked, { transport: "tcp" }))?.via, "cache");
	});

	test(`${engine}: a truncated message need not be whole`, async (t) => {
		const upstream = await startServer(t, ({ query: bytes, transport }) =>
			transport === "udp"
				? reply(bytes, { flags: QR | RA | TC, answer: many }).subarray(0, 501)
				: reply(bytes, { answer: many }),
		);
		const config = { upstreams: { timeout: "30s" } };
		const resolver = await startResolver(t, { engine, upstreams: [upstream.port], config });
		t.equal((await resolver.ask(asked, { transport: "tcp" }))?.answer.length, 200);
	});

	test(`${engine}: truncated, and TCP refused`, async (t) => {
		const first = await startServer(t, large, { tcp: false });
		const config = { upstreams: { timeout: "30s", attempts: 2 } };
		const alone = await startResolver(t, { engine, upstreams: [first.port], config });
		t.match(await alone.ask(asked), { rcode: 2, edns: { ede: EDE.NETWORK_ERROR } });
		t.equal(first.arrivals.length, 2, "UDP is tried once more, then no more");
		const second = await startServer(t, ({ query: bytes }) => reply(bytes, { answer: [a("192.0.2.1")] }));
		const resolver = await startResolver(t, { engine, upstreams: [first.port, second.port], config });
		t.match(await resolver.ask(asked), { via: "upstream", answer: [{ type: TYPE.A }] });
	});
}

test("tcp:// goes over TCP alone, on one connection, pipelined", async (t) => {
	const upstream = await startServer(t, () => undefined);
	const resolver = await startResolver(t, { upstreams: [`tcp://127.0.0.1:${upstream.port}`] });
	const all = Array.from({ length: 50 }, (_, i) => resolver.ask(query(`n${i}.example`)));
	await upstream.arrival(49);
	t.strictSame(new Set(upstream.arrivals.map(({ transport }) => transport)), new Set(["tcp"]));
	t.equal(new Set(upstream.arrivals.map(({ port }) => port)).size, 1);
	t.equal(new Set(upstream.arrivals.map(({ id }) => id)).size, 50, "ids differ on one connection");
	for (const { query: bytes, name, send } of [...upstream.arrivals].reverse()) {
		send(reply(bytes, { answer: [a(`192.0.2.${name.slice(1, -5)}`)] }));
	}
	for (const [i, found] of (await Promise.all(all)).entries()) t.equal(found?.answer[0]?.data[3], i);
});

test("half an answer over TCP is none", async (t) => {
	const half: Handler = ({ query: bytes }) => reply(bytes, { flags: QR | RA | TC, answer: [a("192.0.2.1")] });
	const first = await startServer(t, half);
	const second = await startServer(t, ({ query: bytes }) =>
		reply(bytes, { answer: [a("192.0.2.1"), a("192.0.2.2")] }),
	);
	const alone = await startResolver(t, { upstreams: [first.port] });
	t.match(await alone.ask(asked), { rcode: 2, truncated: false });
	t.strictSame(
		first.arrivals.map(({ transport }) => transport),
		["udp", "tcp"],
	);
	const resolver = await startResolver(t, { upstreams: [`tcp://127.0.0.1:${first.port}`, second.port] });
	t.match(await resolver.ask(asked), { rcode: 0, answer: { length: 2 } });
	t.equal(first.arrivals.length, 3, "nor is it asked for twice");
});

test("a connection is used again", async (t) => {
	const upstream = await startServer(t, ({ query: bytes }) => reply(bytes, { answer: [a("192.0.2.1")] }));
	const resolver = await startResolver(t, { upstreams: [`tcp://127.0.0.1:${upstream.port}`] });
	for (const name of ["a.example", "b.example", "c.example"])
		t.equal((await resolver.ask(query(name)))?.via, "upstream");
	t.equal(new Set(upstream.arrivals.map(({ port }) => port)).size, 1);
});

test("a connection lost in the middle: what was on it is asked again", async (t) => {
	const upstream = await startServer(t, ({ query: bytes, socket }, number) => {
		if (number === 4) socket?.resetAndDestroy();
		return number <= 4 ? undefined : reply(bytes, { answer: [a("192.0.2.1")] });
	});
	const config = { upstreams: { timeout: "30s", attempts: 2 } };
	const resolver = await startResolver(t, { upstreams: [`tcp://127.0.0.1:${upstream.port}`], config });
	const all = await Promise.all(Array.from({ length: 5 }, (_, i) => resolver.ask(query(`n${i}.example`))));
	t.ok(all.every((found) => found?.answer.length === 1));
	t.equal(new Set(upstream.arrivals.map(({ port }) => port)).size, 2);
	t.equal(resolver.counters.readUpstream(0, "networkErrors"), 5);
});

test("half an answer and then the end", async (t) => {
	const upstream = await startServer(t, ({ query: bytes, socket }, number) => {
		if (number > 0) return reply(bytes, { answer: [a("192.0.2.1")] });
		socket?.end(Buffer.concat([Buffer.of(0, 99), reply(bytes).subarray(0, 20)]));
		return undefined;
	});
	const config = { upstreams: { timeout: "30s", attempts: 2 } };
	const resolver = await startResolver(t, { upstreams: [`tcp://127.0.0.1:${upstream.port}`], config });
	t.equal((await resolver.ask(asked))?.answer.length, 1);
});

test("a server that hangs up when idle costs no question", async (t) => {
	const upstream = await startServer(t, ({ query: bytes }) => reply(bytes, { answer: [a("192.0.2.1")] }));
	const config = { upstreams: { timeout: "30s", attempts: 1 } };
	const resolver = await startResolver(t, { upstreams: [`tcp://127.0.0.1:${upstream.port}`], config });
	await resolver.ask(query("a.example"));
	const socket = upstream.arrivals[0]?.socket;
	socket?.end();
	if (socket !== undefined) await once(socket, "close");
	t.equal((await resolver.ask(query("b.example")))?.via, "upstream");
	t.equal(resolver.counters.readUpstream(0, "networkErrors"), 0);
});

test("a connection that has gone deaf is not used for ever", async (t) => {
	const deaf = new Set<number>();
	const upstream = await startServer(t, ({ query: bytes, port }, number) => {
		if (number === 1) deaf.add(port);
		return deaf.has(port) ? undefined : reply(bytes, { answer: [a("192.0.2.1")] });
	});
	const config = { upstreams: { timeout: "50ms", attempts: 1 } };
	const resolver = await startResolver(t, { upstreams: [`tcp://127.0.0.1:${upstream.port}`], config });
	t.equal((await resolver.ask(query("a.example")))?.via, "upstream");
	t.match(await resolver.ask(query("b.example", { edns: {} })), {
		rcode: 2,
		edns: { ede: EDE.NO_REACHABLE_AUTHORITY },
	});
	t.equal((await resolver.ask(query("c.example")))?.via, "upstream", "over a new one");
	const old = upstream.arrivals[1]?.socket;
	if (old !== undefined && !old.destroyed) await once(old, "close");
	t.pass("and the old one is closed");
});

test("a message for nobody over TCP is ignored", async (t) => {
	const upstream = await startServer(t, (arrival) => {
		arrival.send(Buffer.alloc(0));
		arrival.send(Buffer.of(1));
		arrival.send(reply(arrival.query, { id: arrival.id ^ 1, answer: [a("203.0.113.66")] }));
		arrival.send(reply(arrival.query, { answer: [a("203.0.113.66")], counts: [1, 9, 0, 0] }));
		return reply(arrival.query, { answer: [a("192.0.2.1")] });
	});
	const resolver = await startResolver(t, { upstreams: [`tcp://127.0.0.1:${upstream.port}`] });
	t.match(await resolver.ask(asked), { answer: [{ data: Buffer.of(192, 0, 2, 1) }] });
	t.equal(resolver.counters.readUpstream(0, "strangers"), 4);
});
