/** Blocked queries become sums by domain and hour, and reach the store once each. */
import { type Test, test } from "tap";
import { BlocklistIndex } from "../../../src/blocklist/index.ts";
import { poolList } from "../../../src/config/vocabulary.ts";
import { PoolUnavailable, type SightingSum } from "../../../src/pool/store.ts";
import { Sightings } from "../../../src/supervisor/pool/sightings.ts";
import { asked, filled, joined } from "../../blocklist/compiled.ts";
import { dataFolder, openStore } from "../../pool/embedded/opening.ts";
import { keptLog } from "../parts.ts";

const HOUR = 3_600_000;
const NOON = Date.UTC(2027, 0, 15, 12);
const NAMES = ["bad.example", "worse.example"];

/** A node whose store is on disk, and can be made to be away. */
async function node(t: Test, names: readonly string[] = NAMES) {
	const store = await openStore(t, dataFolder(t));
	await store.create();
	const memory = joined(
		filled([{ list: poolList("malware", "policy"), rules: names.map((name) => `||${name}^`) }]).finish(),
	);
	const hits = new SharedArrayBuffer(new BlocklistIndex(memory).entryCount * 4);
	const index = new BlocklistIndex(memory, undefined, hits);
	const { log, said } = keptLog();
	const state = { now: NOON + 5 * 60_000, isAway: false, reports: [] as string[] };
	const addSightings = store.addSightings.bind(store);
	store.addSightings = async (report, sums) => {
		state.reports.push(report);
		if (state.isAway) throw new PoolUnavailable("Redis is away");
		await addSightings(report, sums);
	};
	const sightings = new Sightings({
		store,
		network: "isp-a",
		log,
		now: () => state.now,
		index: () => index,
	});
	t.teardown(() => sightings.close());
	return {
		state,
		said,
		sightings,
		block: (name: string, times = 1) => {
			for (let i = 0; i < times; i++) index.hit(index.find(asked(name)));
		},
		stored: async (): Promise<readonly SightingSum[]> =>
			[...(await store.sightings(names.slice(0, 10), 0))].sort(
				(a, b) => a.hour - b.hour || a.domain.localeCompare(b.domain),
			),
	};
}

test("sums by domain, network and hour, with nothing finer", async (t) => {
	const { state, sightings, block, stored } = await node(t);
	block("bad.example", 2);
	block("www.bad.example");
	block("worse.example");
	await sightings.report();
	block("bad.example", 4);
	await sightings.report();
	state.now += HOUR;
	block("bad.example");
	await sightings.report();
	const sum = { network: "isp-a", hour: NOON };
	t.same(await stored(), [
		{ ...sum, domain: "bad.example", count: 7 },
		{ ...sum, domain: "worse.example", count: 1 },
		{ ...sum, domain: "bad.example", count: 1, hour: NOON + HOUR },
	]);
	t.equal(sightings.lost, 0);
});

test("nothing seen, nothing sent", async (t) => {
	const { state, sightings } = await node(t);
	await sightings.report();
	t.same(state.reports, []);
});

test("what is collected before the hour ends stays in that hour", async (t) => {
	const { state, sightings, block, stored } = await node(t);
	block("bad.example", 3);
	sightings.collect();
	state.now += HOUR;
	block("bad.example", 2);
	await sightings.report();
	t.same(
		(await stored()).map(({ hour, count }) => [hour, count]),
		[
			[NOON, 3],
			[NOON + HOUR, 2],
		],
	);
});

test("a store that is away gets every report later, under the same id, once", async (t) => {
	const { state, said, sightings, block, stored } = await node(t);
	state.isAway = true;
	block("bad.example", 3);
	await sightings.report();
	block("bad.example", 2);
	await sightings.report();
	t.match(said, [{ level: "debug", message: /wait until the pool can be reached again/ }]);
	t.same(await stored(), []);
	state.isAway = false;
	await sightings.report();
	t.same(await stored(), [{ domain: "bad.example", count: 5, network: "isp-a", hour: NOON }]);
	t.equal(new Set(state.reports).size, 2, "two reports, whatever the number of tries");
	t.equal(sightings.lost, 0);
});

test("two days without the store: the oldest are given up, and counted as lost", async (t) => {
	const { state, sightings, block, stored } = await node(t);
	state.isAway = true;
	for (let hour = 0; hour < 50; hour++) {
		block("bad.example", hour === 0 ? 100 : 1);
		await sightings.report();
		state.now += HOUR;
	}
	t.equal(sightings.lost, 101, "of the first two hours");
	state.isAway = false;
	await sightings.report();
	const sums = await stored();
	t.equal(sums.length, 48);
	t.equal(sums[0]?.hour, NOON + 2 * HOUR);
});

test("a report has room for so many domains; the rest is counted as lost", async (t) => {
	const names = Array.from({ length: 10_050 }, (_, i) => `d${i}.example`);
	const { sightings, block } = await node(t, names);
	for (const name of names) block(name, 2);
	await sightings.report();
	t.equal(sightings.lost, 100);
});

test("the last report goes out when the node stops", async (t) => {
	const { sightings, block, stored } = await node(t);
	block("worse.example", 4);
	await sightings.close();
	t.same(await stored(), [{ domain: "worse.example", count: 4, network: "isp-a", hour: NOON }]);
});
