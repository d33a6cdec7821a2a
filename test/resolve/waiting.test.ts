/** Questions that wait: how many of one client, for how long, and what becomes of the others meanwhile. */
import { test } from "tap";
import { ClientCounts } from "../../src/resolve/client-counts.ts";
import { EDE } from "../../src/wire/codes.ts";
import { startServer } from "../upstream/server.ts";
import { a, query, reply } from "../wire/message.ts";
import { startResolver } from "./resolving.ts";

const allow = ["0.0.0.0/0", "::/0"];

test("a client has no more than its share waiting, over all names; others have theirs", async (t) => {
	const upstream = await startServer(t, () => undefined);
	const resolver = await startResolver(t, {
		upstreams: [upstream.port],
		config: { access: { allow, maxWaitingPerClient: 10 }, upstreams: { timeout: "30s" } },
	});
	const ask = (name: string, from: string, transport: "udp" | "tcp" = "udp") =>
		resolver.ask(query(name, { edns: {} }), { from, transport });
	const waiting = Array.from({ length: 10 }, (_, i) =>
		ask(`n${i % 5}.example`, "192.0.2.1", i % 2 === 0 ? "udp" : "tcp"),
	);
	await upstream.arrival(4);
	t.equal(resolver.counters.readNumber("askersWaiting"), 10);
	for (const name of ["n0.example", "new.example"])
		t.match(await ask(name, "192.0.2.1"), {
			via: "limited",
			rcode: 2,
			edns: { ede: EDE.OTHER, text: /wait for answers/ },
		});
	t.equal(resolver.limited("waiting", "failed"), 2);
	t.equal(resolver.counters.readNumber("flightsOpen"), 5);

	waiting.push(ask("n0.example", "192.0.2.2"), ask("m.example", "2001:db8::1"));
	for (let i = 0; i < 9; i++) waiting.push(ask(`v${i}.example`, "2001:db8::ffff"));
	t.match(await ask("w.example", "2001:db8::77"), { via: "limited" }, "a /64 is one client");
	await upstream.arrival(14);
	for (const { query: asked, send } of upstream.arrivals) send(reply(asked, { answer: [a("192.0.2.1")] }));
	for (const found of await Promise.all(waiting)) t.match(found, { via: "upstream", rcode: 0 });
	t.equal(resolver.counters.readNumber("askersWaiting"), 0);

	const again = ask("again.example", "192.0.2.1");
	const arrival = await upstream.arrival(15);
	arrival.send(reply(arrival.query, { answer: [a("192.0.2.1")] }));
	t.match(await again, { via: "upstream" }, "there is room again");
});

test("loopback is exempt by default, others by configuration", async (t) => {
	const upstream = await startServer(t, () => undefined);
	const options = {
		upstreams: [upstream.port],
		config: { access: { allow, maxWaitingPerClient: 1 }, upstreams: { timeout: "30s" } },
	};
	const resolver = await startResolver(t, options);
	const fly = (name: string, from: string) => {
		void resolver.ask(query(name), { from });
		return resolver.counters.readNumber("askersWaiting");
	};
	t.equal(fly("a.example", "127.0.0.1"), 1);
	t.equal(fly("b.example", "127.0.0.1"), 2);
	t.equal(fly("a.example", "192.0.2.1"), 3);
	t.equal(fly("b.example", "192.0.2.1"), 3);
	await resolver.reload({
		...options,
		config: { ...options.config, access: { allow, maxWaitingPerClient: 0 } },
	});
	t.equal(fly("c.example", "192.0.2.1"), 4, "no limit");
	await resolver.reload({
		...options,
		config: { ...options.config, access: { allow, maxWaitingPerClient: 1, waitingExempt: ["192.0.2.0/24"] } },
	});
	t.equal(fly("d.example", "192.0.2.1"), 5);
	t.equal(fly("d.example", "127.0.0.1"), 5, "loopback is named no longer");
});

test("clients that wait for one answer, and in all, are bounded", async (t) => {
	const upstream = await startServer(t, () => undefined);
	const resolver = await startResolver(t, {
		upstreams: [upstream.port],
		config: { access: { allow }, upstreams: { timeout: "30s", maxInFlight: 2000 } },
	});
	const address = (i: number) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;
	const asked = query("slow.example");
	let shed = 0;
	for (let i = 0; i < 5000; i++)
		void resolver
			.ask(asked, { from: address(i) })
			.then((found) => (shed += found?.via === "limited" ? 1 : 0));
	await upstream.arrival(0);
	t.equal(resolver.counters.readNumber("askersWaiting"), 4096, "for one answer");
	for (let i = 0; i < 5000; i++) void resolver.ask(query("other.example"), { from: address(i) });
	await upstream.arrival(1);
	t.equal(resolver.counters.readNumber("askersWaiting"), 8000, "in all");
	t.equal(shed, 904);
	t.equal(resolver.counters.readNumber("flightsShed"), 904 + 1096);
});

/** CVE-2024-33655, DNSBomb: questions collected over seconds must not be answered in one pulse. */
test("answers that took too long go into the cache, not out over UDP", async (t) => {
	const upstream = await startServer(t, () => undefined);
	const resolver = await startResolver(t, {
		upstreams: [upstream.port],
		config: { access: { allow }, upstreams: { timeout: "30s" } },
	});
	const ask = (transport: "udp" | "tcp", ago: number) =>
		resolver.ask(query("held.example"), { transport, later: -ago });
	const late = ask("udp", 2500);
	const overTcp = ask("tcp", 2500);
	const recent = ask("udp", 500);
	const arrival = await upstream.arrival(0);
	arrival.send(reply(arrival.query, { answer: [a("192.0.2.1")] }));
	t.equal(await late, undefined);
	t.match(await overTcp, { via: "upstream" }, "over TCP nobody asks in another's name");
	t.match(await recent, { via: "upstream" });
	t.equal(resolver.limited("late", "dropped"), 1);
	t.match(await ask("udp", 0), { via: "cache" }, "whoever asks again has it at once");
});

test("discardAfter 0s: everything is sent", async (t) => {
	const upstream = await startServer(t, () => undefined);
	const resolver = await startResolver(t, {
		upstreams: [upstream.port],
		config: { access: { allow, discardAfter: "0s" }, upstreams: { timeout: "30s" } },
	});
	const late = resolver.ask(query("held.example"), { later: -20_000 });
	const arrival = await upstream.arrival(0);
	arrival.send(reply(arrival.query, { answer: [a("192.0.2.1")] }));
	t.match(await late, { via: "upstream" });
});

test("counts of clients: over workers, and gone with a worker", (t) => {
	const memory = ClientCounts.create(3);
	const [one, two] = [new ClientCounts(memory, 0, 3, 5), new ClientCounts(memory, 1, 3, 5)];
	const place = one.placeOf(Uint8Array.of(192, 0, 2, 1), 0, 4);
	t.equal(two.placeOf(Uint8Array.of(9, 192, 0, 2, 1), 1, 4), place);
	one.enter(place);
	two.enter(place);
	two.enter(place);
	t.equal(one.countOf(place), 3);
	t.equal(one.total, 3);
	two.leave(place);
	t.equal(one.countOf(place), 2);
	ClientCounts.forget(memory, 1);
	t.equal(one.countOf(place), 1);
	// Others who share one column are not taken for it, but for those few who share both.
	let strangers = 0;
	for (let i = 0; i < 10_000; i++)
		if (one.countOf(one.placeOf(Uint8Array.of(10, 0, i >> 8, i & 255), 0, 4)) > 0) strangers++;
	t.ok(strangers < 5, `${strangers} of 10,000`);
	t.end();
});
