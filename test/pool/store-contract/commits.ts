/** Commits, reading, and the log. */
import type { Test } from "tap";
import type { Edit } from "../../../src/pool/record.ts";
import { contributionKey, decisionKey, memberKey } from "../../../src/pool/record-key.ts";
import { MAX_EDITS, PoolUnavailable } from "../../../src/pool/store.ts";
import {
	allRecords,
	applied,
	DEADLINE_MS,
	entry,
	follow,
	type OpenPool,
	plain,
	put,
	putMember,
	puts,
	sorted,
	take,
} from "./pool.ts";

export function commitContract(t: Test, open: OpenPool): void {
	t.test("there is no pool until it is created, and it is created once", async (t) => {
		const { store } = await open(t);
		t.equal(await store.head(), undefined);
		const created = await store.create();
		t.match(created, { epoch: /./, seq: 0, token: "" });
		t.strictSame(await store.create(), created);
		t.strictSame(await store.head(), created);
		t.equal((await allRecords(store)).size, 0);
	});

	t.test("the clock of the store is a clock", async (t) => {
		const { store } = await open(t);
		const first = await store.now();
		t.ok(Number.isFinite(first) && first > 0);
		t.ok((await store.now()) >= first);
	});

	t.test("what is committed is there, under its domain alone", async (t) => {
		const { store } = await open(t);
		await store.create();
		const a = put("a.example");
		const b = put("a.example", { member: "isp-b" });
		const below = put("x.a.example");
		const decision: Edit = { key: decisionKey("a.example"), value: '{"verdict":"block"}' };
		const { position } = await store.commit([a, b, below, decision, putMember("cert")], []);
		t.equal(position.seq, 5);
		t.not(position.token, "");
		t.strictSame(await store.head(), position);
		t.strictSame(sorted(await store.read("a.example")), sorted([a, b, decision].map(record)));
		t.strictSame(sorted(await store.read("x.a.example")), sorted([record(below)]));
		t.strictSame(await store.read("example"), []);
		t.strictSame(await store.read("b.example"), []);
	});

	t.test("edits of one commit are made in their order", async (t) => {
		const { store } = await open(t);
		const start = await store.create();
		const edits = [
			put("a.example", { confidence: 1 }),
			put("a.example", { confidence: 2 }),
			put("b.example"),
			take("b.example"),
		];
		await store.commit(edits, []);
		t.strictSame(sorted(await allRecords(store)), sorted([record(edits[1])]));
		t.strictSame(plain((await follow(store, start, 100)).changes), plain(edits));
	});

	t.test("what changes nothing leaves no change in the log", async (t) => {
		const { store } = await open(t);
		const start = await store.create();
		const first = await store.commit([put("a.example")], []);
		const again = await store.commit([put("a.example"), take("b.example")], []);
		t.strictSame(again.position, first.position);
		t.strictSame((await store.commit([], [entry("look")])).position, first.position);
		const mixed = await store.commit([put("a.example"), put("c.example"), take("b.example")], []);
		t.equal(mixed.position.seq, 2);
		t.strictSame(
			plain((await follow(store, start, 100)).changes),
			plain([put("a.example"), put("c.example")]),
		);
		t.same(
			(await store.audit(undefined, 10)).map((e) => e.action),
			["look"],
			"the audit has it all the same",
		);
	});

	t.test("a commit meant for another epoch changes nothing", async (t) => {
		const { store } = await open(t);
		const { epoch } = await store.create();
		await store.commit([put("a.example")], [], epoch);
		const before = await store.head();
		await t.rejects(store.commit([put("b.example")], [entry("add")], "another"), PoolUnavailable);
		t.strictSame(await store.head(), before);
		t.strictSame(await store.read("b.example"), []);
		t.strictSame(await store.audit(undefined, 10), []);
	});

	t.test("a commit takes so many edits and no more", async (t) => {
		const { store } = await open(t);
		await store.create();
		await t.rejects(store.commit(puts(MAX_EDITS + 1), [entry("add")]));
		t.equal((await allRecords(store)).size, 0);
		const { position } = await store.commit(puts(MAX_EDITS), []);
		t.equal(position.seq, MAX_EDITS);
		t.equal((await allRecords(store)).size, MAX_EDITS);
	});

	t.test("commits at once are all made, one after the other", async (t) => {
		const pool = await open(t);
		const start = await pool.store.create();
		const stores = [pool.store, (await pool.second?.()) ?? pool.store];
		const all = Array.from({ length: 40 }, (_, i) =>
			stores[i % 2].commit([put(`d${i}.example`), putMember(`m${i}`)], []),
		);
		const seqs = (await Promise.all(all)).map((c) => c.position.seq).sort((a, b) => a - b);
		t.strictSame(
			seqs,
			Array.from({ length: 40 }, (_, i) => 2 * (i + 1)),
		);
		const { changes } = await follow(pool.store, start, 7);
		t.strictSame(
			changes.map((c) => c.seq),
			Array.from({ length: 80 }, (_, i) => i + 1),
		);
		for (let i = 0; i < 80; i += 2) {
			t.equal(
				changes[i].key.slice(1, -"\tcert".length).split(".")[0],
				changes[i + 1].key.slice(4),
				"not mixed",
			);
		}
	});

	t.test("the log, followed in steps of any size, leads to the state", async (t) => {
		const { store } = await open(t);
		const start = await store.create();
		const next = numbers(20_241);
		for (let commit = 0; commit < 30; commit++) {
			const edits = Array.from({ length: 1 + (next() % 12) }, () => {
				const domain = `d${next() % 40}.example`;
				return next() % 3 === 0 ? take(domain) : put(domain, { confidence: next() % 4 });
			});
			await store.commit(edits, []);
		}
		const state = sorted(await allRecords(store));
		const head = await store.head();
		for (const limit of [1, 7, 1000]) {
			const { changes, position } = await follow(store, start, limit);
			t.strictSame(sorted(applied(new Map(), changes)), state);
			t.strictSame(position, head);
			t.strictSame(
				changes.map((c) => c.seq),
				changes.map((_, i) => i + 1),
			);
		}
	});

	t.test("positions that are not in this log", async (t) => {
		const { store } = await open(t);
		const start = await store.create();
		await store.commit(puts(3), []);
		const { position: head } = await store.commit([put("x.example")], []);
		t.same(await store.changesSince(head, 10), { changes: [], position: head });
		t.equal(await store.changesSince({ ...start, epoch: "another" }, 10), "replaced");
		t.equal(await store.changesSince({ ...head, token: "another" }, 10), "replaced");
		t.equal(await store.changesSince({ ...head, seq: head.seq + 1 }, 10), "replaced");
		t.equal(await store.changesSince({ epoch: start.epoch, seq: 2, token: "another" }, 10), "replaced");
	});

	t.test("a log that was trimmed says so", async (t) => {
		const { store } = await open(t, { keepChanges: 10 });
		const start = await store.create();
		const early = await store.commit([put("early.example")], []);
		for (let i = 0; i < 3; i++) await store.commit(puts(MAX_EDITS, `p${i}-`), []);
		const late = await store.head();
		await store.commit(puts(10, "late"), []);
		t.equal(await store.changesSince(start, 10), "trimmed");
		t.equal(await store.changesSince(early.position, 10), "trimmed");
		if (late === undefined) return t.fail("no head");
		t.equal((await follow(store, late, 100)).changes.length, 10);
		t.equal((await allRecords(store)).size, 3 * MAX_EDITS + 11);
	});

	t.test("waiting ends with a commit, with a signal, and with time", async (t) => {
		const { store } = await open(t);
		const start = await store.create();
		const never = new AbortController().signal;

		let over = false;
		const waiting = store.wait(start, DEADLINE_MS * 10, never).then(() => {
			over = true;
		});
		t.equal(over, false);
		const { position } = await store.commit([put("a.example")], []);
		await waiting;

		await store.wait(start, DEADLINE_MS * 10, never);
		t.pass("there were changes already");
		await store.wait(position, 1, never);
		t.pass("time was over");
		const stop = new AbortController();
		const stopped = store.wait(position, DEADLINE_MS * 10, stop.signal);
		stop.abort();
		await stopped;
		await store.wait(position, DEADLINE_MS * 10, AbortSignal.abort());
		t.pass("it was aborted before");
	});

	t.test("text of any kind comes back as it was", async (t) => {
		const { store } = await open(t);
		const start = await store.create();
		const values = [
			"\"'\\`$(x) %s {} [] ; -- \r\n\t",
			"\u0000\u0001\u001f\u007f",
			"ä ß € 漢字 \u{1f480} \u2028\u2029",
			"x".repeat(8000),
			"0",
			" ",
		];
		const edits = values.map((value, i) => ({ key: contributionKey(`d${i}.example`, "a.b_c-d"), value }));
		await store.commit(edits, [entry("add", Object.fromEntries(values.map((v, i) => [`v${i}`, v])))]);
		t.strictSame(sorted(await allRecords(store)), sorted(edits));
		t.strictSame(plain((await follow(store, start, 2)).changes), plain(edits));
		t.strictSame(await store.read("d2.example"), [edits[2]]);
		const [said] = await store.audit(undefined, 1);
		t.strictSame(Object.values(said.details), values);
	});

	t.test("long names", async (t) => {
		const { store } = await open(t);
		await store.create();
		const label = "l".repeat(63);
		const domain = `${label}.${label}.${label}.${"l".repeat(61)}`;
		const member = "m".repeat(63);
		const edits = [put(domain, { member }), { key: memberKey(member), value: "{}" }];
		await store.commit(edits, []);
		t.strictSame(await store.read(domain), [record(edits[0])]);
		t.equal((await allRecords(store)).size, 2);
	});
}

function record({ key, value }: Edit): { key: string; value: string } {
	return { key, value: value ?? "" };
}

/** The same numbers in every run. */
function numbers(seed: number): () => number {
	let state = seed;
	return () => {
		state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
		return state >>> 8;
	};
}
