/** A whole state that takes the place of another. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import type { LmdbReplica } from "../../../src/pool/embedded/lmdb-replica.ts";
import type { Edit, PoolRecord, Position } from "../../../src/pool/record.ts";
import { put, putMember, take } from "../store-contract/pool.ts";
import { at, dataFolder, openOwnReplica } from "./opening.ts";
import { assertWhole } from "./whole.ts";

function records(edits: readonly Edit[]): PoolRecord[] {
	return edits.map(({ key, value = "" }) => ({ key, value }));
}

async function replaced(replica: LmdbReplica, edits: readonly Edit[], position: Position, most = 1e9) {
	const replacement = replica.replace();
	for (let i = 0; i < edits.length; i += 700) await replacement.put(records(edits.slice(i, i + 700)));
	return replacement.finish(position, most);
}

/** In no order. */
function many(count: number, over = {}): Edit[] {
	return Array.from({ length: count }, (_, i) =>
		put(`d${(i * 7919) % count}.example`, { member: `m${i % 3}`, ...over }),
	);
}

test("what was put is all that is there, and it tells what differs", async (t) => {
	const folder = dataFolder(t);
	const replica = await openOwnReplica(t, folder);
	const before = [
		put("gone.example"),
		put("same.example"),
		put("other.example", { confidence: 1 }),
		put("fewer.example"),
		put("fewer.example", { member: "isp-b" }),
		put("more.example"),
		putMember("cert"),
	];
	const first = await replaced(replica, before, at(9));
	t.same([...first].sort(), [
		"",
		"fewer.example",
		"gone.example",
		"more.example",
		"other.example",
		"same.example",
	]);
	await replica.settled(9);
	const after = [
		put("same.example"),
		put("other.example", { confidence: 2 }),
		put("fewer.example"),
		put("more.example"),
		put("more.example", { member: "isp-b" }),
		put("new.example"),
		putMember("cert"),
		putMember("isp-b"),
	];
	const second = await replaced(replica, after, at(3, "another"));
	const differ = ["", "fewer.example", "gone.example", "more.example", "new.example", "other.example"];
	t.same([...second].sort(), differ);
	await replica.close();
	const again = await openOwnReplica(t, folder);
	t.same(again.position, at(3, "another"));
	t.same(
		again.touched(),
		differ.map((domain) => ({ domain, seq: 3 })),
	);
	t.same(again.counts, {
		contributions: 6,
		byMember: new Map([
			["cert", 5],
			["isp-b", 1],
		]),
		members: 2,
	});
	t.same([...assertWhole(t, again).keys()], after.map((e) => e.key).sort());
});

test("the same state again differs in nothing", async (t) => {
	const replica = await openOwnReplica(t);
	t.equal((await replaced(replica, many(20_000), at(1))).length, 20_000);
	await replica.settled(1);
	t.same(await replaced(replica, many(20_000).reverse(), at(2), 0), []);
	t.same(replica.touched(), []);
	t.same(replica.position, at(2));
	t.equal(assertWhole(t, replica).size, 20_000);
});

test("too many to name", async (t) => {
	const folder = dataFolder(t);
	const replica = await openOwnReplica(t, folder);
	t.equal(await replaced(replica, many(500), at(4), 499), "many");
	t.equal(replica.hasUnnamed, true);
	t.same(replica.touched(), []);
	await replica.close();
	const again = await openOwnReplica(t, folder);
	t.equal(again.hasUnnamed, true, "it is known after a restart");
	await again.settled(3);
	t.equal(again.hasUnnamed, true);
	await again.settled(4);
	t.equal(again.hasUnnamed, false);
	t.equal(
		(await replaced(again, many(500, { confidence: 2 }), at(5), 500)).length,
		500,
		"exactly as many as may be named",
	);
	assertWhole(t, again);
});

test("what was touched before, and not settled, is so still, in the new log", async (t) => {
	const replica = await openOwnReplica(t);
	await replica.apply([{ ...put("a.example"), seq: 900 }], at(900));
	await replaced(replica, [put("a.example"), put("b.example")], at(2, "another"));
	t.same(replica.touched(), [
		{ domain: "a.example", seq: 2 },
		{ domain: "b.example", seq: 2 },
	]);
	await replica.settled(2);
	t.same(replica.touched(), []);
});

test("until it is finished nothing is seen of it, and the old state goes on", async (t) => {
	const replica = await openOwnReplica(t);
	await replaced(replica, [put("a.example")], at(1));
	const replacement = replica.replace();
	await replacement.put(records(many(9000)));
	await replacement.put(records([putMember("m")]));
	t.same(replacement.counts.contributions, 9000);
	t.same(replacement.counts.byMember.get("m0"), 3000);
	t.same(replacement.counts.members, 1);
	t.same(
		[...replica.domains()].map((d) => d.domain),
		["a.example"],
	);
	await replica.apply([{ ...put("b.example"), seq: 2 }], at(2));
	t.equal(assertWhole(t, replica).size, 2);
	await replacement.finish(at(3), 1e9);
	t.equal(replica.counts.contributions, 9000);
	t.ok(
		replica.touched().some((d) => d.domain === "b.example"),
		"what came meanwhile is gone, and said to be",
	);
	t.equal(assertWhole(t, replica).size, 9001);
});

test("a record that was put twice is there once, as it was put last", async (t) => {
	const replica = await openOwnReplica(t);
	const edits = [
		...many(8000),
		...many(8000, { confidence: 3 }),
		take("d1.example"),
		put("d1.example", { member: "m2" }),
	];
	await replaced(
		replica,
		edits.filter((e) => e.value !== undefined),
		at(1),
	);
	const expected = new Map(edits.map((e) => [e.key, e.value]));
	expected.delete(take("d1.example").key);
	const all = assertWhole(t, replica);
	t.equal(all.size, expected.size);
	for (const [key, value] of expected) if (all.get(key) !== value) t.fail(`${key} is not as it was put last`);
});

test("a replacement that is dropped, and one that another follows", async (t) => {
	const folder = dataFolder(t);
	const replica = await openOwnReplica(t, folder);
	await replaced(replica, [put("a.example")], at(1));
	const dropped = replica.replace();
	await dropped.put(records(many(30_000)));
	t.ok(readdirSync(join(folder, "pool")).some((name) => name.endsWith(".run")));
	await dropped.drop();
	await dropped.drop();
	t.same(readdirSync(join(folder, "pool")).sort(), ["data.mdb", "lock.mdb"]);
	await t.rejects(dropped.put(records(many(1))), { message: /is over/ });
	await t.rejects(dropped.finish(at(2), 1), { message: /is over/ });

	const older = replica.replace();
	await older.put(records(many(30_000)));
	const finishing = t.rejects(older.finish(at(2), 1e9), { message: /is over/ });
	const newer = replica.replace();
	await newer.put(records([put("b.example")]));
	await finishing;
	t.same(await newer.finish(at(3), 1e9), ["a.example", "b.example"]);
	t.equal(assertWhole(t, replica).size, 1);
	t.same(readdirSync(join(folder, "pool")).sort(), ["data.mdb", "lock.mdb"]);
});

test("an empty state, and records that mean nothing", async (t) => {
	const replica = await openOwnReplica(t);
	const odd = ["no tab", "\u{1f480}.example\tc\tx", "\uffee.example\tc\tx", "\0", "ä\tr"].map((key) => ({
		key,
		value: key,
	}));
	const replacement = replica.replace();
	await replacement.put([...odd, { key: "", value: "has no place" }]);
	await replacement.finish(at(1), 1e9);
	t.same(assertWhole(t, replica), new Map(odd.map((r) => [r.key, r.value])));
	for (const { key, value } of odd) t.equal(replica.get(key), value);
	t.equal((await replaced(replica, [], at(2))).length, 4, "domains that had records");
	t.equal(assertWhole(t, replica).size, 0);
});

test("the file does not grow with every replacement", async (t) => {
	const folder = dataFolder(t);
	const replica = await openOwnReplica(t, folder);
	const sizes: number[] = [];
	for (let n = 1; n <= 10; n++) {
		await replaced(replica, many(4000, { confidence: n }), at(n), 10);
		sizes.push(statSync(join(folder, "pool", "data.mdb")).size);
	}
	t.ok(sizes[9] <= 4 * sizes[0], sizes.join(" "));
});

test("closed in its middle", async (t) => {
	const folder = dataFolder(t);
	const replica = await openOwnReplica(t, folder);
	await replaced(replica, [put("a.example")], at(1));
	const replacement = replica.replace();
	await replacement.put(records(many(20_000)));
	const finishing = t.rejects(replacement.finish(at(2), 1), { message: /is closed|is over/ });
	await replica.close();
	await finishing;
	const again = await openOwnReplica(t, folder);
	t.same(again.position, at(1));
	t.equal(assertWhole(t, again).size, 1);
});
