import { test } from "tap";
import { startResolver } from "../resolve/resolving.ts";
import { a, query, reply } from "../wire/message.ts";
import { startServer } from "./server.ts";

const QUESTIONS = 2048;
const BINS = 64;
/** Of chi-square with 63 degrees of freedom: one honest run in a thousand million lies above it. */
const CHI_SQUARE_MOST = 156;

/** How far the numbers, each below `range`, are from being spread evenly. */
function chiSquare(numbers: readonly number[], range: number): number {
	const counts = new Array<number>(BINS).fill(0);
	for (const number of numbers) counts[Math.floor((number * BINS) / range)] += 1;
	const expected = numbers.length / BINS;
	return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/** Of numbers below 65536: how far each is from the one before it, going round. */
function steps(numbers: readonly number[]): number[] {
	return numbers.slice(1).map((number, i) => (number - (numbers[i] ?? 0) + 65_536) & 0xffff);
}

for (const engine of ["dgram", "batch"] as const) {
	test(`${engine}: ids and ports of ${QUESTIONS} questions, measured (RFC 5452, section 9.2)`, async (t) => {
		const upstream = await startServer(t, ({ query: asked }) => reply(asked, { answer: [a("192.0.2.1")] }));
		const resolver = await startResolver(t, { engine, upstreams: [upstream.port] });
		for (let i = 0; i < QUESTIONS; i++) await resolver.ask(query(`n${i}.example`));
		const ids = upstream.arrivals.map(({ id }) => id);
		const ports = upstream.arrivals.map(({ port }) => port);
		t.equal(ids.length, QUESTIONS);
		for (const [what, measured] of [
			["ids", chiSquare(ids, 65_536)],
			["steps from one id to the next", chiSquare(steps(ids), 65_536)],
			[
				"low bits of ids",
				chiSquare(
					ids.map((id) => id & 0xff),
					256,
				),
			],
		] as const) {
			t.ok(measured < CHI_SQUARE_MOST, `${what}: ${measured.toFixed(1)}`);
		}
		t.ok(new Set(ports.slice(0, 1000)).size >= 900, "of 1,000 questions 900 have a port of their own");
		t.ok(Math.min(...ports) >= 1024);
		// The dgram engine's ports are the system's choice, from a range of its own.
		if (engine === "batch") {
			const measured = chiSquare(
				ports.map((port) => port - 1024),
				65_536 - 1024,
			);
			t.ok(measured < CHI_SQUARE_MOST, `ports: ${measured.toFixed(1)}`);
		}
		// One draw that gave both would have them go together.
		const together = ids.filter((id, i) => id % 2 === (ports[i] ?? 0) % 2).length;
		t.ok(Math.abs(together - QUESTIONS / 2) < 160, "seven standard deviations");
	});
}

test("questions of one moment: one port with the batch engine, one each with dgram; ids never shared", async (t) => {
	for (const engine of ["dgram", "batch"] as const) {
		const upstream = await startServer(t, () => undefined);
		const config = { upstreams: { timeout: "30s" } };
		const resolver = await startResolver(t, { engine, upstreams: [upstream.port], config });
		const all = Array.from({ length: 60 }, (_, i) => resolver.ask(query(`n${i}.example`)));
		await upstream.arrival(59);
		t.equal(new Set(upstream.arrivals.map(({ port }) => port)).size, engine === "batch" ? 1 : 60, engine);
		if (engine === "batch") t.equal(new Set(upstream.arrivals.map(({ id }) => id)).size, 60);
		for (const { query: asked, send } of upstream.arrivals) send(reply(asked, { answer: [a("192.0.2.1")] }));
		await Promise.all(all);
	}
});
