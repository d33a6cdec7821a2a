/** Expiry, the audit, remembered outcomes, sightings, restoration, and what is left after a restart. */
import type { Test } from "tap";
import type { PoolRecord } from "../../../src/pool/record.ts";
import type { SightingSum } from "../../../src/pool/store.ts";
import {
	allRecords,
	DEADLINE_MS,
	entry,
	expired,
	follow,
	inParts,
	type OpenPool,
	plain,
	put,
	putMember,
	puts,
	sorted,
	take,
} from "./pool.ts";

const HOUR = 3_600_000;

export function memoryContract(t: Test, open: OpenPool): void {
	t.test("contributions whose time is over are swept out, each with a trace", async (t) => {
		const { store } = await open(t);
		await store.create();
		const now = await store.now();
		const old = [
			expired("a.example", now),
			expired("b.example", now, { member: "isp-b" }),
			expired("c.example", now),
		];
		const stays = [
			put("a.example", { member: "isp-b" }),
			put("later.example", { validUntil: now + HOUR }),
			putMember("x"),
		];
		const { position } = await store.commit([...old, ...stays], []);
		t.equal(await store.sweep("node-7", 2), 2);
		t.equal(await store.sweep("node-7", 2), 1);
		t.equal(await store.sweep("node-7", 2), 0);
		t.strictSame(
			sorted(await allRecords(store)).map(([key]) => key),
			stays.map((e) => e.key).sort(),
		);
		const { changes } = await follow(store, position, 100);
		t.strictSame(
			plain(changes).sort(),
			old.map((e) => [e.key, undefined]),
		);
		const said = await store.audit(undefined, 100);
		t.equal(said.length, 3);
		for (const one of said)
			t.match(one, { action: "expire", actor: "cordon", from: "expiry", node: "node-7" });
		t.same(said.map((e) => `${e.details.domain} ${e.details.member}`).sort(), [
			"a.example cert",
			"b.example isp-b",
			"c.example cert",
		]);
	});

	t.test("what was renewed or withdrawn is not swept out", async (t) => {
		const { store } = await open(t);
		await store.create();
		const now = await store.now();
		await store.commit(
			["a", "b", "c"].map((d) => expired(`${d}.example`, now)),
			[],
		);
		await store.commit([put("a.example"), take("b.example")], []);
		await store.commit([take("c.example")], []);
		await store.commit([put("c.example")], []);
		t.equal(await store.sweep("node-1", 100), 0);
		t.equal((await allRecords(store)).size, 2);
	});

	t.test("two nodes that sweep at once take each out once", async (t) => {
		const pool = await open(t);
		const start = await pool.store.create();
		const now = await pool.store.now();
		await pool.store.commit(
			Array.from({ length: 500 }, (_, i) => expired(`d${i}.example`, now)),
			[],
		);
		const stores = [pool.store, (await pool.second?.()) ?? pool.store];
		let swept = 0;
		for (let round = 0; round < 50 && swept < 500; round++) {
			const both = await Promise.all(stores.map((s, i) => s.sweep(`node-${i}`, 100)));
			swept += both[0] + both[1];
		}
		t.equal(swept, 500);
		t.equal((await allRecords(pool.store)).size, 0);
		t.equal((await follow(pool.store, start, 1000)).changes.length, 1000);
		t.equal((await pool.store.audit(undefined, 1000)).length, 500);
	});

	t.test("the audit is read on from anywhere", async (t) => {
		const { store } = await open(t);
		await store.create();
		const before = await store.now();
		await store.commit([put("a.example")], [entry("add", { domain: "a.example" }), entry("hold")]);
		await store.commit([take("a.example")], [entry("withdraw", { domain: "a.example" })]);
		const all = await store.audit(undefined, 100);
		t.match(all, [
			{
				actor: "operator",
				node: "node-1",
				from: "192.0.2.1",
				action: "add",
				details: { domain: "a.example" },
			},
			{ action: "hold", details: {} },
			{ action: "withdraw" },
		]);
		t.equal(all.length, 3);
		for (const { at } of all) t.ok(at >= before - 1000 && at <= before + DEADLINE_MS * 6);
		t.strictSame(await store.audit(undefined, 2), all.slice(0, 2));
		t.strictSame(await store.audit(all[0].id, 100), all.slice(1));
		t.strictSame(await store.audit(all[1].id, 1), all.slice(2));
		t.strictSame(await store.audit(all[2].id, 100), []);
	});

	t.test("the audit of much is whole, and in order", async (t) => {
		const { store } = await open(t);
		await store.create();
		for (let i = 0; i < 5; i++) {
			await store.commit(
				[],
				Array.from({ length: 100 }, (_, k) => entry("add", { n: String(i * 100 + k) })),
			);
		}
		const numbers: string[] = [];
		for (let after: string | undefined; ; ) {
			const page = await store.audit(after, 77);
			if (page.length === 0) break;
			numbers.push(...page.map((e) => e.details.n));
			after = page[page.length - 1].id;
		}
		t.strictSame(
			numbers,
			Array.from({ length: 500 }, (_, i) => String(i)),
		);
	});

	t.test("the first outcome under a key is remembered", async (t) => {
		const { store } = await open(t);
		await store.create();
		t.equal(await store.recall("key 1"), undefined);
		t.equal(await store.remember("key 1", "first"), undefined);
		t.equal(await store.remember("key 1", "second"), "first");
		t.equal(await store.recall("key 1"), "first");
		t.equal(await store.recall("key"), undefined);
		const long = "\u{1f511}\n\t".repeat(60);
		t.equal(
			await store.remember(long, "ü".repeat(100_000)),
			undefined,
			"a batch has an outcome for every line",
		);
		t.equal(await store.recall(long), "ü".repeat(100_000));
		const race = await Promise.all(["a", "b", "c"].map((outcome) => store.remember("race", outcome)));
		t.equal(race.filter((r) => r === undefined).length, 1);
		const won = await store.recall("race");
		t.ok(race.every((r, i) => (r === undefined ? won === ["a", "b", "c"][i] : r === won)));
	});

	t.test("sightings are summed up, and a report counts once", async (t) => {
		const { store } = await open(t);
		await store.create();
		const hour = Math.floor((await store.now()) / HOUR) * HOUR;
		const sum = (domain: string, count: number, network = "isp-a", at = hour): SightingSum => ({
			domain,
			hour: at,
			network,
			count,
		});
		await store.addSightings("report-1", [
			sum("a.example", 3),
			sum("b.example", 1),
			sum("a.example", 2, "isp-b"),
		]);
		await store.addSightings("report-1", [sum("a.example", 3), sum("c.example", 9)]);
		await store.addSightings("report-2", [sum("a.example", 4), sum("a.example", 5, "isp-a", hour - HOUR)]);
		t.strictSame(order(await store.sightings(["a.example", "none.example"], 0)), [
			sum("a.example", 5, "isp-a", hour - HOUR),
			sum("a.example", 7),
			sum("a.example", 2, "isp-b"),
		]);
		t.strictSame(order(await store.sightings(["b.example", "a.example"], hour)), [
			sum("a.example", 7),
			sum("a.example", 2, "isp-b"),
			sum("b.example", 1),
		]);
		t.strictSame(await store.sightings(["c.example"], 0), []);
		t.strictSame(await store.sightings([], 0), []);
		await store.addSightings("report-3", []);
		await Promise.all(["r4", "r4", "r5"].map((r) => store.addSightings(r, [sum("d.example", 1)])));
		t.strictSame(await store.sightings(["d.example"], 0), [sum("d.example", 2)]);
	});

	t.test("a pool that is restored is another pool", async (t) => {
		const { store } = await open(t);
		await store.create();
		const { position: before } = await store.commit([...puts(30), putMember("old")], []);
		await store.stage(
			{ id: "b", member: "cert", state: "held", created: 1, reason: "much" },
			inParts(puts(3, "staged"), 1),
		);
		const now = await store.now();
		const kept: PoolRecord[] = [...puts(2500, "r"), putMember("cert"), expired("old.example", now)].map(
			({ key, value }) => ({ key, value: value ?? "" }),
		);
		const position = await store.restore(inParts(kept, 999), entry("restore"));
		t.not(position.epoch, before.epoch);
		t.strictSame(await store.head(), position);
		t.strictSame(sorted(await allRecords(store)), sorted(kept));
		t.equal(await store.changesSince(before, 10), "replaced");
		t.same(await store.changesSince(position, 10), { changes: [], position });
		t.strictSame(await store.batches(), []);
		t.equal((await store.audit(undefined, 10_000)).at(-1)?.action, "restore");

		t.equal(await store.sweep("node-1", 10), 1, "it knows when they expire");
		const { position: after } = await store.commit([put("new.example")], [], position.epoch);
		t.equal(after.seq, position.seq + 2);
		t.equal((await follow(store, position, 10)).changes.length, 2);
	});

	t.test("a pool can be restored where there is none", async (t) => {
		const { store } = await open(t);
		const kept = puts(3).map(({ key, value }) => ({ key, value: value ?? "" }));
		const position = await store.restore(inParts(kept, 2), entry("restore"));
		t.strictSame(await store.create(), position);
		t.equal((await allRecords(store)).size, 3);
	});

	t.test("everything is there after a restart", async (t) => {
		const pool = await open(t);
		const start = await pool.store.create();
		const now = await pool.store.now();
		await pool.store.commit(
			[put("a.example"), putMember("cert"), expired("old.example", now)],
			[entry("add")],
		);
		await pool.store.remember("key", "outcome");
		const seen = { domain: "a.example", hour: Math.floor(now / HOUR) * HOUR, network: "isp-a", count: 2 };
		await pool.store.addSightings("report", [seen]);
		const before = { head: await pool.store.head(), records: sorted(await allRecords(pool.store)) };
		const audit = await pool.store.audit(undefined, 10);

		const store = await pool.reopen();
		t.strictSame(await store.head(), before.head);
		t.strictSame(await store.create(), before.head);
		t.strictSame(sorted(await allRecords(store)), before.records);
		t.equal((await follow(store, start, 1)).changes.length, 3);
		t.strictSame(await store.audit(undefined, 10), audit);
		t.equal(await store.recall("key"), "outcome");
		await store.addSightings("report", [seen]);
		t.strictSame(await store.sightings(["a.example"], 0), [seen]);
		t.equal(await store.sweep("node-1", 10), 1);
		t.equal((await store.commit([put("b.example")], [])).position.seq, 5);
	});

	t.test("a pool that vanished is missed", async (t) => {
		const pool = await open(t);
		if (pool.lose === undefined) return t.pass("it cannot vanish");
		await pool.store.create();
		const { position } = await pool.store.commit([put("a.example")], []);
		await pool.lose();
		t.equal(await pool.store.head(), undefined);
		t.equal(await pool.store.changesSince(position, 10), "lost");
		await t.rejects(pool.store.commit([put("b.example")], [], position.epoch));
		const anew = await pool.store.create();
		t.not(anew.epoch, position.epoch);
		t.equal(await pool.store.changesSince(position, 10), "replaced");
		return undefined;
	});

	t.test("a store that is closed answers no more, and nobody waits on it", async (t) => {
		const { store } = await open(t);
		const start = await store.create();
		const waiting = store.wait(start, DEADLINE_MS * 10, new AbortController().signal).catch(() => undefined);
		await store.close();
		await waiting;
		await t.rejects(store.head());
		await t.rejects(store.commit([put("a.example")], []));
	});
}

function order(sums: readonly SightingSum[]): SightingSum[] {
	const name = (s: SightingSum) => `${s.domain} ${s.network} ${s.hour}`;
	return [...sums].sort((a, b) => (name(a) < name(b) ? -1 : 1));
}
