import { type Test, test } from "tap";
import type { AuditWish } from "../../../src/pool/retention.ts";
import { PoolUnavailable } from "../../../src/pool/store.ts";
import { Housekeeper } from "../../../src/pool/sync/housekeeper.ts";
import { openStore } from "../redis/opening.ts";
import { RedisServer } from "../redis/server.ts";
import { expired } from "../store-contract/pool.ts";
import { fill, sameAsStore, startNode, until } from "./following.ts";
import { keepHouse, WISH } from "./keeping-house.ts";
import { logLines } from "./lines.ts";
import { openReplica } from "./parts.ts";

/** `sweep` says how many it swept at its nth call, and `trim` how many entries of the audit went. */
function keeper(
	t: Test,
	sweep: (nth: number) => number,
	resume: () => Promise<void> = async () => {},
	trim: (nth: number) => number = () => 0,
) {
	const lines = logLines();
	const seen = {
		sweeps: 0,
		resumed: 0,
		trims: 0,
		asked: [] as [string, number][],
		wished: [] as [string, AuditWish][],
	};
	let wishes = 0;
	const housekeeper = new Housekeeper({
		store: {
			sweep: async (node, limit) => {
				seen.asked.push([node, limit]);
				return sweep(seen.sweeps++);
			},
			retention: {
				apply: async (node, wish) => {
					seen.wished.push([node, wish]);
					const removed = trim(seen.trims++);
					return { removed, entries: 7 };
				},
				trimmed: async () => undefined,
			},
		},
		audit: () => ({ ...WISH, most: ++wishes }),
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

test("it keeps the audit as the configuration of the moment wishes, until nothing is left to do", async (t) => {
	const { seen, housekeeper, matching } = keeper(
		t,
		() => 0,
		async () => {},
		(nth) => [1000, 1000, 17][nth] ?? 0,
	);
	t.equal(housekeeper.auditEntries, undefined);
	await until("it went round", () => seen.trims >= 6);
	t.equal(housekeeper.trimmed, 2017);
	t.equal(housekeeper.auditEntries, 7);
	t.strictSame(seen.wished.slice(0, 2), [
		["node-1", { ...WISH, most: 1 }],
		["node-1", { ...WISH, most: 2 }],
	]);
	t.match(matching(/audit were taken out/), [{ level: "info", entries: 2017, left: 7 }]);
	t.equal(matching(/audit were taken out/).length, 1);
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

test("two nodes sweep the same Redis, and each contribution goes once", async (t) => {
	const server = await RedisServer.start(t);
	const { store: one } = await openStore(t, server.settings);
	const { store: two } = await openStore(t, server.settings);
	await one.create();
	await fill(one, 100);
	const now = await one.now();
	const old = Array.from({ length: 2500 }, (_, i) => expired(`old${i}.example`, now));
	for (let i = 0; i < old.length; i += 500) await one.commit(old.slice(i, i + 500), []);
	const node = startNode(t, two, await openReplica(t));
	await node.level(one);
	const housekeepers = keepHouse(t, [one, two]);

	const swept = () => housekeepers.reduce((sum, housekeeper) => sum + housekeeper.swept, 0);
	await until("all are swept", () => swept() >= 2500);
	await node.level(one);
	t.equal(swept(), 2500);
	t.equal(node.replica.counts.contributions, 100);
	await sameAsStore(t, node.replica, one, "after the sweep");
	let removals = 0;
	let last: string | undefined;
	for (;;) {
		const entries = await one.audit(last, 1000);
		if (entries.length === 0) break;
		last = entries.at(-1)?.id;
		for (const { action, details } of entries)
			if (action === "expire") removals += Number(details.count ?? 1);
	}
	t.equal(removals, 2500, "and the audit has each once");
});
