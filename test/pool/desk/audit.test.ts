import { test } from "tap";
import { about, OPERATOR, officeIn, refusal } from "./office.ts";
import { storeWith } from "./store-with.ts";

test("an admin reads all of the audit, others what they did", async (t) => {
	const office = await officeIn(t);
	const { desk } = office;
	const [cert, isp, alice] = [
		await office.member("cert"),
		await office.member("isp"),
		await office.member("alice", "admin"),
	];
	for (let i = 0; i < 3; i++) {
		await office.submit([about(`c${i}.example`)], cert);
		await office.submit([about(`i${i}.example`)], isp);
	}
	const all = (await desk.audit(undefined, 1000, alice)).entries;
	t.equal(all.length, 9);
	t.same((await desk.audit(all[3].id, 2, OPERATOR)).entries, all.slice(4, 6));
	const own = all.filter(({ actor }) => actor === "isp");
	t.same((await desk.audit(undefined, 1000, isp)).entries, own);
	t.same((await desk.audit(undefined, 2, isp)).entries, own.slice(0, 2));
	t.same((await desk.audit(own[1].id, 2, isp)).entries, own.slice(2));
	t.same((await desk.audit(own[2].id, 2, isp)).entries, []);
	t.ok(all.every(({ at, from, node }) => at === office.clock.now && from !== "" && node === "node-a"));
});

test("one's own are found behind a thousand of others", async (t) => {
	const office = await officeIn(t);
	const [cert, isp] = [await office.member("cert"), await office.member("isp")];
	const other = { actor: "cert", node: "n", from: "f", action: "add", details: {} };
	for (let i = 0; i < 25; i++)
		await office.store.commit(
			[],
			Array.from({ length: 100 }, () => other),
		);
	await office.submit([about("late.example")], isp);
	t.match((await office.desk.audit(undefined, 10, isp)).entries, [
		{ actor: "isp", details: { domain: "late.example" } },
	]);
	t.equal((await office.desk.audit(undefined, 1000, cert)).entries.length, 1000);
});

test("places and limits that are none", async (t) => {
	const { desk } = await officeIn(t);
	for (const after of ["", "a b", "x".repeat(101), "\u0000"]) {
		await t.rejects(desk.audit(after, 10, OPERATOR), refusal(400, /after/));
	}
	for (const limit of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
		await t.rejects(desk.audit(undefined, limit, OPERATOR), refusal(400, /limit/));
	}
});

test("a place that the store does not know as one", async (t) => {
	const { desk } = await officeIn(t, {
		seenAs: (store) =>
			storeWith(store, { audit: () => Promise.reject(new RangeError('"abc" is not the id')) }),
	});
	await t.rejects(desk.audit("abc", 10, OPERATOR), refusal(400, /^after: "abc" is not the id/));
});

test("what retention took out is told wherever it is missed", async (t) => {
	const DAY = 86_400_000;
	const office = await officeIn(t);
	const { desk, store, clock } = office;
	const [cert, isp] = [await office.member("cert"), await office.member("isp")];
	for (let i = 0; i < 5; i++) await office.submit([about(`c${i}.example`)], cert);
	const { entries: before, trimmed } = await desk.audit(undefined, 100, OPERATOR);
	t.equal(trimmed, undefined);
	// As a node does it: now and then.
	for (let days = 0; days < 40; days++) {
		clock.now += DAY;
		t.equal(
			(await store.retention.apply("node-a", { keepMs: 35 * DAY, most: 10_000 })).removed > 0,
			days === 35,
		);
	}
	const gone = { entries: before.length, last: before[before.length - 1].id, node: "node-a" };
	for (const actor of [OPERATOR, cert, isp]) t.match((await desk.audit(undefined, 10, actor)).trimmed, gone);
	t.match((await desk.audit(before[2].id, 10, OPERATOR)).trimmed, gone, "a place that is gone");
	t.match((await desk.audit(before[2].id, 10, isp)).entries, []);
	const after = await desk.audit(gone.last, 10, OPERATOR);
	t.notOk("trimmed" in after, "from there on nothing is missing");
	t.match(after.entries, [{ action: "trim", details: { entries: String(before.length) } }]);
});

test("what is trimmed while it is read is told of the page that misses it", async (t) => {
	const DAY = 86_400_000;
	const wish = { keepMs: 35 * DAY, most: 10_000 };
	let between = async () => {};
	const office = await officeIn(t, {
		seenAs: (store) =>
			storeWith(store, {
				audit: async (...asked) => {
					const page = await store.audit(...asked);
					await between();
					return page;
				},
			}),
	});
	const { desk, store, clock } = office;
	const entry = { actor: "cert", node: "n", from: "f", action: "add", details: {} };
	await store.commit(
		[],
		Array.from({ length: 5 }, () => entry),
	);
	for (let days = 0; days < 35; days++) {
		clock.now += DAY;
		await store.retention.apply("node-a", wish);
	}
	clock.now += DAY;
	between = async () => {
		between = async () => {};
		await store.retention.apply("node-a", wish);
	};
	const page = await desk.audit(undefined, 10, OPERATOR);
	t.match(page.trimmed, { entries: 5 });
	t.match(page.entries, [{ action: "trim" }], "read anew: the page and what is said of it fit together");
	t.equal(page.entries.length, 1);
});
