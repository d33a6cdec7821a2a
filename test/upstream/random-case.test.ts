import { type Test, test } from "tap";
import { RandomNumbers } from "../../src/upstream/random.ts";
import { CaseKeeping, scramble, unscramble } from "../../src/upstream/random-case.ts";
import { type Options, startResolver } from "../resolve/resolving.ts";
import { decodeName } from "../wire/decoded.ts";
import { a, QR, query, question, questionEnd, RA, reply, soa, wire } from "../wire/message.ts";
import { type Arrival, type Handler, startServer, type UpstreamServer } from "./server.ts";

const RIGHT = [{ data: Buffer.of(192, 0, 2, 1) }];
const right: Handler = ({ query: asked }) => reply(asked, { answer: [a("192.0.2.1")] });
const FALSE = [a("203.0.113.66")];

/** The name as it was asked for. */
function caseOf({ query: asked }: Arrival): string {
	return decodeName(asked, 12)[0];
}

/** The same question with its name in small letters. */
function flattened({ name, query: asked }: Arrival): Buffer {
	return question(name, asked.readUInt16BE(questionEnd(asked) - 4));
}

function transports(upstream: UpstreamServer): readonly string[] {
	return upstream.arrivals.map(({ transport }) => transport);
}

async function start(t: Test, handler: Handler, options: Options = {}, tcp = true) {
	const upstream = await startServer(t, handler, { tcp });
	return { upstream, resolver: await startResolver(t, { upstreams: [upstream.port], ...options }) };
}

test("letters alone change, each as often as not, and all of it can be undone", (t) => {
	const random = new RandomNumbers();
	const name = wire("abcdefghijklmnopqrstuvwxyz.0123456789-_.@[`{.example.org");
	const upper = new Array<number>(name.length).fill(0);
	const rounds = 4000;
	const bytes = Buffer.from(name);
	for (let round = 0; round < rounds; round++) {
		scramble(bytes, 0, bytes.length, random);
		for (const [i, byte] of bytes.entries()) if (byte !== name[i]) upper[i] += 1;
	}
	for (const [i, times] of upper.entries()) {
		const isLetter = /[a-z]/.test(String.fromCharCode(name[i] ?? 0));
		// Seven standard deviations.
		t.ok(isLetter ? Math.abs(times - rounds / 2) < 220 : times === 0, `byte ${i}: ${times} of ${rounds}`);
	}
	unscramble(bytes, 0, bytes.length);
	t.strictSame(bytes, name);
	t.end();
});

for (const engine of ["dgram", "batch"] as const) {
	test(`${engine}: the upstream is asked in random case, the client keeps its own (RFC 4343, section 4.1)`, async (t) => {
		const { upstream, resolver } = await start(t, right, { engine });
		const names = Array.from({ length: 40 }, (_, i) => `Host${i}.Many-Letters.example`);
		for (const name of names) {
			t.match(await resolver.ask(query(name)), {
				question: name,
				via: "upstream",
				answer: [{ name, ...RIGHT[0] }],
			});
			t.match(await resolver.ask(query(name.toUpperCase())), {
				question: name.toUpperCase(),
				via: "cache",
				answer: [{ name: name.toUpperCase() }],
			});
		}
		const endings = upstream.arrivals.map((arrival) => caseOf(arrival).replace(/^[^.]*\./, ""));
		t.ok(new Set(endings).size > 35, "of 2^18 ways to write it hardly any comes twice");
		t.strictSame(new Set(endings.map((one) => one.toLowerCase())), new Set(["many-letters.example"]));
		t.strictSame(new Set(transports(upstream)), new Set(["udp"]));
	});

	test(`${engine}: right id, port and question in another case is no answer: TCP has the word`, async (t) => {
		const { upstream, resolver } = await start(
			t,
			(arrival) => {
				if (arrival.transport === "tcp") return right(arrival, 0);
				return reply(arrival.query, { question: flattened(arrival), answer: FALSE });
			},
			{ engine },
		);
		t.match(await resolver.ask(query("www.with-many-letters.example")), { via: "upstream", answer: RIGHT });
		t.match(await resolver.ask(query("www.with-many-letters.example")), { via: "cache", answer: RIGHT });
		t.strictSame(transports(upstream), ["udp", "tcp"]);
		t.equal(resolver.counters.readUpstream(0, "wrongCases"), 1);
		t.equal(resolver.counters.readUpstream(0, "strangers"), 1);
	});
}

test("each try has a case of its own", async (t) => {
	const { upstream, resolver } = await start(
		t,
		(arrival, number) => (number < 3 ? undefined : right(arrival, number)),
		{ config: { upstreams: { timeout: "50ms", attempts: 4 } } },
	);
	t.match(await resolver.ask(query("www.with-many-letters.example")), { answer: RIGHT });
	t.equal(new Set(upstream.arrivals.map(caseOf)).size, 4);
});

test("an upstream that does not keep case is noticed, told of once, and asked without", async (t) => {
	const { upstream, resolver } = await start(t, (arrival) =>
		reply(arrival.query, { question: flattened(arrival), answer: [a("192.0.2.1")] }),
	);
	for (let i = 0; i < 10; i++) {
		t.match(await resolver.ask(query(`n${i}.with-many-letters.example`)), { via: "upstream", answer: RIGHT });
	}
	t.strictSame(transports(upstream).slice(0, 8), Array.from({ length: 4 }, () => ["udp", "tcp"]).flat());
	t.strictSame(transports(upstream).slice(8), new Array(6).fill("udp"));
	t.equal(resolver.counters.readUpstream(0, "caseExemptions"), 1);
	t.equal(resolver.reports.length, 1);
	t.match(resolver.reports[0], /does not keep the case/);
	t.strictSame(
		upstream.arrivals.slice(8).map(caseOf),
		upstream.arrivals.slice(8).map(({ name }) => name),
	);
});

test("after a day it is tried again, and one question is enough to tell", (t) => {
	const keeping = new CaseKeeping();
	const day = 24 * 60 * 60 * 1000;
	t.strictSame(
		[10, 20, 30, 40].map((now) => keeping.lost(now)),
		[false, false, false, true],
	);
	t.ok(keeping.isExempt(40 + day - 1));
	t.notOk(keeping.lost(50), "what was under way meanwhile tells nothing new");
	t.notOk(keeping.isExempt(40 + day));
	t.ok(keeping.lost(40 + day));
	t.ok(keeping.isExempt(41 + day));
	keeping.kept();
	t.notOk(keeping.lost(60 + 2 * day), "unless it kept it in between");
	t.end();
});

test("one that keeps no case and speaks no TCP answers all the same", async (t) => {
	const { upstream, resolver } = await start(
		t,
		(arrival) => reply(arrival.query, { question: flattened(arrival), answer: [a("192.0.2.1")] }),
		{ config: { upstreams: { timeout: "50ms" } } },
		false,
	);
	for (let i = 0; i < 8; i++) await resolver.ask(query(`n${i}.with-many-letters.example`));
	t.equal(resolver.counters.readUpstream(0, "caseExemptions"), 1);
	t.equal(resolver.counters.readUpstream(0, "up"), 1, "nobody can bring an upstream down in this way");
	t.match(await resolver.ask(query("at-last.with-many-letters.example")), { via: "upstream", answer: RIGHT });
	t.strictSame(new Set(transports(upstream)), new Set(["udp"]));
});

test("what TCP does not confirm exempts nobody", async (t) => {
	const { upstream, resolver } = await start(t, (arrival) =>
		arrival.transport === "tcp"
			? right(arrival, 0)
			: reply(arrival.query, { question: flattened(arrival), flags: QR | RA | 3, authority: [soa(60, 60)] }),
	);
	for (let i = 0; i < 12; i++) {
		t.match(await resolver.ask(query(`n${i}.with-many-letters.example`)), { rcode: 0, answer: RIGHT });
	}
	t.equal(resolver.counters.readUpstream(0, "caseExemptions"), 0);
	t.equal(upstream.arrivals.length, 24);
});

test("nor do forgeries among answers that keep it", async (t) => {
	const { resolver } = await start(t, (arrival, number) =>
		arrival.transport === "udp" && number % 3 === 0
			? reply(arrival.query, { question: flattened(arrival), answer: FALSE })
			: right(arrival, number),
	);
	for (let i = 0; i < 30; i++) {
		t.match(await resolver.ask(query(`n${i}.with-many-letters.example`)), { answer: RIGHT });
	}
	t.ok(resolver.counters.readUpstream(0, "wrongCases") >= 10);
	t.equal(resolver.counters.readUpstream(0, "caseExemptions"), 0);
});

test("exempt names, and all with random case switched off by a reload", async (t) => {
	const exempt = ["plain.example", "*.below.example"];
	const config = { upstreams: { randomCase: { exempt } } };
	const { upstream, resolver } = await start(t, right, { config });
	const lower = async (name: string) => {
		await resolver.ask(query(name));
		const last = upstream.arrivals[upstream.arrivals.length - 1];
		return last !== undefined && caseOf(last) === name;
	};
	const long = "abcdefghijklmnopqrstuvwxyz".repeat(2);
	for (const name of ["plain.example", `${long}.plain.example`, `${long}.below.example`]) {
		t.ok(await lower(name), name);
	}
	for (const name of [`${long}.example`, `${long}plain.example`, `x.${long}below.example`]) {
		t.notOk(await lower(name), name);
	}
	await resolver.reload({ config: { upstreams: { randomCase: { enabled: false } } } });
	t.ok(await lower(`other-${long}.example`));
});

test("over TCP nothing is gained by it", async (t) => {
	const upstream = await startServer(t, right);
	const resolver = await startResolver(t, { upstreams: [`tcp://127.0.0.1:${upstream.port}`] });
	await resolver.ask(query("www.with-many-letters.example"));
	t.strictSame(upstream.arrivals.map(caseOf), ["www.with-many-letters.example"]);
});
