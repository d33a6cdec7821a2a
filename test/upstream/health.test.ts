import { test } from "tap";
import { Health } from "../../src/upstream/health.ts";
import { startResolver } from "../resolve/resolving.ts";
import { a, query, reply } from "../wire/message.ts";
import { closedPort, startServer } from "./server.ts";

test("three failures in a row and it is down, for a while", (t) => {
	const health = new Health();
	t.ok(health.isUp);
	health.failed(1000);
	health.failed(1001);
	t.ok(health.isUp);
	health.answered(20);
	health.failed(1002);
	health.failed(1003);
	t.ok(health.isUp, "an answer in between makes it begin anew");
	health.failed(1004);
	t.notOk(health.isUp);
	t.notOk(health.mayBeAsked(2003));
	t.ok(health.mayBeAsked(2004));
	t.end();
});

test("then one question finds out, and each time it fails the pause doubles", (t) => {
	const health = new Health();
	for (let i = 0; i < 3; i++) health.failed(0);
	const pauses: number[] = [];
	let now = 0;
	for (let i = 0; i < 9; i++) {
		pauses.push(health.retryAt - now);
		now = health.retryAt;
		health.asked(now, 500);
		t.notOk(health.mayBeAsked(now), "one only");
		health.failed(now + 1);
		now++;
	}
	t.strictSame(pauses, [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
	health.asked(health.retryAt, 500);
	health.answered(10);
	t.ok(health.isUp);
	t.ok(health.mayBeAsked(0));
	for (let i = 0; i < 3; i++) health.failed(0);
	t.equal(health.retryAt, 1000, "an answer makes the pauses short again");
	t.end();
});

test("many questions that fail together make no longer pause than three", (t) => {
	const health = new Health();
	for (let i = 0; i < 1000; i++) health.failed(5);
	t.equal(health.retryAt, 1005);
	health.asked(10, 500);
	health.failed(600);
	t.equal(health.retryAt, 1005, "nor do those that were asked all the same, for want of another");
	t.end();
});

test("the round-trip time is smoothed, and grows with failures within limits", (t) => {
	const health = new Health();
	t.equal(health.roundTripMs, 0);
	health.answered(80);
	t.equal(health.roundTripMs, 80);
	health.answered(160);
	t.equal(health.roundTripMs, 90);
	health.failed(0);
	t.equal(health.roundTripMs, 180);
	for (let i = 0; i < 20; i++) health.failed(0);
	t.equal(health.roundTripMs, 5000);
	t.end();
});

test("an upstream that is down is left alone, probed, and taken back", async (t) => {
	const port = await closedPort();
	const second = await startServer(t, ({ query: asked }) => reply(asked, { answer: [a("192.0.2.2")] }));
	const resolver = await startResolver(t, { upstreams: [port, second.port] });
	const sent = () => resolver.counters.readUpstream(0, "queries");
	for (const name of ["a.example", "b.example", "c.example"]) await resolver.ask(query(name));
	t.equal(sent(), 3);
	t.equal(resolver.counters.readUpstream(0, "up"), 0);
	for (const name of ["d.example", "e.example"]) t.equal((await resolver.ask(query(name)))?.via, "upstream");
	t.equal(sent(), 3, "left alone");
	await resolver.ask(query("f.example"), { later: 1100 });
	t.equal(sent(), 4, "probed when the pause is over");
	const first = await startServer(t, ({ query: asked }) => reply(asked, { answer: [a("192.0.2.1")] }), {
		port,
	});
	await resolver.ask(query("g.example"), { later: 1200 });
	t.equal(first.arrivals.length, 0, "the next pause is longer");
	t.match(await resolver.ask(query("h.example"), { later: 4000 }), {
		answer: [{ data: Buffer.of(192, 0, 2, 1) }],
	});
	t.equal(resolver.counters.readUpstream(0, "up"), 1);
	t.match(await resolver.ask(query("i.example")), { answer: [{ data: Buffer.of(192, 0, 2, 1) }] });
});

test("when all are down they are asked all the same", async (t) => {
	const ports = [await closedPort(), await closedPort()];
	const resolver = await startResolver(t, { upstreams: ports, config: { upstreams: { attempts: 4 } } });
	for (let i = 0; i < 5; i++) t.equal((await resolver.ask(query(`n${i}.example`)))?.rcode, 2);
	t.equal(resolver.counters.readUpstream(0, "up"), 0);
	t.equal(resolver.counters.readUpstream(1, "up"), 0);
	await startServer(t, ({ query: asked }) => reply(asked, { answer: [a("192.0.2.1")] }), {
		port: ports[1] ?? 0,
	});
	t.equal((await resolver.ask(query("back.example")))?.rcode, 0, "so that the first to come back is found");
});
