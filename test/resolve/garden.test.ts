import { test } from "tap";
import type { LocalRecord } from "../../src/blocklist/rule.ts";
import { RCODES } from "../../src/observe/code-slots.ts";
import { VIAS } from "../../src/observe/counters.ts";
import { type Handler, startServer } from "../upstream/server.ts";
import { a, cname, query, reply, soa, TYPE, wire } from "../wire/message.ts";
import { rule, startResolver, type TestResolver } from "./resolving.ts";

const GARDEN = Buffer.of(192, 0, 2, 80);

/** Whatever is asked for has the address of the garden; its names are compressed. */
const garden: Handler = ({ query: asked, name }) =>
	name.startsWith("gone.")
		? reply(asked, { flags: 0x8183, authority: [soa(60, 60)] })
		: reply(asked, {
				answer: [cname("web.garden.example", 50), a("192.0.2.80", 50, wire("web.garden.example"))],
			});

function alias(target: string): LocalRecord {
	return { type: TYPE.CNAME, ttl: 5, rdata: wire(target) };
}

function into(name: string, ...targets: string[]) {
	return rule(name, { action: "data", ranked: true, records: targets.map(alias) });
}

function responses(resolver: TestResolver): number {
	let sum = 0;
	for (const via of VIAS.keys()) {
		for (const rcode of RCODES.keys()) sum += resolver.counters.readResponses(via, rcode);
	}
	return sum;
}

test("a blocked name leads into the garden, with what stands there", async (t) => {
	const upstream = await startServer(t, garden);
	const lists = [{ rules: [into("bad.example", "landing.example")] }];
	const resolver = await startResolver(t, { lists, upstreams: [upstream.port] });
	for (const what of ["from upstream", "from the cache"]) {
		const found = await resolver.ask(query("Www.bad.example", { id: 7, edns: {} }));
		t.match(found, { id: 7, via: "blocked", rcode: 0, question: "Www.bad.example", edns: { ede: 15 } }, what);
		t.strictSame(
			found?.answer.map(({ name, type, data }) => [name, type, data]),
			[
				["Www.bad.example", TYPE.CNAME, wire("landing.example")],
				["landing.example", TYPE.CNAME, wire("web.garden.example")],
				["web.garden.example", TYPE.A, GARDEN],
			],
			what,
		);
	}
	t.strictSame(
		upstream.arrivals.map(({ name }) => name),
		["landing.example"],
		"asked for once",
	);
	t.equal(responses(resolver), 2, "one response counted for each query");
});

test("the name asked for goes in front of *.garden", async (t) => {
	const upstream = await startServer(t, garden);
	const lists = [{ rules: [into("bad.example", "*.garden.example")] }];
	const resolver = await startResolver(t, { lists, upstreams: [upstream.port] });
	const found = await resolver.ask(query("Www.Bad.example"));
	t.strictSame(
		found?.answer[0]?.data.toString("latin1").toLowerCase(),
		wire("www.bad.example.garden.example").toString("latin1"),
	);
	t.equal(found?.answer.length, 3);
	t.strictSame(
		upstream.arrivals.map(({ name }) => name),
		["www.bad.example.garden.example"],
	);
	const long = `${["x", "y", "z"].map((letter) => letter.repeat(63)).join(".")}.${"w".repeat(45)}.bad.example`;
	t.match(
		await resolver.ask(query(long)),
		{ via: "blocked", answer: [], authority: [{ type: TYPE.SOA }] },
		"too long",
	);
});

test("many targets are cached beside one another", async (t) => {
	const upstream = await startServer(t, garden);
	const lists = [{ rules: [into("bad.example", "*.garden.example")] }];
	const resolver = await startResolver(t, { lists, upstreams: [upstream.port] });
	for (let round = 0; round < 3; round++) {
		for (let i = 0; i < 5; i++) t.equal((await resolver.ask(query(`n${i}.bad.example`)))?.answer.length, 3);
	}
	t.equal(upstream.arrivals.length, 5);
});

test("a target is shared with those who ask for it themselves", async (t) => {
	const upstream = await startServer(t, garden);
	const lists = [{ rules: [into("bad.example", "landing.example")] }];
	const resolver = await startResolver(t, { lists, upstreams: [upstream.port] });
	t.equal((await resolver.ask(query("landing.example")))?.via, "upstream");
	t.equal((await resolver.ask(query("bad.example")))?.answer.length, 3);
	t.equal(upstream.arrivals.length, 1);
});

test("a target that is blocked itself still answers: the zone's author chose it", async (t) => {
	const upstream = await startServer(t, garden);
	const lists = [{ rules: [into("bad.example", "landing.example"), rule("example")] }];
	const resolver = await startResolver(t, { lists, upstreams: [upstream.port] });
	t.match(await resolver.ask(query("bad.example")), { via: "blocked", answer: [{}, {}, { data: GARDEN }] });
	t.match(await resolver.ask(query("landing.example")), {
		via: "blocked",
		answer: [{ data: Buffer.alloc(4) }],
	});
});

test("a garden that is not there, or does not answer", async (t) => {
	const upstream = await startServer(t, garden);
	const lists = [{ rules: [into("bad.example", "gone.example")] }];
	const resolver = await startResolver(t, { lists, upstreams: [upstream.port] });
	t.match(await resolver.ask(query("bad.example")), {
		via: "blocked",
		rcode: 3,
		answer: [{ type: TYPE.CNAME }],
	});
	const forgetful = await startResolver(t, { lists, upstreams: [upstream.port] });
	upstream.close();
	t.match(await forgetful.ask(query("bad.example")), {
		via: "blocked",
		rcode: 2,
		answer: [{ type: TYPE.CNAME }],
	});
});

test("who asks for the CNAME gets it, and no more", async (t) => {
	const lists = [{ rules: [into("bad.example", "landing.example")] }];
	const resolver = await startResolver(t, { lists });
	for (const type of [TYPE.CNAME, TYPE.ANY]) {
		const found = await resolver.ask(query("bad.example", { type }));
		t.match(found, { via: "blocked", answer: [{ type: TYPE.CNAME, ttl: 5 }] });
		t.equal(found?.answer.length, 1);
	}
});

test("of two CNAMEs, which a zone may not have, the first counts", async (t) => {
	const upstream = await startServer(t, garden);
	const lists = [{ rules: [into("bad.example", "landing.example", "other.example")] }];
	const resolver = await startResolver(t, { lists, upstreams: [upstream.port] });
	t.match(await resolver.ask(query("bad.example")), {
		answer: [{ data: wire("landing.example") }, { name: "landing.example" }, { data: GARDEN }],
	});
});

test("a blocked target of an upstream's answer leads into the garden too", async (t) => {
	const upstream = await startServer(t, (arrival, number) =>
		arrival.name === "www.shop.example"
			? reply(arrival.query, {
					answer: [cname("tracker.example"), a("192.0.2.1", 60, wire("tracker.example"))],
				})
			: garden(arrival, number),
	);
	const lists = [{ rules: [into("tracker.example", "landing.example")] }];
	const resolver = await startResolver(t, { lists, upstreams: [upstream.port] });
	const asked = query("www.shop.example");
	const all = await Promise.all([resolver.ask(asked), resolver.ask(asked), resolver.ask(asked)]);
	for (const found of [...all, await resolver.ask(asked)]) {
		t.match(found, {
			via: "blocked",
			answer: [{ name: "www.shop.example", data: wire("landing.example") }, {}, { data: GARDEN }],
		});
		t.equal(found?.answer.length, 3);
	}
	t.equal(upstream.arrivals.length, 2);
});
