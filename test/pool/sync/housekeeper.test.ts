import { type Test, test } from "tap";
import { PoolUnavailable } from "../../../src/pool/store.ts";
import { Housekeeper } from "../../../src/pool/sync/housekeeper.ts";
import { until } from "./following.ts";
import { logLines } from "./lines.ts";

/** `sweep` says how many it swept at its nth call. */
function keeper(t: Test, sweep: (nth: number) => number, resume: () => Promise<void> = async () => {}) {
	const lines = logLines();
	const seen = { sweeps: 0, resumed: 0, asked: [] as [string, number][] };
	const housekeeper = new Housekeeper({
		store: {
			sweep: async (node, limit) => {
				seen.asked.push([node, limit]);
				return sweep(seen.sweeps++);
			},
		},
		node: "node-1",
		log: lines.log,
		random: Math.random,
		everyMs: 5,
		resumeBatches: async () => {
			seen.resumed++;
			await resume();
		},
	});
	t.teardown(() => housekeeper.stop());
	housekeeper.start();
	return { ...lines, housekeeper, seen };
}

test("it sweeps until nothing is left, then carries batches on", async (t) => {
	const { seen, housekeeper } = keeper(t, (nth) => [1000, 1000, 17][nth] ?? 0);
	await until("it went round", () => seen.resumed >= 1);
	t.ok(seen.sweeps >= 4);
	t.equal(housekeeper.swept, 2017);
	t.strictSame(seen.asked[0], ["node-1", 1000]);
	await until("it goes on", () => seen.resumed >= 3);
});

test("a store that is away is asked again, without a word", async (t) => {
	const { seen, lines } = keeper(t, (nth) => {
		if (nth < 3) throw new PoolUnavailable("connect ECONNREFUSED");
		return 0;
	});
	await until("it went round", () => seen.resumed >= 1);
	t.equal(seen.sweeps >= 4, true);
	t.strictSame(lines, []);
});

test("what fails otherwise is told once, and tried again", async (t) => {
	let fails = 4;
	const { seen, matching } = keeper(
		t,
		() => 0,
		async () => {
			if (fails-- > 0) throw new Error("a batch with no end");
		},
	);
	await until("it works", () => seen.resumed >= 6);
	t.equal(matching(/housekeeping .* failed/).length, 1);
	t.match(matching(/housekeeping .* failed/)[0], { level: "warn", problem: /a batch with no end/ });
	t.equal(matching(/works again/).length, 1);
});

test("it stops in the middle of a sweep that has no end", async (t) => {
	const { housekeeper, seen } = keeper(t, () => 1);
	await until("it sweeps", () => seen.sweeps > 0);
	await housekeeper.stop();
	const { sweeps } = seen;
	await new Promise((resolve) => setImmediate(resolve));
	t.equal(seen.sweeps, sweeps);
});
