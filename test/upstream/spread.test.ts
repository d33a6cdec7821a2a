import { test } from "tap";
import { RandomNumbers } from "../../src/upstream/random.ts";
import { startResolver } from "../resolve/resolving.ts";
import { a, query, reply } from "../wire/message.ts";
import { startServer } from "./server.ts";

const QUESTIONS = 1000;

/** How often a number follows the one before it, up or down. */
function inSequence(numbers: readonly number[]): number {
	return numbers.filter((number, i) => i > 0 && Math.abs(number - (numbers[i - 1] ?? 0)) <= 1).length;
}

for (const engine of ["dgram", "batch"] as const) {
	test(`${engine}: nobody can know the next port or id`, async (t) => {
		const upstream = await startServer(t, ({ query: asked }) => reply(asked, { answer: [a("192.0.2.1")] }));
		const resolver = await startResolver(t, { engine, upstreams: [upstream.port] });
		for (let i = 0; i < QUESTIONS; i++) await resolver.ask(query(`n${i}.example`));
		t.equal(upstream.arrivals.length, QUESTIONS);
		const ports = upstream.arrivals.map(({ port }) => port);
		const ids = upstream.arrivals.map(({ id }) => id);
		t.ok(new Set(ports).size >= 900, `${new Set(ports).size} different ports`);
		t.ok(new Set(ids).size >= 900, `${new Set(ids).size} different ids`);
		t.ok(inSequence(ports) < 20, `${inSequence(ports)} ports in sequence`);
		t.ok(inSequence(ids) < 20, `${inSequence(ids)} ids in sequence`);
		t.ok(Math.max(...ids) - Math.min(...ids) > 60_000, "over the whole range");
	});

	test(`${engine}: the client's id is not the upstream's`, async (t) => {
		const upstream = await startServer(t, ({ query: asked }) => reply(asked, { answer: [a("192.0.2.1")] }));
		const resolver = await startResolver(t, { engine, upstreams: [upstream.port] });
		for (let i = 0; i < 50; i++) await resolver.ask(query(`n${i}.example`, { id: 0x5555 }));
		t.ok(upstream.arrivals.filter(({ id }) => id === 0x5555).length < 5);
	});

	test(`${engine}: many questions at once, more than there are sockets for`, async (t) => {
		const upstream = await startServer(t, () => undefined);
		const resolver = await startResolver(t, {
			engine,
			upstreams: [upstream.port],
			config: { upstreams: { timeout: "30s" } },
		});
		const all: Promise<{ readonly answer: readonly unknown[] } | undefined>[] = [];
		// A round each, so that the batch carrier comes to its most channels too.
		for (let i = 0; i < 700; i++) {
			all.push(resolver.ask(query(`n${i}.example`)));
			await upstream.arrival(i);
		}
		t.ok(new Set(upstream.arrivals.map(({ port }) => port)).size >= 250);
		const pairs = new Set(upstream.arrivals.map(({ id, port }) => id * 65_536 + port));
		t.equal(pairs.size, 700, "no two on one port have one id");
		for (const { query: asked, send } of upstream.arrivals) send(reply(asked, { answer: [a("192.0.2.1")] }));
		t.ok((await Promise.all(all)).every((found) => found?.answer.length === 1));
		t.equal(resolver.counters.readNumber("flightsOpen"), 0);
		t.equal((await resolver.ask(query("n1.example")))?.answer.length, 1);
	});
}

test("numbers below a bound are all as likely", (t) => {
	const random = new RandomNumbers();
	const seen = new Array<number>(7).fill(0);
	for (let i = 0; i < 70_000; i++) seen[random.below(7)] += 1;
	for (const count of seen) t.ok(Math.abs(count - 10_000) < 1000, `${count}`);
	for (let i = 0; i < 5000; i++)
		if (random.port() < 1024 || random.port() > 65_535) t.fail("a port of custom");
	t.equal(random.below(1), 0);
	t.end();
});
