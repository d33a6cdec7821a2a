import { test } from "tap";
import type { PoolRecord } from "../../../src/pool/record.ts";
import { PoolUnavailable } from "../../../src/pool/store.ts";
import { allRecords, entry, expired, follow, inParts, put, puts, sorted } from "../store-contract/pool.ts";
import { openStore } from "./opening.ts";
import { TcpProxy } from "./proxy.ts";
import { RedisServer, singleSettings } from "./server.ts";
import { until } from "./until.ts";
import { checkWhole } from "./whole.ts";

const kept = (count: number, prefix: string): PoolRecord[] =>
	puts(count, prefix).map(({ key, value }) => ({ key, value: value ?? "" }));

test("a pool that is emptied wakes whoever waits, and is never read as an empty one", async (t) => {
	const server = await RedisServer.start(t);
	const { store } = await openStore(t, server.settings);
	await store.create();
	const { position } = await store.commit(puts(900), []);
	const waiting = store.wait(position, 60_000, new AbortController().signal);
	const pages = store.scan()[Symbol.asyncIterator]();
	await pages.next();
	await server.must("flushall");
	await waiting;
	await t.rejects(
		(async () => {
			while ((await pages.next()).done !== true);
		})(),
		{ name: "PoolUnavailable", message: /is not there|was replaced/ },
	);
	await t.rejects(allRecords(store), PoolUnavailable);
	await t.rejects(store.read("a.example"), PoolUnavailable);
	await t.rejects(store.commit([put("a.example")], []), {
		name: "PoolUnavailable",
		message: /is not there: nothing was written/,
	});
	t.equal(await store.changesSince(position, 1), "lost");
	t.equal(await store.sweep("node-1", 10), 0);
	t.equal(await server.cli("dbsize"), "0", "nothing was written");
	const anew = await store.create();
	await store.commit([put("a.example")], []);
	t.equal((await checkWhole(t, store, anew)).size, 1);
});

test("scripts that are flushed are sent again", async (t) => {
	const server = await RedisServer.start(t);
	const { store } = await openStore(t, server.settings);
	const start = await store.create();
	for (let i = 0; i < 3; i++) {
		await store.commit(puts(10, `p${i}-`), []);
		await server.must("script", "flush");
		t.equal((await checkWhole(t, store, start)).size, 10 * (i + 1));
		await server.must("script", "flush");
	}
});

test("a pool that is restored while others follow, read, and write it", async (t) => {
	const server = await RedisServer.start(t);
	const { store } = await openStore(t, server.settings);
	const { store: other } = await openStore(t, server.settings);
	await store.create();
	const { position } = await store.commit(puts(900, "old"), []);
	const waiting = other.wait(position, 600_000, new AbortController().signal);
	await until("it to wait", async () => /cmd=xread/.test(await server.cli("client", "list")));

	// Reads all the time while the pool is replaced: each time the old one, the new one, or a refusal.
	const seen = new Set<number>();
	let over = false;
	const reading = (async () => {
		while (!over) {
			const size = await allRecords(other).then(
				(all) => all.size,
				(error: unknown) => {
					if (!(error instanceof PoolUnavailable)) throw error;
					return -1;
				},
			);
			seen.add(size);
		}
	})();
	const now = await store.restore(inParts(kept(2000, "new"), 500), entry("restore"));
	await waiting;
	over = true;
	await reading;
	t.strictSame(
		[...seen].filter((size) => size !== -1 && size !== 900 && size !== 2000),
		[],
	);
	t.equal(await other.changesSince(position, 1), "replaced");
	t.equal(
		(await other.commit([put("after.example")], [])).position.epoch,
		now.epoch,
		"it writes to the new one",
	);
	await t.rejects(other.commit([put("b.example")], [], position.epoch), {
		name: "PoolUnavailable",
		message: /another epoch/,
	});
	await until(
		"the old one to be deleted",
		async () => (await server.cli("--scan", "--pattern", `*:${position.epoch}*`)) === "",
	);
	t.equal(await server.cli("zcard", "cordon:{default}:garbage"), "0");
});

test("of two nodes that restore at once, one does", async (t) => {
	const server = await RedisServer.start(t);
	const { store } = await openStore(t, server.settings);
	const { store: other } = await openStore(t, server.settings);
	await store.create();
	const outcomes = await Promise.allSettled([
		store.restore(inParts(kept(500, "a"), 100), entry("restore")),
		other.restore(inParts(kept(700, "b"), 100), entry("restore")),
	]);
	const won = outcomes.flatMap((o, i) => (o.status === "fulfilled" ? [{ position: o.value, i }] : []));
	t.equal(won.length, 1);
	const [{ position, i }] = won;
	t.strictSame(await store.head(), position);
	t.strictSame(sorted(await allRecords(store)), sorted(i === 0 ? kept(500, "a") : kept(700, "b")));
	const epochs = async () =>
		new Set(
			(await server.cli("--scan", "--pattern", "*:bucket:*")).split("\n").map((key) => key.split(":")[3]),
		);
	await until("what lost to be deleted", async () => (await epochs()).size === 1);
	t.equal((await store.audit(undefined, 10)).length, 1);
});

test("a restoration that loses what it wrote, or breaks off, replaces nothing", async (t) => {
	const server = await RedisServer.start(t);
	const { store } = await openStore(t, server.settings);
	await store.create();
	const { position } = await store.commit(puts(5), []);
	async function* robbed(): AsyncIterable<readonly PoolRecord[]> {
		yield kept(100, "a");
		const [stolen] = (await server.cli("--scan", "--pattern", "*:bucket:*"))
			.split("\n")
			.filter((key) => !key.includes(position.epoch));
		await server.must("del", stolen);
		yield kept(100, "b");
	}
	await t.rejects(store.restore(robbed(), entry("restore")), {
		name: "PoolUnavailable",
		message: /Nothing was replaced; restore again/,
	});
	async function* broken(): AsyncIterable<readonly PoolRecord[]> {
		yield kept(100, "a");
		throw new Error("the disk is gone");
	}
	await t.rejects(store.restore(broken(), entry("restore")), { message: "the disk is gone" });
	t.strictSame(await store.head(), position);
	t.equal((await allRecords(store)).size, 5);
	const { epoch } = position;
	await until("what was written aside to be deleted", async () =>
		(await server.cli("--scan", "--pattern", "*:bucket:*")).split("\n").every((key) => key.includes(epoch)),
	);
});

test("what a node that died left behind is deleted by the next sweep", async (t) => {
	const server = await RedisServer.start(t);
	const { store } = await openStore(t, server.settings);
	await store.create();
	const base = "cordon:{default}";
	const long = String((await store.now()) - 3 * 3_600_000);
	const lately = String((await store.now()) - 60_000);
	for (const [epoch, at] of [
		["aaaaaaaaaaaaaaaaaaaa", long],
		["bbbbbbbbbbbbbbbbbbbb", lately],
	]) {
		await server.must("zadd", `${base}:garbage`, at, epoch);
		await server.must("hset", `${base}:bucket:${epoch}:7`, "k", "v");
		await server.must("sadd", `${base}:batches:${epoch}`, "b");
		await server.must("hset", `${base}:batch:${epoch}:b`, "state", "held");
	}
	t.equal(await store.sweep("node-1", 10), 0);
	t.equal(await server.cli("--scan", "--pattern", "*aaaaaaaaaaaaaaaaaaaa*"), "");
	t.equal((await server.cli("--scan", "--pattern", "*bbbbbbbbbbbbbbbbbbbb*")).split("\n").length, 3);
});

test("a log that was trimmed right behind the position is followed only where it fits", async (t) => {
	const server = await RedisServer.start(t);
	const { store } = await openStore(t, server.settings);
	const start = await store.create();
	const first = (await store.commit([put("a.example")], [])).position;
	const second = (await store.commit([put("b.example"), put("c.example")], [])).position;
	await store.commit([put("d.example")], []);
	const key = `cordon:{default}:changes:${start.epoch}`;
	await server.must("xtrim", key, "MINID", "2-0");
	t.equal(await store.changesSince(start, 10), "trimmed");
	t.same(
		(await follow(store, first, 10)).changes.map((c) => c.seq),
		[2, 3, 4],
		"the next one names the token before it",
	);
	t.equal(await store.changesSince({ ...first, token: "another" }, 10), "replaced");
	await server.must("xdel", key, "3-0");
	t.match(
		await store.changesSince(first, 10),
		{ changes: [{ seq: 2 }], position: { seq: 2 } },
		"up to the hole",
	);
	t.equal(await store.changesSince({ ...second, seq: 2 }, 10), "trimmed");
	await server.must("del", key);
	t.equal(await store.changesSince(first, 10), "trimmed");
	t.equal((await store.commit([put("e.example")], [])).position.seq, 5);
});

test("a server that lost its last changes and went on differently", async (t) => {
	const server = await RedisServer.start(t);
	const { store } = await openStore(t, server.settings);
	await store.create();
	await store.commit([put("a.example")], []);
	const dump = async () =>
		Promise.all(
			["meta", "changes"].map(async (what) => {
				const [key] = (await server.cli("--scan", "--pattern", `*:${what}*`)).split("\n");
				return { key, copy: `${key}-copy` };
			}),
		);
	// As an asynchronous replica that takes over: it has not seen the last change.
	const keys = await dump();
	for (const { key, copy } of keys) await server.must("copy", key, copy);
	const lost = (await store.commit([put("b.example")], [])).position;
	for (const { key, copy } of keys) await server.must("copy", copy, key, "REPLACE");
	t.equal(await store.changesSince(lost, 10), "replaced", "ahead of all there is");
	await store.commit([put("c.example"), put("d.example")], []);
	t.equal(await store.changesSince(lost, 10), "replaced", "another change is in its place");
});

test("what is renewed while it is being swept stays", async (t) => {
	const server = await RedisServer.start(t);
	const proxy = await TcpProxy.start(t, server.port);
	const { store } = await openStore(t, singleSettings(proxy.port));
	const { store: other } = await openStore(t, server.settings);
	const start = await store.create();
	const names = Array.from({ length: 50 }, (_, i) => `r${i}.example`);
	const now = await store.now();
	await store.commit(
		names.map((name) => expired(name, now)),
		[],
	);
	const renewed = names.filter((_, i) => i % 2 === 0).map((name) => put(name));
	let renewals = 0;
	proxy.overhear = (asked) => {
		// What is due has been looked up, and is on its way to be taken out.
		if (!asked.includes("r1.example") || renewals++ > 0) return;
		return other.commit(renewed, []);
	};
	t.equal(await store.sweep("node-1", 1000), 25);
	t.ok(renewals > 0);
	const keys = await checkWhole(t, store, start);
	t.strictSame([...keys].sort(), renewed.map((edit) => edit.key).sort());
	t.equal((await store.audit(undefined, 100)).length, 25);
	t.equal(await store.sweep("node-1", 1000), 0);

	t.equal(await server.cli("exists", "cordon:{default}:sweeper"), "0", "the lock is given back");
	await server.must("set", "cordon:{default}:sweeper", "somebody", "PX", "60000");
	await store.commit([expired("late.example", now)], []);
	t.equal(await store.sweep("node-1", 10), 0, "somebody else does it");
	t.equal(await server.cli("get", "cordon:{default}:sweeper"), "somebody");
});
