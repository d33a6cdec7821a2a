import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { type Test, test } from "tap";
import { startResolver } from "../resolve/resolving.ts";
import { a, QR, query, question, RA, reply } from "../wire/message.ts";
import { type Arrival, startServer, type UpstreamServer } from "./server.ts";

const RIGHT = [{ data: Buffer.of(192, 0, 2, 1) }];
const FALSE = [a("203.0.113.66")];
const right = ({ query: asked }: Arrival) => reply(asked, { answer: [a("192.0.2.1")] });
const wrongId = ({ query: asked, id }: Arrival, by = 1) =>
	reply(asked, { id: (id + by) & 0xffff, answer: FALSE });

function transports(upstream: UpstreamServer): readonly string[] {
	return upstream.arrivals.map(({ transport }) => transport);
}

/** Sockets and files that are open. */
function descriptors(): number {
	return readdirSync("/proc/self/fd").length;
}

for (const engine of ["dgram", "batch"] as const) {
	test(`${engine}: a guessed id sends the question over TCP, and UDP has no second guess (RFC 5452, section 9.3)`, async (t) => {
		const upstream = await startServer(t, (arrival) => {
			if (arrival.transport === "tcp") return undefined;
			arrival.send(wrongId(arrival));
			// The one that hits: it comes too late.
			return reply(arrival.query, { answer: FALSE });
		});
		const resolver = await startResolver(t, { engine, upstreams: [upstream.port] });
		const asked = resolver.ask(query("www.example"));
		const second = await upstream.arrival(1);
		second.send(right(second));
		t.match(await asked, { via: "upstream", answer: RIGHT });
		t.match(await resolver.ask(query("www.example")), { via: "cache", answer: RIGHT });
		t.strictSame(transports(upstream), ["udp", "tcp"]);
		t.equal(resolver.counters.readUpstream(0, "wrongIds"), 1);
		t.equal(resolver.counters.readUpstream(0, "tcpRetries"), 0, "that is for truncated answers");
	});

	test(`${engine}: the right id with another question does too`, async (t) => {
		const upstream = await startServer(t, (arrival) => {
			if (arrival.transport === "udp")
				arrival.send(reply(arrival.query, { question: question("evil.example"), answer: FALSE }));
			return right(arrival);
		});
		const resolver = await startResolver(t, { engine, upstreams: [upstream.port] });
		t.match(await resolver.ask(query("www.example")), { answer: RIGHT });
		t.strictSame(transports(upstream), ["udp", "tcp"]);
		t.equal(resolver.counters.readUpstream(0, "wrongQuestions"), 1);
	});

	test(`${engine}: of many questions on one socket only the attacked one changes its way`, async (t) => {
		const upstream = await startServer(t, (arrival) => {
			if (arrival.name === "n7.example" && arrival.transport === "udp") arrival.send(wrongId(arrival));
			return right(arrival);
		});
		const resolver = await startResolver(t, { engine, upstreams: [upstream.port] });
		const all = Array.from({ length: 20 }, (_, i) => resolver.ask(query(`n${i}.example`)));
		for (const found of await Promise.all(all)) t.match(found, { answer: RIGHT });
		t.strictSame(
			upstream.arrivals.filter(({ transport }) => transport === "tcp").map(({ name }) => name),
			["n7.example"],
		);
	});

	test(`${engine}: late and doubled answers are no attack`, async (t) => {
		const late: Arrival[] = [];
		const upstream = await startServer(t, (arrival, number) => {
			if (number === 0) {
				late.push(arrival);
				return undefined;
			}
			for (const first of late) first.send(right(first));
			arrival.send(right(arrival));
			return right(arrival);
		});
		const config = { upstreams: { timeout: "50ms" } };
		const resolver = await startResolver(t, { engine, upstreams: [upstream.port], config });
		for (let i = 0; i < 10; i++) t.match(await resolver.ask(query(`n${i}.example`)), { answer: RIGHT });
		for (const doubt of ["wrongIds", "wrongQuestions", "wrongCases"] as const)
			t.equal(resolver.counters.readUpstream(0, doubt), 0, doubt);
		t.strictSame(new Set(transports(upstream)), new Set(["udp"]));
	});

	test(`${engine}: where there is no TCP the right answer still wins`, async (t) => {
		const upstream = await startServer(
			t,
			(arrival) => {
				arrival.send(wrongId(arrival));
				return right(arrival);
			},
			{ tcp: false },
		);
		const config = { upstreams: { timeout: "30s", attempts: 1 } };
		const resolver = await startResolver(t, { engine, upstreams: [upstream.port], config });
		for (let i = 0; i < 5; i++) t.match(await resolver.ask(query(`n${i}.example`)), { answer: RIGHT });
		t.equal(resolver.counters.readUpstream(0, "up"), 1, "a forger cannot bring it down");
	});

	test(`${engine}: junk with the right id, then the right answer (TuDoor)`, async (t) => {
		const upstream = await startServer(t, (arrival) => {
			const whole = right(arrival);
			for (let size = 2; size < whole.length; size++) arrival.send(whole.subarray(0, size));
			for (const flags of [QR | RA | 0x7800, 0, RA])
				arrival.send(reply(arrival.query, { flags, answer: FALSE }));
			arrival.send(reply(arrival.query, { counts: [0, 0, 0, 0] }));
			arrival.send(reply(arrival.query, { counts: [1, 0xffff, 0xffff, 0xffff], answer: FALSE }));
			return whole;
		});
		const config = { upstreams: { timeout: "30s", attempts: 1 } };
		const resolver = await startResolver(t, { engine, upstreams: [upstream.port], config });
		t.match(await resolver.ask(query("www.example")), { via: "upstream", answer: RIGHT });
		t.strictSame(transports(upstream), ["udp"], "none of it ended the wait");
	});

	test(`${engine}: a flood of guesses, measured (Kaminsky)`, async (t) => {
		const upstream = await startServer(t, () => undefined);
		const config = { upstreams: { timeout: "30s", attempts: 1 } };
		const resolver = await startResolver(t, { engine, upstreams: [upstream.port], config });
		const attacker = await rawSocket(t);
		const before = descriptors();
		const memory = process.memoryUsage().arrayBuffers;
		const victims = Array.from({ length: 8 }, (_, i) => resolver.ask(query(`n${i}.example`)));
		await upstream.arrival(7);
		const udp = upstream.arrivals.slice(0, 8);
		for (let guess = 0; guess < 1000; guess++) {
			for (const arrival of udp) {
				// From the upstream's own address and port, and from elsewhere, where the kernel itself refuses.
				arrival.send(wrongId(arrival, 1 + guess));
				arrival.send(wrongId(arrival, 1 + guess), attacker);
			}
			if (guess % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
		}
		await upstream.arrival(15);
		t.equal(resolver.counters.readNumber("flightsOpen"), 8, "none was lost, none was added");
		for (const arrival of upstream.arrivals.slice(8)) {
			t.equal(arrival.transport, "tcp");
			arrival.send(right(arrival));
		}
		for (const found of await Promise.all(victims)) t.match(found, { via: "upstream", answer: RIGHT });
		t.equal(resolver.counters.readNumber("flightsOpen"), 0);
		t.equal(resolver.counters.readUpstream(0, "wrongIds"), 8, "one guess each");
		t.equal(upstream.arrivals.length, 16);
		t.ok(descriptors() <= before + 2, "one TCP connection, with two ends here, and no socket for each guess");
		t.ok(process.memoryUsage().arrayBuffers - memory < 4e6, "nothing is kept of them");
	});
}

async function rawSocket(t: Test) {
	const socket = createSocket("udp4");
	socket.bind(0, "127.0.0.2");
	await once(socket, "listening");
	t.teardown(() => socket.close());
	return socket;
}
