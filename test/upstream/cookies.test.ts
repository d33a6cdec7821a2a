import { type Test, test } from "tap";
import { type Options, startResolver } from "../resolve/resolving.ts";
import { a, opt, option, QR, query, questionEnd, RA, reply, word } from "../wire/message.ts";
import { type Arrival, type Handler, startServer, type UpstreamServer } from "./server.ts";

const COOKIE = 10;
const RIGHT = [{ data: Buffer.of(192, 0, 2, 1) }];
const SERVER = Buffer.from("1122334455667788");
const BADCOOKIE = { flags: QR | RA | 7, rcode: 1 };

/** The cookie that a query brings: ours, and the server's behind it. */
function cookieOf({ query: asked }: Arrival): Buffer | undefined {
	const options = asked.subarray(questionEnd(asked) + 11);
	for (let at = 0; at + 4 <= options.length; ) {
		const end = at + 4 + options.readUInt16BE(at + 2);
		if (options.readUInt16BE(at) === COOKIE) return options.subarray(at + 4, end);
		at = end;
	}
	return undefined;
}

const client = (arrival: Arrival) => cookieOf(arrival)?.subarray(0, 8) ?? Buffer.alloc(0);

function answer({ query: asked }: Arrival, cookie?: Buffer, address = "192.0.2.1"): Buffer {
	const edns = cookie === undefined ? {} : { options: option(COOKIE, cookie) };
	return reply(asked, { answer: [a(address)], additional: [opt(edns)] });
}

/** As RFC 7873 wants it. */
const good = (arrival: Arrival) => answer(arrival, Buffer.concat([client(arrival), SERVER]));
const FALSE = "203.0.113.66";

function transports(upstream: UpstreamServer): readonly string[] {
	return upstream.arrivals.map(({ transport }) => transport);
}

async function start(t: Test, handler: Handler, options: Options = {}) {
	const upstream = await startServer(t, handler);
	return { upstream, resolver: await startResolver(t, { upstreams: [upstream.port], ...options }) };
}

for (const engine of ["dgram", "batch"] as const) {
	test(`${engine}: a cookie goes out, the server's is learned and sent back (RFC 7873, section 5.1)`, async (t) => {
		const { upstream, resolver } = await start(t, good, { engine });
		for (let i = 0; i < 4; i++)
			t.match(await resolver.ask(query(`n${i}.example`, { edns: {} })), { answer: RIGHT });
		const [first, ...others] = upstream.arrivals.map(cookieOf);
		t.equal(first?.length, 8);
		for (const cookie of others) t.strictSame(cookie, Buffer.concat([first ?? Buffer.alloc(0), SERVER]));
		t.strictSame(new Set(transports(upstream)), new Set(["udp"]));
	});

	test(`${engine}: right in everything but the cookie: TCP has the word (section 5.3)`, async (t) => {
		const wrong: readonly (readonly [string, (arrival: Arrival) => Buffer])[] = [
			["another client cookie", () => Buffer.concat([Buffer.alloc(8, 1), SERVER])],
			[
				"a bit of it",
				(arrival) => Buffer.concat([client(arrival).map((byte, i) => (i === 7 ? byte ^ 1 : byte)), SERVER]),
			],
			["too short", (arrival) => client(arrival).subarray(0, 7)],
			["a short server cookie", (arrival) => Buffer.concat([client(arrival), Buffer.alloc(7)])],
			["a long server cookie", (arrival) => Buffer.concat([client(arrival), Buffer.alloc(33)])],
			["empty", () => Buffer.alloc(0)],
		];
		for (const [what, forge] of wrong) {
			const { upstream, resolver } = await start(
				t,
				(arrival) => (arrival.transport === "tcp" ? good(arrival) : answer(arrival, forge(arrival), FALSE)),
				{ engine },
			);
			t.match(await resolver.ask(query("www.example")), { via: "upstream", answer: RIGHT }, what);
			t.strictSame(transports(upstream), ["udp", "tcp"]);
			t.equal(resolver.counters.readUpstream(0, "wrongCookies"), 1);
		}
	});

	test(`${engine}: none from an upstream that has given one is suspicious`, async (t) => {
		const { upstream, resolver } = await start(
			t,
			(arrival) =>
				arrival.name === "attacked.example" && arrival.transport === "udp"
					? answer(arrival, undefined, FALSE)
					: good(arrival),
			{ engine },
		);
		await resolver.ask(query("first.example"));
		for (let i = 0; i < 5; i++) {
			t.match(await resolver.ask(query("attacked.example"), { later: i * 400_000 }), { answer: RIGHT });
		}
		t.strictSame(transports(upstream), ["udp", ...Array.from({ length: 5 }, () => ["udp", "tcp"]).flat()]);
		t.strictSame(resolver.reports, [], "TCP brings it: the upstream still knows cookies");
	});
}

test("an upstream that knows no cookies, and one that throws ours back, are believed as before", async (t) => {
	for (const handler of [
		(arrival: Arrival) => reply(arrival.query, { answer: [a("192.0.2.1")] }),
		(arrival: Arrival) => answer(arrival),
		(arrival: Arrival) => answer(arrival, client(arrival)),
	]) {
		const { upstream, resolver } = await start(t, handler);
		for (let i = 0; i < 4; i++) t.match(await resolver.ask(query(`n${i}.example`)), { answer: RIGHT });
		t.strictSame(new Set(transports(upstream)), new Set(["udp"]));
		t.ok(upstream.arrivals.every((arrival) => cookieOf(arrival)?.length === 8));
	}
});

test("one that stops is let off, once TCP has shown three times that it did", async (t) => {
	const { upstream, resolver } = await start(t, (arrival, number) =>
		number < 2 ? good(arrival) : answer(arrival),
	);
	for (let i = 0; i < 8; i++) t.match(await resolver.ask(query(`n${i}.example`)), { answer: RIGHT });
	t.strictSame(transports(upstream), [
		...["udp", "udp"],
		...["udp", "tcp", "udp", "tcp", "udp", "tcp"],
		...["udp", "udp", "udp"],
	]);
	t.strictSame(upstream.arrivals.slice(-3).map(cookieOf), [undefined, undefined, undefined]);
	t.equal(resolver.reports.length, 1);
	t.match(resolver.reports[0], /no longer brings DNS cookies back/);
});

test("BADCOOKIE: once more with the new cookie (section 5.3)", async (t) => {
	const fresh = Buffer.alloc(16, 7);
	const { upstream, resolver } = await start(t, (arrival) => {
		const given = Buffer.concat([client(arrival), fresh]);
		if (cookieOf(arrival)?.equals(given)) return answer(arrival, given);
		return reply(arrival.query, {
			flags: BADCOOKIE.flags,
			additional: [opt({ rcode: BADCOOKIE.rcode, options: option(COOKIE, given) })],
		});
	});
	t.match(await resolver.ask(query("www.example", { edns: {} })), { rcode: 0, answer: RIGHT });
	t.strictSame(transports(upstream), ["udp", "udp"]);
	t.equal(resolver.counters.readUpstream(0, "badCookies"), 1);
	t.equal(resolver.counters.readUpstream(0, "queries"), 1, "it is the same try");
	await resolver.ask(query("next.example"));
	t.equal(upstream.arrivals.length, 3);
});

test("BADCOOKIE again and again: over TCP; and there it is a failure", async (t) => {
	const bad = (arrival: Arrival) =>
		reply(arrival.query, {
			flags: BADCOOKIE.flags,
			additional: [
				opt({ rcode: BADCOOKIE.rcode, options: option(COOKIE, Buffer.concat([client(arrival), SERVER])) }),
			],
		});
	const onlyUdp = await start(t, (arrival) => (arrival.transport === "tcp" ? good(arrival) : bad(arrival)));
	t.match(await onlyUdp.resolver.ask(query("www.example")), { rcode: 0, answer: RIGHT });
	t.strictSame(transports(onlyUdp.upstream), ["udp", "udp", "tcp"]);
	const always = await start(t, bad);
	t.match(await always.resolver.ask(query("www.example")), { rcode: 2 });
	t.strictSame(transports(always.upstream), ["udp", "udp", "tcp"]);
});

test("a BADCOOKIE that does not bring our cookie back is nobody's word", async (t) => {
	const { upstream, resolver } = await start(t, (arrival) =>
		arrival.transport === "tcp"
			? good(arrival)
			: reply(arrival.query, {
					flags: BADCOOKIE.flags,
					additional: [opt({ rcode: 1, options: option(COOKIE, Buffer.alloc(16, 9)) })],
				}),
	);
	t.match(await resolver.ask(query("www.example")), { answer: RIGHT });
	t.strictSame(transports(upstream), ["udp", "tcp"]);
});

test("a server that cannot read cookies is asked without, and remembered", async (t) => {
	const { upstream, resolver } = await start(t, (arrival) =>
		cookieOf(arrival) === undefined ? answer(arrival) : reply(arrival.query, { flags: QR | RA | 1 }),
	);
	for (let i = 0; i < 3; i++)
		t.match(await resolver.ask(query(`n${i}.example`)), { rcode: 0, answer: RIGHT });
	t.equal(upstream.arrivals.length, 4);
	t.match(resolver.reports, [/does not understand DNS cookies/]);
	t.equal(resolver.reports.length, 1);
	const formerr = await start(t, ({ query: asked }) => reply(asked, { flags: QR | RA | 1 }));
	t.match(await formerr.resolver.ask(query("www.example")), { rcode: 1 });
	t.equal(formerr.upstream.arrivals.length, 2, "another reason for FORMERR is not hidden");
	t.strictSame(formerr.resolver.reports, []);
});

test("each upstream has a cookie of its own, and another one each day (section 7.1)", async (t) => {
	const one = await startServer(t, (arrival) => answer(arrival, Buffer.concat([client(arrival), SERVER])));
	const two = await startServer(t, good);
	const config = { upstreams: { strategy: "random" } };
	const resolver = await startResolver(t, { upstreams: [one.port, two.port], config });
	for (let i = 0; one.arrivals.length === 0 || two.arrivals.length === 0; i++)
		await resolver.ask(query(`n${i}.example`));
	const day = 24 * 60 * 60 * 1000;
	const [today] = one.arrivals.map(client);
	t.notSame(today, two.arrivals.map(client)[0]);
	const before = one.arrivals.length;
	for (let i = 0; one.arrivals.length === before; i++)
		await resolver.ask(query(`later${i}.example`), { later: day + 60_000 });
	const tomorrow = one.arrivals[before];
	t.equal(tomorrow === undefined ? 0 : cookieOf(tomorrow)?.length, 8, "the server's went with the old one");
	t.notSame(tomorrow === undefined ? today : client(tomorrow), today);
});

test("off by configuration, and options that lie about their length", async (t) => {
	const { upstream, resolver } = await start(t, good, { config: { upstreams: { cookies: false } } });
	t.match(await resolver.ask(query("www.example")), { answer: RIGHT });
	t.strictSame(upstream.arrivals.map(cookieOf), [undefined]);
	t.equal(upstream.arrivals[0]?.query.readUInt16BE(questionEnd(upstream.arrivals[0].query) + 9), 0);
	const lying = await start(t, (arrival) =>
		reply(arrival.query, {
			answer: [a("192.0.2.1")],
			additional: [opt({ options: Buffer.concat([word(COOKIE, 400), client(arrival)]) })],
		}),
	);
	t.match(await lying.resolver.ask(query("www.example")), { answer: RIGHT }, "no cookie in it");
});

test("over TCP the cookie is learned too", async (t) => {
	const upstream = await startServer(t, good);
	const resolver = await startResolver(t, { upstreams: [`tcp://127.0.0.1:${upstream.port}`] });
	await resolver.ask(query("a.example"));
	await resolver.ask(query("b.example"));
	t.strictSame(
		upstream.arrivals.map((arrival) => cookieOf(arrival)?.length),
		[8, 24],
	);
});
