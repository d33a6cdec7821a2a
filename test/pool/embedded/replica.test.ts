/** The replica: what it takes in, what it tells, and what is left after a restart. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { type Test, test } from "tap";
import { encodeMember } from "../../../src/pool/codec.ts";
import type { LmdbReplica } from "../../../src/pool/embedded/lmdb-replica.ts";
import { contributionKey, decisionKey, disputeKey, memberKey } from "../../../src/pool/record-key.ts";
import { put, putMember, take } from "../store-contract/pool.ts";
import { at, changes, dataFolder, openOwnReplica } from "./opening.ts";
import { assertWhole } from "./whole.ts";

test("nothing is there before anything was taken in", async (t) => {
	const replica = await openOwnReplica(t);
	t.equal(replica.position, undefined);
	t.same(replica.counts, { contributions: 0, byMember: new Map(), members: 0 });
	t.same([...replica.domains()], []);
	t.same(replica.members(), []);
	t.same(replica.touched(), []);
	t.equal(replica.nextMoment(0), undefined);
	t.equal(replica.hasUnnamed, false);
	await replica.settled(5);
});

test("changes are taken in together with the position, and are there after a restart", async (t) => {
	const folder = dataFolder(t);
	const replica = await openOwnReplica(t, folder);
	const edits = [
		put("a.example"),
		put("a.example", { member: "isp-b" }),
		{ key: disputeKey("a.example", "isp-c"), value: "{}" },
		{ key: decisionKey("b.example"), value: "{}" },
		putMember("cert"),
		put("c.example"),
		take("c.example"),
	];
	t.same(await replica.apply(changes(edits), at(7)), ["a.example", "b.example", "", "c.example"]);
	for (const restart of [false, true]) {
		const again = restart ? await reopened(t, replica, folder) : replica;
		t.same(again.position, at(7));
		t.equal(again.get(edits[0].key), edits[0].value);
		t.equal(again.get(take("c.example").key), undefined);
		t.same(
			again.read("a.example").map((r) => r.key),
			edits.slice(0, 3).map((e) => e.key),
		);
		t.same(again.read("a.exampl"), []);
		t.same(again.read(""), [], "members have a door of their own");
		t.same(
			again.members().map((r) => r.key),
			[memberKey("cert")],
		);
		t.same(
			[...again.domains()].map((d) => [d.domain, d.records.length]),
			[
				["a.example", 3],
				["b.example", 1],
			],
		);
		assertWhole(t, again);
	}
});

test("the folder is for us alone", async (t) => {
	const folder = dataFolder(t);
	await openOwnReplica(t, folder);
	t.equal(statSync(join(folder, "pool")).mode & 0o777, 0o700);
	t.equal(statSync(join(folder, "pool", "data.mdb")).mode & 0o777, 0o600);
});

test("a change that changes nothing touches nothing", async (t) => {
	const replica = await openOwnReplica(t);
	await replica.apply(changes([put("a.example")]), at(1));
	t.same(await replica.apply(changes([put("a.example"), take("b.example")], 1), at(3)), []);
	t.same(replica.touched(), [{ domain: "a.example", seq: 1 }]);
	t.same(replica.position, at(3));
});

test("all of the changes, or none", async (t) => {
	const replica = await openOwnReplica(t);
	await replica.apply(changes([put("a.example")]), at(1));
	const tooLong = { key: `${"x".repeat(2000)}\tc\tcert`, value: "[]" };
	await t.rejects(replica.apply(changes([put("b.example"), tooLong, take("a.example")], 1), at(4)), {
		message: /more than 1024 bytes/,
	});
	t.same(replica.position, at(1));
	t.same(
		[...replica.domains()].map((d) => d.domain),
		["a.example"],
	);
	t.same(replica.touched(), [{ domain: "a.example", seq: 1 }]);
	assertWhole(t, replica);
	await replica.apply(changes([put("b.example")], 1), at(2));
	t.same(replica.position, at(2), "it goes on");
});

test("what was touched is remembered until it is settled", async (t) => {
	const folder = dataFolder(t);
	const replica = await openOwnReplica(t, folder);
	await replica.apply(changes([put("a.example"), put("b.example"), putMember("cert")]), at(3));
	await replica.apply(changes([put("c.example"), take("a.example")], 3), at(5));
	const again = await reopened(t, replica, folder);
	const all = [
		{ domain: "", seq: 3 },
		{ domain: "a.example", seq: 5 },
		{ domain: "b.example", seq: 2 },
		{ domain: "c.example", seq: 4 },
	];
	t.same(again.touched(), all);
	await again.settled(1);
	t.same(again.touched(), all);
	await again.settled(4);
	t.same(again.touched(), [all[1]]);
	await again.settled(5);
	t.same(again.touched(), []);
});

test("so much was touched that it takes several transactions to settle it", async (t) => {
	const replica = await openOwnReplica(t);
	const edits = Array.from({ length: 12_000 }, (_, i) => put(`d${i}.example`));
	await replica.apply(changes(edits), at(12_000));
	t.equal(replica.touched().length, 12_000);
	await replica.settled(11_990);
	t.same(
		replica.touched().map((d) => d.seq),
		Array.from({ length: 10 }, (_, i) => 11_991 + i).sort((a, b) => (`d${a - 1}` < `d${b - 1}` ? -1 : 1)),
	);
});

test("moments at which contributions begin and end to count", async (t) => {
	const replica = await openOwnReplica(t);
	const edits = [
		put("a.example", { validFrom: 100, validUntil: 200 }),
		put("a.example", { member: "isp-b", validFrom: 100, validUntil: 300 }),
		put("b.example", { validFrom: 150, validUntil: 200 }),
		put("c.example", { validFrom: 0, validUntil: 8.64e15 }),
	];
	await replica.apply(changes(edits), at(4));
	const inOrder = (after: number, until: number, limit = 100) =>
		[...replica.moments(after, until, limit)].sort();
	t.same(inOrder(-1, 0), ["c.example"]);
	t.same(inOrder(99, 100), ["a.example"]);
	t.same(inOrder(100, 149), []);
	t.same(inOrder(100, 200), ["a.example", "b.example"]);
	t.same(inOrder(200, 8.64e15), ["a.example", "c.example"]);
	t.same(inOrder(300, 200), []);
	t.equal(replica.moments(-1, 8.64e15, 2).length, 2);
	t.equal(replica.nextMoment(Number.NEGATIVE_INFINITY), 0);
	t.equal(replica.nextMoment(0), 100);
	t.equal(replica.nextMoment(100.5), 150);
	t.equal(replica.nextMoment(200), 300);
	t.equal(replica.nextMoment(300), 8.64e15);
	t.equal(replica.nextMoment(8.64e15), undefined);

	await replica.apply(
		changes([take("a.example"), put("b.example", { validFrom: 160, validUntil: 210 })], 4),
		at(6),
	);
	t.same(inOrder(99, 100), ["a.example"], "isp-b's is still there");
	t.same(inOrder(100, 200), ["b.example"]);
	t.same(inOrder(200, 209), []);
	assertWhole(t, replica);
});

test("counts stay right whatever happens", async (t) => {
	const replica = await openOwnReplica(t);
	const revoked = encodeMember({ name: "m1", role: "reader", tokenHash: "", created: 1, revoked: 2 });
	const edits = [
		putMember("m1"),
		putMember("m2"),
		{ key: memberKey("m3"), value: "no member" },
		put("a.example"),
		put("a.example", { confidence: 1 }),
		put("a.example", { member: "x" }),
		{ key: contributionKey("b.example", "x"), value: "not to be read, and a contribution all the same" },
		{ key: memberKey("m1"), value: revoked },
		{ key: disputeKey("a.example", "x"), value: "{}" },
	];
	await replica.apply(changes(edits), at(9));
	t.same(replica.counts, {
		contributions: 3,
		byMember: new Map([
			["cert", 1],
			["x", 2],
		]),
		members: 1,
	});
	const more = [
		take("b.example", "x"),
		take("a.example"),
		take("a.example"),
		putMember("m1"),
		putMember("m3"),
	];
	await replica.apply(changes(more, 9), at(14));
	t.same(replica.counts, { contributions: 1, byMember: new Map([["x", 1]]), members: 3 });
});

test("records that mean nothing are kept as they are", async (t) => {
	const folder = dataFolder(t);
	const replica = await openOwnReplica(t, folder);
	const odd = [
		"no tab",
		"a.example\tzz\tx",
		"\tzz",
		"\0\u0001",
		"ä.example\tc\tcert",
		"\u{1f480}\tc\tx\ty\tz",
		"\t",
		"x\tc\t",
	];
	const edits = odd.map((key, i) => ({ key, value: `[1,${i},${"9".repeat(i)}` }));
	await replica.apply(changes(edits), at(odd.length));
	for (const restart of [false, true]) {
		const again = restart ? await reopened(t, replica, folder) : replica;
		for (const { key, value } of edits) t.equal(again.get(key), value, JSON.stringify(key));
		t.same(
			[...again.pages(3)]
				.flat()
				.map((r) => r.key)
				.sort(),
			[...odd].sort(),
		);
		t.same(
			[...again.domains()].map((d) => d.domain),
			["a.example", "x", "ä.example", "\u{1f480}"],
		);
		t.same(again.read("ä.example").length, 1);
	}
});

test("asked for what cannot be", async (t) => {
	const replica = await openOwnReplica(t);
	await replica.apply(changes([put("a.example")]), at(1));
	for (const key of ["", "x".repeat(5000), "ä".repeat(1024), "\0"]) {
		t.equal(replica.get(key), undefined);
		t.same(replica.read(key), []);
	}
	t.equal(replica.get("\u0161.example\tc\tcert"), undefined, "not the a with which it shares its last byte");
});

test("a replica that is closed says so", async (t) => {
	const replica = await openOwnReplica(t);
	await replica.apply(changes([put("a.example"), put("b.example")]), at(2));
	const walk = replica.domains();
	t.equal(walk.next().value?.domain, "a.example");
	await replica.close();
	t.throws(() => walk.next(), { message: /is closed/ }, "else it would look as if there were no more");
	t.throws(() => replica.position, { message: /is closed/ });
	t.throws(() => replica.get("a\tc\tb"), { message: /is closed/ });
	t.throws(() => [...replica.domains()], { message: /is closed/ });
	await t.rejects(replica.apply(changes([put("c.example")]), at(3)), { message: /is closed/ });
	t.throws(() => replica.replace(), { message: /is closed/ });
	replica.releasePages();
	await replica.close();
});

async function reopened(t: Test, replica: LmdbReplica, folder: string): Promise<LmdbReplica> {
	await replica.close();
	return openOwnReplica(t, folder);
}
