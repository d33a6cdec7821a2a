import { test } from "tap";
import { type Fields, isDue, trimming, trimOf, watch } from "../../src/pool/retention-rule.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2027, 5, 15, 10);
const WISH = { keepMs: 100 * DAY, most: 50_000 };

function remembered(more: Readonly<Record<string, number | string>> = {}): Map<string, string> {
	const fields = {
		looked: NOW - 60_000,
		steady: NOW - 30 * DAY,
		[`keep:${WISH.keepMs}`]: NOW - 60_000,
		[`most:${WISH.most}`]: NOW - 60_000,
		...more,
	};
	return new Map(Object.entries(fields).map(([field, value]) => [field, String(value)]));
}

/** As a store does it. */
function taken(fields: Fields, news: ReadonlyMap<string, string | undefined>): Map<string, string> {
	const after = new Map(fields);
	for (const [field, value] of news) {
		if (value === undefined) after.delete(field);
		else after.set(field, value);
	}
	return after;
}

test("what was looked at a moment ago needs no writing", (t) => {
	const { news, limits } = watch(remembered(), WISH, NOW);
	t.equal(news.size, 0);
	t.same(limits, { ...WISH, before: Date.UTC(2027, 2, 7) }, "the day begins in UTC");
	t.end();
});

test("the first look begins a week in which nothing goes", (t) => {
	let fields: Fields = new Map();
	for (let hours = 0; hours < 7 * 24; hours++) {
		const { news, limits } = watch(fields, WISH, NOW + hours * HOUR);
		t.equal(limits, undefined);
		fields = taken(fields, news);
	}
	t.ok(watch(fields, WISH, NOW + 7 * DAY).limits);
	t.end();
});

test("a wish is said anew every hour, and forgotten after a week", (t) => {
	const longer = `keep:${200 * DAY}`;
	let fields: Fields = remembered({ [longer]: NOW });
	let kept = 0;
	for (let hours = 0; hours < 10 * 24; hours++) {
		const { news, limits } = watch(fields, WISH, NOW + hours * HOUR);
		if (limits?.keepMs === 200 * DAY) kept++;
		fields = taken(fields, news);
	}
	t.equal(kept, 7 * 24 + 1);
	t.notOk(fields.has(longer));
	t.equal(fields.get(`keep:${WISH.keepMs}`), String(NOW + (10 * 24 - 1) * HOUR));
	t.end();
});

test("the longest time and the largest number decide, each for itself", (t) => {
	const fields = remembered({ [`keep:${200 * DAY}`]: NOW, "keep:5": NOW, "most:70000": NOW, "most:3": NOW });
	t.match(watch(fields, WISH, NOW).limits, { keepMs: 200 * DAY, most: 70_000 });
	t.end();
});

test("a wish of the future counts a week from now", (t) => {
	const longer = `keep:${200 * DAY}`;
	const fields = remembered({ [longer]: NOW + 3000 * DAY });
	const { news, limits } = watch(fields, WISH, NOW);
	t.equal(limits?.keepMs, 200 * DAY);
	t.equal(news.get(longer), String(NOW));
	t.end();
});

test("a clock that leaps, either way, is not believed for a week", (t) => {
	for (const looked of [NOW - 8 * DAY, NOW + 2 * HOUR, "", "soon", 1e30]) {
		const fields = remembered({ looked });
		const { news, limits } = watch(fields, WISH, NOW);
		t.equal(limits, undefined, String(looked));
		t.match(Object.fromEntries(news), { steady: String(NOW), looked: String(NOW) });
		const after = taken(fields, news);
		t.equal(watch(after, WISH, NOW + HOUR).limits, undefined);
	}
	t.ok(watch(remembered({ looked: NOW - 6 * DAY }), WISH, NOW).limits);
	t.ok(watch(remembered({ looked: NOW + 60_000 }), WISH, NOW).limits, "clocks are corrected by a little");
	t.end();
});

test("what is due", (t) => {
	const limits = { ...WISH, before: NOW - 100 * DAY };
	t.notOk(isDue(limits, 0, undefined));
	t.notOk(isDue(limits, 50_000, { at: limits.before }));
	t.ok(isDue(limits, 50_001, { at: limits.before }));
	t.ok(isDue(limits, 1, { at: limits.before - 1 }));
	t.end();
});

test("an entry from before the first that is young goes, and none behind it", (t) => {
	const limits = { ...WISH, before: NOW };
	const oldest = [NOW - 5, NOW - 4, NOW, NOW - 3].map((at, i) => ({ id: String(i), at }));
	const found = trimming({ fields: new Map(), limits, length: 4, node: "n", now: NOW }, oldest);
	t.match(found, { count: 2, entry: { details: { entries: "2", keep: "100d" } } });
	t.same(trimOf(found?.fields ?? new Map()), { entries: 2, until: NOW - 4, last: "1", at: NOW, node: "n" });
	t.equal(
		trimming({ fields: new Map(), limits, length: 2, node: "n", now: NOW }, oldest.slice(2)),
		undefined,
	);
	t.end();
});

test("a moment that is none is told all the same", (t) => {
	const limits = { ...WISH, before: Number.MAX_SAFE_INTEGER };
	for (const at of [9e15, -9e15]) {
		const found = trimming({ fields: new Map(), limits, length: 1, node: "n", now: NOW }, [{ id: "1", at }]);
		t.match(found?.entry.details.until, /\d{6}-\d\d-\d\dT/);
	}
	t.end();
});

test("what went is summed up", (t) => {
	const limits = { ...WISH, before: NOW };
	const fields = new Map([["removed", "40"]]);
	const found = trimming({ fields, limits, length: 1, node: "n", now: NOW }, [{ id: "1", at: 5 }]);
	t.equal(found?.fields.get("removed"), "41");
	t.equal(trimOf(new Map()), undefined);
	t.end();
});
