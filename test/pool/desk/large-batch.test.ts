import { type Test, test } from "tap";
import type { EmbeddedStore } from "../../../src/pool/embedded/embedded-store.ts";
import { type PoolStore, PoolUnavailable } from "../../../src/pool/store.ts";
import { dataFolder, openStore } from "../embedded/opening.ts";
import { about, many, OPERATOR, officeIn, START } from "./office.ts";
import { storeWith } from "./store-with.ts";

const limits = { freeChanges: 100_000 };

/** The store goes away for good after so many parts of a batch. */
function dyingAfter(parts: number): (store: EmbeddedStore) => PoolStore {
	let advanced = 0;
	return (store) =>
		storeWith(store, {
			advance: async (id) => {
				if (advanced++ >= parts) throw new PoolUnavailable("the store went away");
				return store.advance(id);
			},
		});
}

async function shared(t: Test) {
	const clock = { now: START };
	const store = await openStore(t, dataFolder(t), { now: () => clock.now });
	return { store, clock };
}

test("20,000 lines enter whole, with a verdict each", async (t) => {
	const office = await officeIn(t, { limits });
	const cert = await office.member("cert");
	const lines = many(20_000);
	lines[777] = about("192.0.2.1");
	const outcome = await office.submit(lines, cert);
	t.equal(outcome.status, "applied");
	t.equal(outcome.reason, undefined);
	t.equal(outcome.lines.length, 20_000);
	t.equal(outcome.lines.filter(({ status }) => status === "added").length, 19_999);
	t.equal(outcome.lines[777].status, "refused");
	t.equal(office.desk.status().contributions, 19_999, "seen at once");
	t.same(await office.store.batches(), []);
	t.match((await office.desk.audit(undefined, 10, OPERATOR)).entries.slice(1), [
		{ action: "batch", details: { member: "cert", added: "19999", batch: /^[0-9a-f-]+$/ } },
	]);

	const gone = lines.map((_, i) => ({ op: "withdraw", domain: `d${i}.test.example` }));
	const withdrawn = await office.submit(gone, cert);
	t.equal(withdrawn.lines.filter(({ status }) => status === "withdrawn").length, 19_999);
	t.equal(office.desk.status().contributions, 0);
});

test("others are served while it is read, staged and applied", async (t) => {
	const office = await officeIn(t, { limits });
	let turns = 0;
	let done = false;
	const count = () => {
		turns++;
		if (!done) setImmediate(count);
	};
	setImmediate(count);
	await office.submit(many(20_000), OPERATOR);
	done = true;
	t.ok(turns > 60, `${turns} turns`);
});

test("what one desk left half done, another one carries on", async (t) => {
	const { store, clock } = await shared(t);
	const first = await officeIn(t, { store, limits, seenAs: dyingAfter(2) });
	const outcome = await first.submit(many(5000), OPERATOR);
	t.match(outcome, { status: "applied", reason: /is taken in; .* applied when it is back/ });
	t.equal(store.replica.counts.contributions, 2000);
	t.match(first.log.join(""), /half applied/);

	const second = await officeIn(t, { store, limits });
	clock.now += 29_999;
	await second.desk.resumeBatches();
	t.equal(store.replica.counts.contributions, 2000, "it may yet be carried on by whoever began");
	clock.now += 1;
	await Promise.all([second.desk.resumeBatches(), second.desk.resumeBatches()]);
	t.equal(store.replica.counts.contributions, 5000);
	t.same(await store.batches(), []);
	const actions = (await second.desk.audit(undefined, 10, OPERATOR)).entries.map(({ action }) => action);
	t.same(actions.slice(0, 2), ["batch", "resume"]);
	const before = await store.head();
	await second.desk.resumeBatches();
	t.same(await store.head(), before, "and not once more");
});

test("two desks that carry on the same apply each part once", async (t) => {
	const { store, clock } = await shared(t);
	const dying = await officeIn(t, { store, limits, seenAs: dyingAfter(0) });
	await dying.submit(many(5000), OPERATOR);
	const [a, b] = [await officeIn(t, { store, limits }), await officeIn(t, { store, limits })];
	clock.now += 30_000;
	const before = (await store.head())?.seq ?? 0;
	await Promise.all([a.desk.resumeBatches(), b.desk.resumeBatches()]);
	t.equal(((await store.head())?.seq ?? 0) - before, 5000, "no change twice");
	t.equal(store.replica.counts.contributions, 5000);
});

test("an approved batch is carried on as well, a held one is not", async (t) => {
	const { store, clock } = await shared(t);
	const tight = { freeChanges: 10 };
	const dying = await officeIn(t, { store, limits: tight, seenAs: dyingAfter(1) });
	const { held = "" } = await dying.submit(many(3000), OPERATOR);
	const other = await officeIn(t, { store, limits: tight });
	clock.now += 60_000;
	await other.desk.resumeBatches();
	t.equal(store.replica.counts.contributions, 0);
	t.equal(other.desk.status().held.batch, 1);
	await dying.desk.approve(held, OPERATOR);
	t.equal(store.replica.counts.contributions, 1000);
	clock.now += 30_000;
	await other.desk.resumeBatches();
	t.equal(store.replica.counts.contributions, 3000);
	t.equal(other.desk.status().held.batch, 0);
});

test("one that cannot be carried on keeps no other waiting", async (t) => {
	const { store, clock } = await shared(t);
	const dying = await officeIn(t, { store, limits, seenAs: dyingAfter(0) });
	await dying.submit(many(1001), OPERATOR);
	await dying.submit(many(1001, 5000), OPERATOR);
	const [first] = await store.batches();
	const other = await officeIn(t, {
		store,
		seenAs: (real) =>
			storeWith(real, {
				advance: async (id) => {
					if (id === first.id) throw new Error("damaged");
					return real.advance(id);
				},
			}),
	});
	clock.now += 30_000;
	await t.rejects(other.desk.resumeBatches(), { message: "damaged" });
	t.same(
		(await store.batches()).map(({ id }) => id),
		[first.id],
	);
});
