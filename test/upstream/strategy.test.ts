import { test } from "tap";
import { startResolver } from "../resolve/resolving.ts";
import { a, query, reply } from "../wire/message.ts";
import { type Handler, startServer, type UpstreamServer } from "./server.ts";

const good: Handler = ({ query: asked }) => reply(asked, { answer: [a("192.0.2.1")] });
const counts = (servers: readonly UpstreamServer[]) => servers.map(({ arrivals }) => arrivals.length);

test("strict: the first of the list, always", async (t) => {
	const servers = await Promise.all([good, good, good].map((handler) => startServer(t, handler)));
	const upstreams = servers.map(({ port }) => port);
	const resolver = await startResolver(t, { upstreams, config: { upstreams: { strategy: "strict" } } });
	for (let i = 0; i < 30; i++) await resolver.ask(query(`n${i}.example`));
	t.strictSame(counts(servers), [30, 0, 0]);
});

test("random: all of them", async (t) => {
	const servers = await Promise.all([good, good, good].map((handler) => startServer(t, handler)));
	const upstreams = servers.map(({ port }) => port);
	const resolver = await startResolver(t, { upstreams, config: { upstreams: { strategy: "random" } } });
	for (let i = 0; i < 150; i++) await resolver.ask(query(`n${i}.example`));
	// Fewer than 10 of 150 at a third each: less likely than one in 10^14.
	for (const count of counts(servers)) t.ok(count >= 10, `${count}`);
});

test("fastest: each is tried, then mostly the quickest", async (t) => {
	const slow: Handler = (arrival) => {
		setTimeout(() => arrival.send(reply(arrival.query, { answer: [a("192.0.2.1")] })), 40);
		return undefined;
	};
	const servers = await Promise.all([slow, good].map((handler) => startServer(t, handler)));
	const upstreams = servers.map(({ port }) => port);
	const resolver = await startResolver(t, { upstreams, config: { upstreams: { strategy: "fastest" } } });
	for (let i = 0; i < 60; i++) await resolver.ask(query(`n${i}.example`));
	const [ofSlow = 0, ofQuick = 0] = counts(servers);
	t.ok(ofSlow >= 1, "the slow one had its try");
	t.ok(ofQuick > ofSlow, `${ofQuick} to ${ofSlow}`);
});
