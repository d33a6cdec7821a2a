/** How long the audit is kept, and what is said of what is gone. */
import type { Test } from "tap";
import type { AuditEntry } from "../../../src/pool/record.ts";
import type { AuditWish } from "../../../src/pool/retention.ts";
import type { PoolStore } from "../../../src/pool/store.ts";
import { entry, type OpenPool, type Past, put } from "./pool.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const WISH: AuditWish = { keepMs: 730 * DAY, most: 1_000_000 };

/** Entries of so many days ago, a minute apart. */
function written(count: number, daysAgo: number, action = "add"): Omit<AuditEntry, "id">[] {
	const from = Date.now() - daysAgo * DAY;
	return Array.from({ length: count }, (_, i) => ({
		...entry(action, { n: String(i) }),
		at: from + i * 60_000,
	}));
}

/** A pool that has been looked after for a month. */
function watched(entries: Past["entries"], more: Readonly<Record<string, string>> = {}): { past: Past } {
	const now = Date.now();
	const retention = { steady: String(now - 30 * DAY), looked: String(now - 60_000), ...more };
	return { past: { entries, retention } };
}

/** Until nothing more is to be done. @returns how many went at each step. */
async function applied(store: PoolStore, wish = WISH, node = "node-7"): Promise<number[]> {
	const steps: number[] = [];
	for (;;) {
		const { removed } = await store.retention.apply(node, wish);
		if (removed === 0) return steps;
		steps.push(removed);
	}
}

async function whole(store: PoolStore): Promise<AuditEntry[]> {
	const all: AuditEntry[] = [];
	for (;;) {
		const page = await store.audit(all.at(-1)?.id, 1000);
		if (page.length === 0) return all;
		all.push(...page);
	}
}

export function retentionContract(t: Test, open: OpenPool): void {
	t.test("what is older than anybody wishes goes, with a trace, and what is younger stays", async (t) => {
		const { store } = await open(t, watched([...written(5, 800), ...written(3, 700, "hold")]));
		await store.create();
		const before = await whole(store);
		t.equal(before.length, 8);
		t.equal(await store.retention.trimmed(undefined), undefined);
		t.same(await store.retention.apply("node-7", WISH), { removed: 5, entries: 4 });
		const after = await whole(store);
		t.strictSame(after.slice(0, 3), before.slice(5));
		const until = before[4].at;
		t.match(after[3], {
			actor: "cordon",
			node: "node-7",
			from: "retention",
			action: "trim",
			details: { entries: "5", until: new Date(until).toISOString(), keep: "730d" },
		});
		t.ok(Math.abs(after[3].at - Date.now()) < HOUR);
		t.same(await store.retention.apply("node-7", WISH), { removed: 0, entries: 4 });
		t.equal((await whole(store)).length, 4, "what took nothing out is not told");

		const gone = { entries: 5, until, last: before[4].id, node: "node-7" };
		t.match(await store.retention.trimmed(undefined), gone);
		t.match(await store.retention.trimmed(before[0].id), gone);
		t.match(await store.retention.trimmed(before[3].id), gone);
		t.equal(await store.retention.trimmed(before[4].id), undefined, "nothing is missing after the last");
		t.equal(await store.retention.trimmed(after[0].id), undefined);
		t.strictSame(await store.audit(before[1].id, 2), after.slice(0, 2), "it goes on with what is left");
	});

	t.test("nothing goes before the pool has been looked after for a week", async (t) => {
		const { store } = await open(t, { past: { entries: written(5, 800), retention: {} } });
		await store.create();
		for (let i = 0; i < 3; i++) {
			t.same(await store.retention.apply("node-7", WISH), { removed: 0, entries: 5 });
		}
		const soon = watched(written(5, 800), { steady: String(Date.now() - 6 * DAY) });
		const { store: younger } = await open(t, soon);
		await younger.create();
		t.same(await applied(younger), []);
		t.equal((await whole(younger)).length, 5);
	});

	t.test("the longest wish decides, until nobody has said it for a week", async (t) => {
		const said = (daysAgo: number) => ({ [`keep:${900 * DAY}`]: String(Date.now() - daysAgo * DAY) });
		const { store } = await open(t, watched(written(5, 800), said(6)));
		await store.create();
		t.same(await applied(store), []);
		t.same(await applied(store, { ...WISH, keepMs: 30 * DAY }), []);
		t.equal((await whole(store)).length, 5);
		const { store: later } = await open(t, watched(written(5, 800), said(8)));
		await later.create();
		t.same(await applied(later), [5]);
	});

	t.test("a node that wishes less than another takes nothing from it", async (t) => {
		const pool = await open(t, watched(written(5, 800)));
		const one = pool.store;
		const two = (await pool.second?.()) ?? one;
		await one.create();
		t.same(await applied(one, { ...WISH, keepMs: 1000 * DAY }, "node-1"), []);
		t.same(await applied(two, { ...WISH, keepMs: 30 * DAY }, "node-2"), []);
		t.same(await applied(one, { ...WISH, keepMs: 30 * DAY }, "node-1"), [], "nor when it is mistaken itself");
		t.equal((await whole(one)).length, 5);
	});

	t.test("after the clock leapt nothing goes", async (t) => {
		for (const looked of [Date.now() - 8 * DAY, Date.now() + 2 * DAY]) {
			const { store } = await open(t, watched(written(5, 800), { looked: String(looked) }));
			await store.create();
			t.same(await applied(store), []);
			t.same(await applied(store), [], "nor at the next look");
			t.equal((await whole(store)).length, 5);
		}
		const { store } = await open(t, watched(written(5, 800), { looked: String(Date.now() - 6 * DAY) }));
		await store.create();
		t.same(await applied(store), [5], "a node that was off over a holiday is no leap");
	});

	t.test("there are no more than the largest number that is wished", async (t) => {
		const wish = { ...WISH, most: 10_000 };
		const many = written(10_500, 20);
		const { store } = await open(t, watched(many, { "most:20000": String(Date.now() - DAY) }));
		await store.create();
		t.same(await applied(store, wish), [], "another wishes more");
		const { store: alone } = await open(t, watched(many));
		await alone.create();
		t.same(await applied(alone, wish), [600], "one in a hundred more, so that it is not done again at once");
		const left = await whole(alone);
		t.equal(left.length, 9901);
		t.match(left[0].details, { n: "600" });
		t.match(left.at(-1), { action: "trim", details: { entries: "600", most: "10000" } });
	});

	t.test("much is taken out in steps, each with its own trace", async (t) => {
		const { store } = await open(t, watched([...written(2500, 800), ...written(10, 1, "hold")]));
		await store.create();
		t.same(await applied(store), [1000, 1000, 500]);
		const left = await whole(store);
		t.same(
			left.map(({ action }) => action),
			[...Array.from({ length: 10 }, () => "hold"), "trim", "trim", "trim"],
		);
		t.match(await store.retention.trimmed(undefined), { entries: 2500 });
	});

	t.test("two nodes that do it at once take each out once, and nothing that is young", async (t) => {
		const pool = await open(t, watched([...written(4200, 800), ...written(300, 700, "hold")]));
		await pool.store.create();
		const stores = [pool.store, (await pool.second?.()) ?? pool.store];
		let removed = 0;
		for (let round = 0; round < 50 && removed < 4200; round++) {
			const both = await Promise.all(stores.map((store, i) => store.retention.apply(`node-${i}`, WISH)));
			removed += both[0].removed + both[1].removed;
			// What is written meanwhile stays as well.
			await pool.store.commit([], [entry("add", { n: "new" })]);
		}
		t.equal(removed, 4200);
		const left = await whole(pool.store);
		t.equal(left.filter(({ action }) => action === "hold").length, 300);
		const trims = left.filter(({ action }) => action === "trim");
		t.equal(
			trims.reduce((sum, { details }) => sum + Number(details.entries), 0),
			4200,
		);
		t.equal(left.length, 300 + trims.length + left.filter(({ details }) => details.n === "new").length);
		t.match(await pool.store.retention.trimmed(undefined), { entries: 4200 });
	});

	t.test("an audit that has gone as a whole goes on, also after a restart", async (t) => {
		const pool = await open(t, watched(written(5, 800)));
		await pool.store.create();
		const ids = (await whole(pool.store)).map(({ id }) => id);
		t.same(await applied(pool.store), [5]);
		const trimmed = await pool.store.retention.trimmed(undefined);
		const store = await pool.reopen();
		t.strictSame(await store.retention.trimmed(undefined), trimmed);
		await store.commit([put("a.example")], [entry("add")]);
		const left = await whole(store);
		t.same(
			left.map(({ action }) => action),
			["trim", "add"],
		);
		t.same(
			left.filter(({ id }) => ids.includes(id)),
			[],
			"no id comes twice",
		);
		t.equal(await store.retention.trimmed(left[0].id), undefined);
		t.strictSame(await store.audit(ids[2], 10), left);
	});

	t.test("without a pool nothing is done", async (t) => {
		const { store } = await open(t);
		t.same(await store.retention.apply("node-7", WISH), { removed: 0, entries: 0 });
		t.equal(await store.retention.trimmed(undefined), undefined);
	});
}
