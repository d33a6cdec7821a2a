import { test } from "tap";
import { PoolUnavailable } from "../../../src/pool/store.ts";
import { freePort } from "../../bench/free-port.ts";
import { entry, put, puts } from "../store-contract/pool.ts";
import { openStore } from "./opening.ts";
import { TcpProxy } from "./proxy.ts";
import { RedisServer, singleSettings } from "./server.ts";
import { until } from "./until.ts";
import { checkWhole } from "./whole.ts";

/** Always the shortest wait. */
const random = () => 0;

test("a server that is down at the start, comes, goes away, and comes back", async (t) => {
	const port = await freePort();
	const { store, log, states } = await openStore(t, singleSettings(port), { random });
	t.equal(store.up, false);
	const calls: readonly Promise<unknown>[] = [
		store.head(),
		store.create(),
		store.commit([put("a.example")], []),
		store.read("a.example"),
		store.sweep("n", 1),
		store.wait({ epoch: "e", seq: 0, token: "" }, 60_000, new AbortController().signal),
		store.scan()[Symbol.asyncIterator]().next(),
		store.remember("key", "outcome"),
		store.batches(),
		store.audit(undefined, 1),
		store.clockAheadMs(),
	];
	for (const call of calls) {
		await t.rejects(call, { name: "PoolUnavailable", message: `127.0.0.1:${port} refuses connections` });
	}

	const server = await RedisServer.start(t, { port, conf: ["appendonly yes", "appendfsync always"] });
	await until("it to be up", () => store.up);
	const start = await store.create();
	await store.commit(puts(10), []);
	await server.kill();
	await until("it to be down", () => !store.up);
	await t.rejects(store.head(), PoolUnavailable);
	await server.start();
	await until("it to be up again", () => store.up);
	await store.commit([put("more.example")], [entry("add")]);
	t.equal((await checkWhole(t, store, start)).size, 11);

	t.match(states, [{ up: false }, { up: true }, { up: false }, { up: true }]);
	t.equal(states.length, 4, "one word for each change");
	const changes = log.lines.filter(({ level }) => level !== "debug").map((line) => line.message);
	t.equal(changes.filter((message) => /can be reached/.test(message)).length, 2);
	t.ok(changes.filter((message) => /cannot be reached/.test(message)).length >= 2);
	t.ok(changes.length <= 7, `one line for each change, not for each attempt: ${changes.join("; ")}`);
});

test("a connection that is cut is made again", async (t) => {
	const server = await RedisServer.start(t);
	const proxy = await TcpProxy.start(t, server.port);
	const { store, states } = await openStore(t, singleSettings(proxy.port), { random });
	const start = await store.create();
	const waiting = store.wait(start, 60_000, new AbortController().signal);
	await until("the waiting connection", async () => /cmd=xread/.test(await server.cli("client", "list")));
	proxy.cut();
	await t.rejects(waiting, PoolUnavailable, "whoever waits is told");
	await until("it to be down", () => !store.up);
	proxy.mend();
	await until("it to be up", () => store.up);
	await store.commit([put("a.example")], []);
	await store.wait(start, 60_000, new AbortController().signal);
	t.match(states, [{ up: true }, { up: false }, { up: true }]);
});

test("a server that does not answer in time", async (t) => {
	const server = await RedisServer.start(t);
	const { store, states } = await openStore(t, { ...server.settings, timeoutMs: 300 }, { random });
	const start = await store.create();
	server.pause();
	const failed = await store.commit([put("a.example")], []).catch((error: unknown) => error);
	t.match(String(failed), /did not answer within 300 ms.*not known.*again is safe/);
	t.equal(store.up, false);
	await t.rejects(store.head(), PoolUnavailable);
	server.resume();
	await until("it to be up", () => store.up);
	const { position } = await store.commit([put("a.example")], []);
	t.equal(position.seq, 1, "made twice, it is there once");
	await checkWhole(t, store, start);

	const asleep = server.cli("debug", "sleep", "1");
	await until("it to sleep", async () => {
		await store.head().catch(() => undefined);
		return !store.up;
	});
	await asleep;
	await until("it to be up", () => store.up);
	t.match(states, [{ up: true }, { up: false }, { up: true }, { up: false }, { up: true }]);
});

test("a network that swallows everything", async (t) => {
	const server = await RedisServer.start(t);
	const proxy = await TcpProxy.start(t, server.port);
	const { store } = await openStore(t, { ...singleSettings(proxy.port), timeoutMs: 300 }, { random });
	const start = await store.create();
	const waiting = store.wait(start, 60_000, new AbortController().signal);
	await until("the waiting connection", async () => /cmd=xread/.test(await server.cli("client", "list")));
	proxy.stall();
	await t.rejects(store.head(), { name: "PoolUnavailable", message: /did not answer within 300 ms/ });
	await t.rejects(waiting, PoolUnavailable, "a read that blocks ends too");
	proxy.mend();
	await until("it to be up", () => store.up);
	t.strictSame(await store.head(), start);
});

test("closing ends everything at once, up or down", async (t) => {
	const down = await openStore(t, singleSettings(await freePort()));
	await down.store.close();
	await down.store.close();
	await t.rejects(down.store.head(), { name: "PoolUnavailable", message: /was closed/ });
	const server = await RedisServer.start(t);
	const { store, states } = await openStore(t, server.settings);
	const start = await store.create();
	const waiting = store.wait(start, 60_000, new AbortController().signal);
	const underWay = store.commit([put("a.example")], []).catch((error: unknown) => error);
	await store.close();
	await waiting;
	const outcome = await underWay;
	t.ok(outcome instanceof PoolUnavailable || (outcome as { position?: unknown }).position !== undefined);
	t.strictSame(states, [{ up: true }]);
	await until(
		"its connections to be gone",
		async () => !/name=cordon/.test(await server.cli("client", "list")),
	);
});

test("the clock of the server tells how far ours is ahead", async (t) => {
	const server = await RedisServer.start(t);
	const { store } = await openStore(t, server.settings, { now: () => Date.now() + 7_200_000 });
	t.ok(Math.abs((await store.clockAheadMs()) - 7_200_000) < 60_000);
});
