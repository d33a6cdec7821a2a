import { test } from "tap";
import { startServer } from "../upstream/server.ts";
import { a, opt, option, QR, query, RA, reply, soa } from "../wire/message.ts";
import { startResolver } from "./resolving.ts";
import { echoed, numbering, scoped, startTelling, subnet, tailored, told } from "./subnet-telling.ts";

test("an answer is for the network that its scope names (RFC 7871, section 7.3.1)", async (t) => {
	const { ask } = await startTelling(t, numbering(16));
	const tell = (text: string) => ask(tailored("www.example", text));
	t.strictSame(await tell("198.51.100.0/24"), ["upstream", 1, "198.51.100.0/24/16"]);
	t.strictSame(await tell("198.51.100.0/24"), ["cache", 1, "198.51.100.0/24/16"]);
	t.strictSame(await tell("198.51.7.0/24"), ["cache", 1, "198.51.7.0/24/16"], "the neighbour too");
	t.strictSame(await tell("198.51.7.66/32"), ["cache", 1, "198.51.7.66/32/16"], "and a part of it");
	t.strictSame(await tell("198.52.7.0/24"), ["upstream", 2, "198.52.7.0/24/16"], "nobody else");
	t.strictSame(await tell("198.51.100.0/24"), ["cache", 1, "198.51.100.0/24/16"]);
	t.strictSame(await tell("2001:db8::/56"), ["upstream", 3, "2001:db8::/56/16"]);
	t.strictSame(await ask(query("www.example")), ["upstream", 4, undefined], "nor who tells nothing");
	t.strictSame(await tell("0.0.0.0/0"), ["upstream", 5, "0.0.0.0/0"], "or wants nothing told");
	t.strictSame(await tell("0.0.0.0/0"), ["cache", 5, "0.0.0.0/0"]);
	t.strictSame(await ask(query("www.example")), ["cache", 4, undefined]);
});

test("scope 0 is for everybody", async (t) => {
	const { ask } = await startTelling(t, numbering(0));
	t.strictSame(await ask(tailored("www.example", "198.51.100.0/24")), ["upstream", 1, "198.51.100.0/24"]);
	for (const other of ["203.0.113.0/24", "2001:db8::/56", "0.0.0.0/0"])
		t.strictSame(await ask(tailored("www.example", other)), ["cache", 1, other]);
	t.strictSame(await ask(query("www.example")), ["cache", 1, undefined]);
});

test("so is what an upstream says that knows no subnets", async (t) => {
	const { upstream, ask } = await startTelling(t, ({ query: asked }) =>
		reply(asked, { answer: [a("192.0.2.1")] }),
	);
	await ask(tailored("www.example", "198.51.100.0/24"));
	t.strictSame(await ask(tailored("www.example", "203.0.113.0/24")), ["cache", 1, "203.0.113.0/24"]);
	t.equal(upstream.arrivals.length, 1);
});

test("the smallest network around the client decides", async (t) => {
	const scopes = [8, 24, 16];
	const { ask } = await startTelling(t, (arrival, number) =>
		scoped(arrival, `${told(arrival) ?? ""}/${scopes[number] ?? 0}`, `192.0.2.${number + 1}`),
	);
	const tell = (text: string) => ask(tailored("www.example", text));
	await tell("198.0.0.0/24");
	// A wider answer is there already: only who is not covered by it asks again.
	t.strictSame(await tell("198.51.100.0/24"), ["cache", 1, "198.51.100.0/24/8"]);
	await tell("203.51.100.0/24");
	await tell("203.51.7.0/24");
	t.strictSame(await tell("203.51.100.0/24"), ["cache", 2, "203.51.100.0/24/24"]);
	t.strictSame(await tell("203.51.9.0/24"), ["cache", 3, "203.51.9.0/24/16"]);
});

test("a scope longer than what was sent counts as no longer", async (t) => {
	const { ask } = await startTelling(t, numbering(32));
	t.strictSame(await ask(tailored("www.example", "198.51.100.0/24")), ["upstream", 1, "198.51.100.0/24/24"]);
	t.strictSame(await ask(tailored("www.example", "198.51.100.7/32")), ["cache", 1, "198.51.100.7/32/24"]);
	t.strictSame((await ask(tailored("www.example", "198.51.101.0/24")))[0], "upstream");
});

test("denials have a scope as well, and failures are remembered for those who met them", async (t) => {
	const { upstream, resolver, ask } = await startTelling(t, (arrival) => {
		const own = told(arrival) ?? "";
		const additional = [opt({ options: option(8, subnet(`${own}/24`)) })];
		const rcode = arrival.name.startsWith("nx") ? 3 : 2;
		return reply(arrival.query, {
			flags: QR | RA | rcode,
			authority: rcode === 3 ? [soa(60, 60)] : [],
			additional,
		});
	});
	for (const name of ["nx.example", "fail.example"]) {
		await ask(tailored(name, "198.51.100.0/24"));
		t.match(await resolver.ask(tailored(name, "198.51.100.0/24")), { via: "cache" });
		t.match(await resolver.ask(tailored(name, "198.51.101.0/24")), { via: "upstream" });
	}
	t.equal(upstream.arrivals.length, 4);
});

test("each client that waits is told the scope, with its own subnet", async (t) => {
	const { upstream, resolver } = await startTelling(t, () => undefined);
	const texts = ["198.51.100.1/32", "198.51.100.2/32", "198.51.100.0/24"];
	const all = texts.map((text) => resolver.ask(tailored("www.example", text)));
	const arrival = await upstream.arrival(0);
	arrival.send(scoped(arrival, "198.51.100.0/24/20", "192.0.2.1"));
	t.strictSame(
		(await Promise.all(all)).map(echoed),
		texts.map((text) => `${text}/20`),
	);
	t.equal(upstream.arrivals.length, 1, "one question for one network");
});

test("many networks of one name are bounded, the oldest give way", async (t) => {
	const { upstream, resolver, ask } = await startTelling(t, numbering(24));
	const tell = (i: number) => ask(tailored("www.example", `198.51.${i}.0/24`));
	for (let i = 0; i < 100; i++) await tell(i);
	t.equal(resolver.resolver.counters.readUpstream(0, "answers"), 100);
	t.equal((await tell(99))[0], "cache");
	t.equal((await tell(68))[0], "cache");
	t.equal((await tell(67))[0], "upstream");
	t.equal(upstream.arrivals.length, 101);
});

test("the same question for many networks at once is no birthday party (CVE-2025-5994)", async (t) => {
	const { upstream, resolver } = await startTelling(t, () => undefined);
	const all = Array.from({ length: 30 }, (_, i) => resolver.ask(tailored("www.example", `198.51.${i}.0/24`)));
	await upstream.arrival(29);
	t.equal(
		upstream.arrivals.filter(({ transport }) => transport === "udp").length,
		1,
		"one may be guessed at",
	);
	for (const arrival of upstream.arrivals) arrival.send(scoped(arrival, `${told(arrival)}/24`, "192.0.2.1"));
	t.ok((await Promise.all(all)).every((found) => found?.answer.length === 1));
	t.equal(resolver.counters.readNumber("flightsOpen"), 0);
	const after = resolver.ask(tailored("www.example", "203.0.113.0/24"));
	const last = await upstream.arrival(30);
	t.equal(last.transport, "udp", "and when they are answered the next goes its usual way");
	last.send(scoped(last, "203.0.113.0/24/24", "192.0.2.1"));
	await after;
});

test("where there is no TCP they go over UDP after all, and nobody is taken for down", async (t) => {
	const upstream = await startServer(t, numbering(24), { tcp: false });
	const config = { upstreams: { clientSubnet: { mode: "forward" }, attempts: 1 } };
	const resolver = await startResolver(t, { upstreams: [upstream.port], config });
	const all = Array.from({ length: 10 }, (_, i) => resolver.ask(tailored("www.example", `198.51.${i}.0/24`)));
	t.ok((await Promise.all(all)).every((found) => found?.answer.length === 1));
	t.equal(upstream.arrivals.length, 10);
	t.equal(resolver.counters.readUpstream(0, "up"), 1);
});

for (const engine of ["dgram", "batch"] as const) {
	test(`${engine}: an answer with another subnet than the one sent (section 7.3)`, async (t) => {
		const others = [
			"198.51.101.0/24/24",
			"198.51.100.0/23/23",
			"2001:db8::/24/24",
			"0.0.0.0/0",
			"198.51.100.0/24/33",
		];
		for (const other of others) {
			const { upstream, resolver } = await startTelling(
				t,
				(arrival) =>
					arrival.transport === "tcp"
						? scoped(arrival, "198.51.100.0/24/24", "192.0.2.1")
						: scoped(arrival, other, "203.0.113.66"),
				undefined,
				{ engine, config: { upstreams: { clientSubnet: { mode: "forward" } } } },
			);
			t.match(
				await resolver.ask(tailored("www.example", "198.51.100.0/24")),
				{
					answer: [{ data: Buffer.of(192, 0, 2, 1) }],
				},
				other,
			);
			t.strictSame(
				upstream.arrivals.map(({ transport }) => transport),
				["udp", "tcp"],
			);
			t.equal(resolver.counters.readUpstream(0, "wrongSubnets"), 1);
		}
	});
}

test("over TCP it is a failure, and the next upstream is asked", async (t) => {
	const first = await startServer(t, (arrival) => scoped(arrival, "203.0.113.0/24/24", "203.0.113.66"));
	const second = await startServer(t, (arrival) => scoped(arrival, "198.51.100.0/24/24", "192.0.2.1"));
	const resolver = await startResolver(t, {
		upstreams: [first.port, second.port],
		config: { upstreams: { clientSubnet: { mode: "forward" } } },
	});
	t.match(await resolver.ask(tailored("www.example", "198.51.100.0/24")), {
		answer: [{ data: Buffer.of(192, 0, 2, 1) }],
	});
});

test("one that has brought subnets back and does not now is doubted, and let off when TCP says the same", async (t) => {
	const { upstream, resolver } = await startTelling(t, (arrival, number) =>
		number === 0
			? scoped(arrival, `${told(arrival)}/24`, "192.0.2.1")
			: reply(arrival.query, { answer: [a("192.0.2.1")] }),
	);
	for (let i = 0; i < 7; i++) await resolver.ask(tailored(`n${i}.example`, "198.51.100.0/24"));
	t.strictSame(
		upstream.arrivals.map(({ transport }) => transport),
		["udp", "udp", "tcp", "udp", "tcp", "udp", "tcp", "udp", "udp", "udp"],
	);
	t.equal(resolver.counters.readUpstream(0, "wrongSubnets"), 3);
});

test("a subnet that nobody sent is ignored (section 7.3)", async (t) => {
	const { ask, upstream } = await startTelling(t, (arrival) =>
		scoped(arrival, "198.51.100.0/24/24", "192.0.2.1"),
	);
	t.strictSame(await ask(query("www.example", { edns: {} })), ["upstream", 1, undefined]);
	t.strictSame(await ask(query("www.example", { edns: {} }), "203.0.113.5"), ["cache", 1, undefined]);
	t.equal(upstream.arrivals.length, 1);
});
