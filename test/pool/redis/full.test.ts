import { test } from "tap";
import { PoolUnavailable } from "../../../src/pool/store.ts";
import { allRecords, entry, expired, follow, inParts, put, puts, take } from "../store-contract/pool.ts";
import { openStore } from "./opening.ts";
import { RedisServer } from "./server.ts";
import { checkWhole } from "./whole.ts";

test("a server whose memory is full", async (t) => {
	const server = await RedisServer.start(t, { conf: ["maxmemory-policy noeviction"] });
	const { store, states, log } = await openStore(t, server.settings);
	const start = await store.create();
	const now = await store.now();
	await store.commit([...puts(100), expired("old.example", now)], [entry("add")]);
	const used = Number(await server.info("used_memory"));
	await server.must("config", "set", "maxmemory", String(Math.floor(used / 2)));

	const before = await store.head();
	const batch = { id: "b", member: "cert", state: "held", created: 1, reason: "" } as const;
	const sighting = { domain: "a.example", hour: now, network: "isp", count: 1 };
	const calls: readonly (() => Promise<unknown>)[] = [
		() => store.commit(puts(1000, "more"), [entry("add")]),
		() => store.commit([take("d1.example"), put("x.example")], []),
		() => store.commit([], [entry("look")]),
		() => store.remember("key", "outcome"),
		() => store.addSightings("r", [sighting]),
		() => store.stage(batch, inParts(puts(3), 3)),
	];
	const message = /is full \(maxmemory\): nothing was written; raise maxmemory/;
	for (const call of calls) await t.rejects(call(), { name: "PoolUnavailable", message });
	t.strictSame(await store.head(), before, "refused whole");
	t.equal((await allRecords(store)).size, 101, "it is read all the same");
	t.equal((await follow(store, start, 1000)).changes.length, 101);
	t.equal(store.up, true);
	t.match(states, [{ up: true }, { up: true, problem: /is full/ }], "one word for all of them");
	t.equal(log.complaints.filter((line) => /takes no changes/.test(line)).length, 1);

	const { position } = await store.commit([take("d1.example")], [entry("withdraw")]);
	t.equal(position.seq, 102, "a wrong block can be taken back even so");
	t.equal(await store.sweep("node-1", 10), 1, "and what is over goes");

	await server.must("config", "set", "maxmemory", "0");
	await store.commit(puts(10, "more"), []);
	t.match(states.at(-1), { up: true, problem: undefined });
	t.equal(states.length, 3);
	t.equal((await checkWhole(t, store, start)).size, 109);
});

test("foreign things under the pool's names", async (t) => {
	const server = await RedisServer.start(t);
	const { store, states } = await openStore(t, server.settings);
	const start = await store.create();
	await store.commit(puts(5), [entry("add")]);
	const { epoch } = start;
	const base = "cordon:{default}";
	const [bucket] = (await server.cli("--scan", "--pattern", `${base}:bucket:*`)).split("\n");

	for (const key of [
		`${base}:audit`,
		`${base}:changes:${epoch}`,
		`${base}:expiry:${epoch}`,
		bucket,
		`${base}:none`,
	]) {
		await server.cli("rename", key, "aside");
		await server.must("set", key, "something else");
		const before = (await allRecords(store).catch(() => new Map())).size;
		const edits = [...puts(5).map((e) => take(e.key.split("\t")[0])), ...puts(50, "new")];
		await t.rejects(
			store.commit(edits, [entry("add")]),
			{ name: "PoolUnavailable", message: /something else .*choose another pool\.redis\.prefix/ },
			key,
		);
		t.equal((await allRecords(store).catch(() => new Map())).size, before);
		await server.must("del", key);
		await server.cli("rename", "aside", key);
	}
	t.equal(store.up, true);
	t.match(states[1], { up: true, problem: /something else/ });
	await store.commit([put("fine.example")], []);
	t.match(states.at(-1), { up: true, problem: undefined });
	t.equal((await checkWhole(t, store, start)).size, 6);
	t.equal((await store.audit(undefined, 10)).length, 1);

	await server.must("set", `${base}:meta`, "something else");
	await t.rejects(store.head(), { name: "PoolUnavailable", message: /something else/ });
	await t.rejects(store.create(), { name: "PoolUnavailable", message: /something else/ });
	await t.rejects(store.commit([put("a.example")], []), PoolUnavailable);
	const { states: others } = await openStore(t, server.settings);
	t.match(others, [{ up: false, problem: /something else/ }]);
});
