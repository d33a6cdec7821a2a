import { createSocket } from "node:dgram";
import { once } from "node:events";
import { type Test, test } from "tap";
import { startResolver } from "../resolve/resolving.ts";
import {
	a,
	cname,
	message,
	QR,
	query,
	question,
	questionEnd,
	RA,
	RD,
	reply,
	TC,
	word,
} from "../wire/message.ts";
import { type Arrival, startServer } from "./server.ts";

const RIGHT = Buffer.of(192, 0, 2, 1);
const FALSE = [a("203.0.113.66")];

const right = (arrival: Arrival) => reply(arrival.query, { answer: [a("192.0.2.1")] });

/** These look like somebody who guesses: the question is asked again over TCP, where the right answer is found. */
const GUESSED: readonly string[] = [
	"another id",
	"another name",
	"another type",
	"another class",
	"false and truncated",
];

/** What is sent ahead of the right answer; none of it may be taken for one, and none may end the wait. */
const FORGERIES: readonly (readonly [string, (arrival: Arrival) => readonly Buffer[]])[] = [
	[
		"another id",
		({ query: asked, id }) =>
			[id ^ 1, id ^ 0x8000, id + 1].map((wrong) => reply(asked, { id: wrong & 0xffff, answer: FALSE })),
	],
	[
		"another name",
		({ query: asked }) => [reply(asked, { question: question("xyz.example.org"), answer: FALSE })],
	],
	[
		"another type",
		({ query: asked }) => [reply(asked, { question: question("www.example.org", 28), answer: FALSE })],
	],
	[
		"another class",
		({ query: asked }) => [reply(asked, { question: question("www.example.org", 1, 3), answer: FALSE })],
	],
	["no question", ({ id }) => [message({ id, flags: QR, answer: FALSE }), message({ id, flags: QR | 2 })]],
	["two questions", ({ query: asked }) => [reply(asked, { counts: [2, 1, 0, 0], answer: FALSE })]],
	["no response", ({ query: asked }) => [reply(asked, { flags: RD, answer: FALSE }), asked]],
	["another opcode", ({ query: asked }) => [reply(asked, { flags: QR | 0x2800, answer: FALSE })]],
	[
		"next to nothing",
		({ id }) => [Buffer.alloc(0), Buffer.of(1), word(id), message({ id, flags: QR }).subarray(0, 11)],
	],
	[
		"cut off",
		(arrival) => [right(arrival).subarray(0, -1), right(arrival).subarray(0, questionEnd(arrival.query) + 3)],
	],
	[
		"counts that lie",
		({ query: asked }) => [
			reply(asked, { answer: FALSE, counts: [1, 2, 0, 0] }),
			reply(asked, { answer: FALSE, counts: [1, 1, 0xffff, 0xffff] }),
		],
	],
	[
		"data past the end",
		({ query: asked }) => [reply(asked, { answer: [{ ...a("203.0.113.66"), length: 500 }] })],
	],
	[
		"a pointer loop as owner",
		({ query: asked }) => [
			reply(asked, { answer: [a("203.0.113.66", 60, word(0xc000 | questionEnd(asked)))] }),
		],
	],
	[
		"a pointer loop as target",
		({ query: asked }) => [
			reply(asked, { answer: [{ ...cname("x"), data: word(0xc000 | (questionEnd(asked) + 12)) }] }),
		],
	],
	[
		"false and truncated",
		({ query: asked, id }) => [
			reply(asked, { id: id ^ 1, flags: QR | TC }),
			reply(asked, { flags: QR | TC, question: question("x.example") }),
		],
	],
	[
		"more than was offered",
		({ query: asked }) => [
			Buffer.concat([reply(asked, { answer: FALSE, counts: [1, 2, 0, 0] }), Buffer.alloc(8000, 0xff)]),
		],
	],
];

for (const engine of ["dgram", "batch"] as const) {
	for (const [what, forge] of FORGERIES) {
		test(`${engine}: ${what}, then the right answer`, async (t) => {
			const upstream = await startServer(t, (arrival) => {
				if (arrival.transport === "udp") for (const forgery of forge(arrival)) arrival.send(forgery);
				return right(arrival);
			});
			const resolver = await startResolver(t, { engine, upstreams: [upstream.port] });
			t.match(await resolver.ask(query("www.example.org")), {
				via: "upstream",
				rcode: 0,
				answer: [{ data: RIGHT }],
			});
			t.strictSame(
				upstream.arrivals.map(({ transport }) => transport),
				GUESSED.includes(what) ? ["udp", "tcp"] : ["udp"],
			);
			t.ok(resolver.counters.readUpstream(0, "strangers") > 0, "counted");
			t.equal(resolver.counters.readUpstream(0, "answers"), 1);
		});
	}

	test(`${engine}: the right id and question from somewhere else`, async (t) => {
		const stranger = await openSocket(t, "127.0.0.1");
		const upstream = await startServer(t, () => undefined);
		const resolver = await startResolver(t, { engine, upstreams: [upstream.port] });
		const asked = resolver.ask(query("www.example.org"));
		const arrival = await upstream.arrival(0);
		const other = await openSocket(t, "127.0.0.2", upstream.port);
		for (const from of [stranger, other]) arrival.send(reply(arrival.query, { answer: FALSE }), from);
		// On loopback packets keep their order.
		arrival.send(right(arrival));
		t.match(await asked, { answer: [{ data: RIGHT }] });
	});

	test(`${engine}: only forgeries`, async (t) => {
		const upstream = await startServer(t, (arrival) =>
			reply(arrival.query, { id: arrival.id ^ 1, answer: FALSE }),
		);
		const resolver = await startResolver(t, {
			engine,
			upstreams: [upstream.port],
			config: { upstreams: { timeout: "50ms", attempts: 2 } },
		});
		t.match(await resolver.ask(query("www.example.org", { edns: {} })), {
			rcode: 2,
			answer: [],
			edns: { ede: 22 },
		});
		t.strictSame(
			upstream.arrivals.map(({ transport }) => transport),
			["udp", "tcp", "udp", "udp"],
			"TCP once, which is no try; then the wait goes on, as it must where there is no TCP",
		);
	});

	test(`${engine}: an answer that comes twice, and one that comes too late`, async (t) => {
		const upstream = await startServer(t, (arrival) => {
			arrival.send(right(arrival));
			return reply(arrival.query, { answer: FALSE });
		});
		const resolver = await startResolver(t, { engine, upstreams: [upstream.port] });
		for (const name of ["a.example", "b.example", "c.example"]) {
			t.match(await resolver.ask(query(name)), { via: "upstream", answer: [{ data: RIGHT }] });
			t.match(await resolver.ask(query(name)), { via: "cache", answer: [{ data: RIGHT }] });
		}
	});

	test(`${engine}: another case of the question, where none was chosen, and bytes behind the message`, async (t) => {
		const upstream = await startServer(t, ({ query: asked }) =>
			Buffer.concat([
				reply(asked, { question: question("WWW.Example.ORG"), answer: [a("192.0.2.1")] }),
				Buffer.from("garbage"),
			]),
		);
		const config = { upstreams: { randomCase: { enabled: false } } };
		const resolver = await startResolver(t, { engine, upstreams: [upstream.port], config });
		t.match(await resolver.ask(query("wWw.example.org")), {
			question: "wWw.example.org",
			flags: QR | RA | RD,
			answer: [{ name: "wWw.example.org", data: RIGHT }],
		});
	});
}

async function openSocket(t: Test, address: string, port = 0) {
	const socket = createSocket("udp4");
	socket.bind(port, address);
	await once(socket, "listening");
	t.teardown(() => socket.close());
	return socket;
}
