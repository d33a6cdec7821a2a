/** What the embedded store does beyond the contract: the clock, its listeners, its replica, and restoration. */
import { test } from "tap";
import type { Edit } from "../../../src/pool/record.ts";
import { MAX_EDITS, PoolUnavailable } from "../../../src/pool/store.ts";
import { allRecords, entry, expired, inParts, put, putMember, puts, take } from "../store-contract/pool.ts";
import { dataFolder, openStore } from "./opening.ts";
import { assertWhole } from "./whole.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const BATCH = { id: "b", member: "cert", state: "applying", created: 1, reason: "" } as const;

test("its replica is its state", async (t) => {
	const folder = dataFolder(t);
	const store = await openStore(t, folder);
	t.equal(store.replica.position, undefined);
	await store.create();
	const { position } = await store.commit([put("a.example"), putMember("cert")], []);
	t.same(store.replica.position, position);
	t.same(store.replica.touched(), [
		{ domain: "", seq: 2 },
		{ domain: "a.example", seq: 1 },
	]);
	await store.replica.settled(2);
	await store.commit([take("a.example")], []);
	t.same(store.replica.touched(), [{ domain: "a.example", seq: 3 }]);
	assertWhole(t, store.replica);
});

test("whoever listens hears of every commit, after it was made", async (t) => {
	let now = 1_750_000_000_000;
	const store = await openStore(t, dataFolder(t), { now: () => now });
	await store.create();
	const heard: (readonly string[] | "many")[] = [];
	const end = store.onCommitted((domains) => {
		heard.push(domains);
		t.ok(store.replica.position !== undefined);
	});
	await store.commit([put("a.example"), put("a.example", { member: "x" }), put("b.example")], []);
	await store.commit([put("a.example")], [entry("nothing")]);
	await store.commit([expired("c.example", now + 2 * HOUR)], []);
	await store.stage(BATCH, inParts(puts(2), 1));
	await store.advance("b");
	now += 2 * HOUR;
	await store.sweep("n", 10);
	await store.restore(inParts([{ key: put("z.example").key, value: "[]" }], 1), entry("restore"));
	end();
	await store.commit([put("unheard.example")], []);
	t.same(heard, [
		["a.example", "b.example"],
		["c.example"],
		["d0.example", "d1.example"],
		["c.example"],
		["a.example", "b.example", "d0.example", "d1.example", "z.example"],
	]);
});

test("counts and moments fit the records, whatever came in which way", async (t) => {
	let now = 1_750_000_000_000;
	const store = await openStore(t, dataFolder(t), { now: () => now });
	await store.create();
	let state = 7;
	const next = (below: number) => {
		state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
		return (state >>> 8) % below;
	};
	const edits = (count: number): Edit[] =>
		Array.from({ length: count }, () => {
			const domain = `d${next(60)}.example`;
			const member = `m${next(4)}`;
			if (next(3) === 0) return take(domain, member);
			if (next(9) === 0) return putMember(member);
			const validFrom = now - next(5) * HOUR;
			return put(domain, { member, validFrom, validUntil: validFrom + (1 + next(9)) * HOUR });
		});
	let swept = 0;
	for (let round = 0; round < 25; round++) {
		await store.commit(edits(1 + next(30)), [entry("round")]);
		await store.stage({ ...BATCH, id: `b${round}` }, inParts(edits(next(50)), 7));
		if (next(2) === 0) await store.advance(`b${round}`);
		now += next(2 * HOUR);
		swept += await store.sweep("n", 1 + next(40));
		if (round % 8 === 7) {
			const kept = [...store.replica.pages(100)].flat().filter(() => next(2) === 0);
			await store.restore(inParts(kept, 20), entry("restore"));
		}
	}
	for (const { id } of await store.batches()) await store.advance(id);
	t.ok(swept > 10);
	t.ok(assertWhole(t, store.replica).size > 10);
});

test("more is swept out than one commit takes", async (t) => {
	const now = 1_750_000_000_000;
	const store = await openStore(t, dataFolder(t), { now: () => now });
	await store.create();
	for (let part = 0; part < 3; part++) {
		await store.commit(
			Array.from({ length: MAX_EDITS }, (_, i) => expired(`p${part}-${i}.example`, now)),
			[],
		);
	}
	await store.commit(
		[put("edge.example", { validUntil: now }), put("stays.example", { validUntil: now + 1 })],
		[],
	);
	t.equal(await store.sweep("n", 2500), 2500);
	t.equal(await store.sweep("n", 2500), 501, "it counts no longer from that moment on");
	t.same([...(await allRecords(store)).keys()], [put("stays.example").key]);
	t.equal((await store.audit(undefined, 10_000)).length, 3001);
});

test("outcomes are forgotten after a day", async (t) => {
	let now = 1_750_000_000_000;
	const store = await openStore(t, dataFolder(t), { now: () => now });
	await store.create();
	await store.remember("key", "first");
	await store.remember("other", "first");
	now += DAY - 1;
	t.equal(await store.recall("key"), "first");
	t.equal(await store.remember("key", "second"), "first");
	now += 1;
	t.equal(await store.recall("key"), undefined);
	t.equal(await store.remember("key", "second"), undefined);
	t.equal(await store.recall("key"), "second");
	now += HOUR;
	await store.remember("third", "x");
	t.equal(
		await store.recall("key"),
		"second",
		"what was remembered anew is not forgotten with what was before",
	);
});

test("what is remembered anew outlives what was remembered before under many keys", async (t) => {
	let now = 1_750_000_000_000;
	const store = await openStore(t, dataFolder(t), { now: () => now });
	await store.create();
	const keys = Array.from({ length: 300 }, (_, i) => `key ${i}`);
	for (const key of keys) await store.remember(key, "first");
	now += DAY;
	for (const key of keys) t.equal(await store.remember(key, "second"), undefined);
	for (const key of keys) t.equal(await store.recall(key), "second");
});

test("sightings are kept for thirty days", async (t) => {
	let now = 20_000 * DAY;
	const store = await openStore(t, dataFolder(t), { now: () => now });
	const sum = (domain: string, hour: number) => ({ domain, hour, network: "isp", count: 1 });
	const days = 40;
	for (let day = 0; day < days; day++, now += DAY) {
		await store.addSightings(`r${day}`, [sum("a.example", now), sum(`d${day}.example`, now)]);
	}
	now -= DAY;
	const kept = await store.sightings(["a.example"], 0);
	t.same(
		kept.map((s) => (now - s.hour) / DAY).sort((a, b) => a - b),
		Array.from({ length: 31 }, (_, i) => i),
	);
	t.same(await store.sightings(["d3.example"], 0), []);
	t.equal((await store.sightings(["a.example"], now - 2 * DAY)).length, 3);
	await store.addSightings("old", [
		sum("a.example", now - 31 * DAY),
		{ ...sum("x.example", now), count: -1 },
	]);
	await store.addSightings("odd", [
		{ ...sum("y.example", now), count: 1.5 },
		{ ...sum("tab\t.example", now), network: "n" },
	]);
	t.equal((await store.sightings(["a.example", "x.example", "y.example", "tab\t.example"], 0)).length, 31);
	t.same(await store.sightings(["x".repeat(3000), ""], 0), []);
	await t.rejects(store.addSightings("", []), /1 to 256 bytes/);
	await store.addSightings("r39", [sum("a.example", now)]);
	t.equal((await store.sightings(["a.example"], now))[0].count, 1, "that report was counted already");
});

test("what is no record is refused whole", async (t) => {
	const store = await openStore(t, dataFolder(t));
	await store.create();
	for (const key of ["", "a.example", "ä.example\tc\tcert", `${"a".repeat(300)}\tc\tcert`]) {
		await t.rejects(
			store.commit([put("a.example"), { key, value: "x" }], [entry("add")]),
			/is not the key of a record/,
		);
		await t.rejects(
			store.stage(BATCH, inParts([put("a.example"), { key, value: "x" }], 5)),
			/is not the key/,
		);
	}
	t.same(await store.batches(), []);
	t.equal((await store.head())?.seq, 0);
	t.same(await store.audit(undefined, 10), []);
	for (const id of ["", "a b", "a\tb", "x".repeat(65), "../x"]) {
		await t.rejects(store.stage({ ...BATCH, id }, inParts(puts(1), 1)), /letters, digits and dashes/);
	}
});

test("without a pool nothing is committed", async (t) => {
	const store = await openStore(t, dataFolder(t));
	await t.rejects(store.commit([put("a.example")], []), PoolUnavailable);
	t.equal(await store.changesSince({ epoch: "e", seq: 0, token: "" }, 10), "lost");
	t.equal(await store.sweep("n", 10), 0);
	t.same(await store.batches(), []);
});

test("a held batch is not carried on", async (t) => {
	const store = await openStore(t, dataFolder(t));
	await store.create();
	await store.stage({ ...BATCH, state: "held", reason: "much" }, inParts(puts(1), 1));
	await t.rejects(store.advance("b"), /batch b is held: it has to be approved/);
});
