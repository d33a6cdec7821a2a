import { type Test, test } from "tap";
import type { Edit } from "../../../src/pool/record.ts";
import { PoolClock } from "../../../src/pool/sync/clock.ts";
import { MomentWatch } from "../../../src/pool/sync/moment-watch.ts";
import { put } from "../store-contract/pool.ts";
import { until } from "./following.ts";
import { logLines } from "./lines.ts";
import { openReplica } from "./parts.ts";

const NOW = Date.UTC(2027, 0, 15, 12);
const HOUR = 3_600_000;

interface Options {
	readonly judged?: number;
	readonly slice?: number;
	readonly lookMs?: number;
	readonly touched?: (domains: readonly string[]) => void;
}

async function watch(t: Test, edits: readonly Edit[], options: Options = {}) {
	const lines = logLines();
	const local = { now: NOW };
	const clock = new PoolClock({ now: () => local.now, log: lines.log, everyMs: 120_000 });
	const replica = await openReplica(t);
	let seq = 0;
	async function apply(more: readonly Edit[]): Promise<void> {
		const changes = more.map((edit) => ({ ...edit, seq: ++seq }));
		await replica.apply(changes, { epoch: "e", seq, token: String(seq) });
	}
	await apply(edits);
	const named: string[][] = [];
	const moments = new MomentWatch({
		replica,
		clock,
		log: lines.log,
		lookMs: options.lookMs ?? 5,
		...(options.slice === undefined ? {} : { slice: options.slice }),
		touched: (domains) => {
			options.touched?.(domains);
			named.push([...domains]);
		},
	});
	t.teardown(() => moments.stop());
	moments.start(options.judged ?? NOW);
	return { ...lines, local, clock, named, moments, apply, all: () => named.flat() };
}

test("a contribution that begins, and one that ends, are named when their time has come", async (t) => {
	const { local, all } = await watch(t, [
		put("ends.example", { validFrom: NOW - HOUR, validUntil: NOW + 1000 }),
		put("begins.example", { validFrom: NOW + 2000, validUntil: NOW + HOUR }),
		put("later.example", { validFrom: NOW - HOUR, validUntil: NOW + HOUR }),
	]);
	local.now = NOW + 1000;
	await until("the first is named", () => all().length === 1);
	t.strictSame(all(), ["ends.example"]);
	local.now = NOW + 2000;
	await until("the second is named", () => all().length === 2);
	t.strictSame(all(), ["ends.example", "begins.example"]);
});

test("at the start, what happened since the verdicts in use were made is named", async (t) => {
	const { all } = await watch(
		t,
		[
			put("before.example", { validUntil: NOW - 2 * HOUR }),
			put("at.example", { validUntil: NOW - HOUR }),
			put("since.example", { validUntil: NOW - 1 }),
			put("now.example", { validUntil: NOW }),
			put("after.example", { validUntil: NOW + 1 }),
		],
		{ judged: NOW - HOUR },
	);
	await until("they are named", () => all().length >= 2);
	t.strictSame(all().sort(), ["now.example", "since.example"]);
});

test("a clock that is set back names what ended in between once more", async (t) => {
	const { local, all } = await watch(t, [put("ends.example", { validUntil: NOW + 1000 })]);
	local.now = NOW + HOUR;
	await until("it ended", () => all().length === 1);
	local.now = NOW - HOUR;
	await until("it counts again", () => all().length === 2);
	local.now = NOW + HOUR;
	await until("it ended again", () => all().length === 3);
	t.strictSame(new Set(all()), new Set(["ends.example"]));
});

test("a clock that the store corrects is heard at once", async (t) => {
	const { clock, all } = await watch(t, [put("ends.example", { validUntil: NOW + HOUR })], {
		lookMs: 60_000,
	});
	t.strictSame(all(), []);
	await clock.ask({ now: async () => NOW + 2 * HOUR });
	await until("it ended", () => all().length === 1);
	t.strictSame(all(), ["ends.example"]);
});

test("many are named in slices, each once, also when all end in one millisecond", async (t) => {
	const together = Array.from({ length: 250 }, (_, i) => put(`t${i}.example`, { validUntil: NOW + 500 }));
	const apart = Array.from({ length: 250 }, (_, i) =>
		put(`a${i}.example`, { validUntil: NOW + 501 + i * 7 }),
	);
	const { local, named, all } = await watch(t, [...together, ...apart], { slice: 20 });
	local.now = NOW + HOUR;
	await until("all are named", () => all().length >= 500);
	t.equal(all().length, 500);
	t.equal(new Set(all()).size, 500);
	t.ok(named.every((slice) => slice.length <= 20));
});

test("what could not be judged is named again", async (t) => {
	let fails = 3;
	const { local, all, matching } = await watch(t, [put("ends.example", { validUntil: NOW + 1000 })], {
		touched: () => {
			if (fails-- > 0) throw new Error("the overlay is closed");
		},
	});
	local.now = NOW + 1000;
	await until("it is named", () => all().length === 1);
	t.strictSame(all(), ["ends.example"]);
	t.equal(matching(/could not be judged anew/).length, 1);
	await until("that is over", () => matching(/judged anew .* as before/).length === 1);
});

test("a moment that comes nearer is heard when it is told; one beyond the reach of timers is no harm", async (t) => {
	const far = NOW + 400 * 24 * HOUR;
	const { apply, moments, local, all } = await watch(t, [put("far.example", { validUntil: far })], {
		lookMs: 60_000,
	});
	await apply([put("near.example", { validUntil: NOW + 5 })]);
	moments.look();
	local.now = NOW + 5;
	await until("it is named", () => all().length > 0);
	t.strictSame(all(), ["near.example"]);
});

test("a stopped watch names nothing", async (t) => {
	const { moments, local, all } = await watch(t, [put("ends.example", { validUntil: NOW + 1000 })]);
	await moments.stop();
	local.now = NOW + HOUR;
	moments.look();
	await moments.stop();
	t.strictSame(all(), []);
});
