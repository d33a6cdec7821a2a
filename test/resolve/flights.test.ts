import { test } from "tap";
import { EDE } from "../../src/wire/codes.ts";
import { startServer } from "../upstream/server.ts";
import { a, CD, query, questionEnd, RD, reply, soa } from "../wire/message.ts";
import { startResolver } from "./resolving.ts";

test("many who ask the same at once cost one question", async (t) => {
	const upstream = await startServer(t, () => undefined);
	const resolver = await startResolver(t, { upstreams: [upstream.port] });
	const names = ["www.example.org", "WWW.example.org", "wWw.ExAmPlE.oRg"];
	const askers = Array.from({ length: 300 }, (_, i) =>
		resolver.ask(query(names[i % 3] ?? "", { id: i, ...(i % 2 === 0 ? {} : { edns: {} }) }), {
			transport: i % 5 === 0 ? "tcp" : "udp",
		}),
	);
	const arrival = await upstream.arrival(0);
	t.equal(resolver.counters.readNumber("flightsOpen"), 1);
	t.equal(resolver.counters.readNumber("flightsJoined"), 299);
	t.equal(resolver.counters.readNumber("flightsOpen"), 1);
	arrival.send(reply(arrival.query, { answer: [a("192.0.2.1")] }));
	for (const [i, found] of (await Promise.all(askers)).entries()) {
		if (found?.id !== i || found.question !== names[i % 3] || found.answer.length !== 1) t.fail(`asker ${i}`);
		if ((found?.edns === undefined) !== (i % 2 === 0)) t.fail(`EDNS of asker ${i}`);
	}
	t.equal(upstream.arrivals.length, 1);
	t.equal(resolver.counters.readNumber("flightsOpen"), 0);
});

test("different questions fly alone", async (t) => {
	const upstream = await startServer(t, ({ query: asked }) => reply(asked, { answer: [a("192.0.2.1")] }));
	const resolver = await startResolver(t, { upstreams: [upstream.port] });
	await Promise.all(
		[
			query("www.example.org"),
			query("example.org"),
			query("www.example.org", { type: 28 }),
			query("www.example.org", { flags: RD | CD }),
			query("www.example.org", { edns: { dnssecOk: true } }),
		].map((asked) => resolver.ask(asked)),
	);
	t.equal(upstream.arrivals.length, 5);
	const seen = upstream.arrivals.map(({ query: asked }) => [
		asked.readUInt16BE(2),
		asked.readUInt16BE(questionEnd(asked) + 7) === 0x8000,
	]);
	t.equal(seen.filter(([, dnssecOk]) => dnssecOk).length, 1, "DO is passed on");
	t.equal(seen.filter(([flags]) => flags === (RD | CD)).length, 1, "and CD");
	t.equal(seen.filter(([flags]) => flags === RD).length, 4);
});

test("whoever asks after the landing starts anew", async (t) => {
	const upstream = await startServer(t, ({ query: asked }) => reply(asked, { answer: [a("192.0.2.1", 0)] }));
	const resolver = await startResolver(t, { upstreams: [upstream.port] });
	for (let i = 0; i < 5; i++) t.equal((await resolver.ask(query("www.example.org")))?.via, "upstream");
	t.equal(upstream.arrivals.length, 5, "a TTL of 0 is not kept");
});

test("a flight used again has nothing of the one before", async (t) => {
	const upstream = await startServer(t, ({ query: asked }) => reply(asked, { answer: [a("192.0.2.1")] }));
	const resolver = await startResolver(t, {
		upstreams: [upstream.port],
		config: { upstreams: { cookies: false, randomCase: { enabled: false } } },
	});
	await resolver.ask(
		query("a.long.name.of.many.labels.example.org", { flags: RD | CD, edns: { dnssecOk: true } }),
	);
	await resolver.ask(query("b.example"));
	const second = upstream.arrivals[1]?.query;
	t.equal(second?.readUInt16BE(2), RD);
	t.equal(
		second?.subarray(12).toString("hex"),
		`${query("b.example").subarray(12).toString("hex")}000029${"04d0"}00000000${"0000"}`,
	);
});

test("more questions than maxInFlight are shed, joining is not", async (t) => {
	const upstream = await startServer(t, () => undefined);
	const resolver = await startResolver(t, {
		upstreams: [upstream.port],
		config: { upstreams: { maxInFlight: 16, timeout: "30s" } },
	});
	const flying = Array.from({ length: 16 }, (_, i) => resolver.ask(query(`n${i}.example`)));
	await upstream.arrival(15);
	t.match(await resolver.ask(query("one-more.example", { edns: {} })), {
		via: "limited",
		rcode: 2,
		answer: [],
		edns: { ede: EDE.NO_REACHABLE_AUTHORITY, text: /in flight/ },
	});
	t.equal(resolver.counters.readNumber("flightsShed"), 1);
	const joined = resolver.ask(query("n3.example"));
	for (const { query: asked, send } of upstream.arrivals) send(reply(asked, { answer: [a("192.0.2.1")] }));
	await Promise.all([...flying, joined]);
	t.equal((await resolver.ask(query("n5.example")))?.via, "cache");
	const after = resolver.ask(query("one-more.example"));
	const arrival = await upstream.arrival(16);
	arrival.send(reply(arrival.query, { answer: [a("192.0.2.1")] }));
	t.equal((await after)?.via, "upstream", "the failure of being shed is not remembered");
});

test("answers that are old are asked for again", async (t) => {
	const upstream = await startServer(t, ({ query: asked, name }) =>
		name.startsWith("no")
			? reply(asked, { flags: 0x8183, authority: [soa(60, 60)] })
			: reply(asked, { answer: [a("192.0.2.1", 60)] }),
	);
	const resolver = await startResolver(t, { upstreams: [upstream.port] });
	for (const name of ["www.example", "no.example"]) {
		const asked = query(name);
		t.equal((await resolver.ask(asked))?.via, "upstream");
		t.equal((await resolver.ask(asked, { later: 58_000 }))?.via, "cache");
		t.equal((await resolver.ask(asked, { later: 60_001 }))?.via, "upstream");
	}
	t.equal(upstream.arrivals.length, 4);
});
