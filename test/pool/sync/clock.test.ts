import { test } from "tap";
import { PoolUnavailable } from "../../../src/pool/store.ts";
import { PoolClock } from "../../../src/pool/sync/clock.ts";
import { logLines } from "./lines.ts";

const NOW = Date.UTC(2027, 0, 15, 12);
const HOUR = 3_600_000;

function clockOf(start = NOW) {
	const lines = logLines();
	const local = { now: start };
	const clock = new PoolClock({ now: () => local.now, log: lines.log, everyMs: 120_000 });
	return { ...lines, local, clock };
}

test("a clock that is nearly right is left alone", async (t) => {
	const { clock, lines } = clockOf();
	await clock.ask({ now: async () => NOW + 1900 });
	t.equal(clock.now(), NOW);
	t.equal(clock.aheadMs, -1900);
	t.strictSame(lines, []);
});

test("a clock two hours off is corrected, with one line, and stays so when the store is gone", async (t) => {
	const { clock, local, matching } = clockOf(NOW + 2 * HOUR);
	let shifts = 0;
	clock.onShift = () => shifts++;
	await clock.ask({ now: async () => NOW });
	t.equal(clock.now(), NOW);
	t.equal(clock.aheadMs, 2 * HOUR);
	t.equal(shifts, 1);
	local.now += HOUR;
	await t.rejects(clock.ask({ now: () => Promise.reject(new PoolUnavailable("gone")) }), { message: "gone" });
	t.equal(clock.now(), NOW + HOUR);
	await clock.ask({ now: async () => NOW + HOUR });
	t.equal(matching(/clock/).length, 1);
	t.match(matching(/differ by more than a minute/)[0], { level: "warn", aheadSeconds: 7200 });
	t.equal(shifts, 1);

	local.now -= 2 * HOUR;
	await clock.ask({ now: async () => NOW + HOUR });
	t.equal(clock.now(), NOW + HOUR);
	t.equal(matching(/agrees .* again/).length, 1);
	t.equal(shifts, 2);
});

test("an answer that took long, or is no time, changes nothing", async (t) => {
	const { clock, local, matching } = clockOf();
	async function slow(): Promise<number> {
		local.now += 60_000;
		return NOW;
	}
	await clock.ask({ now: slow });
	t.equal(clock.now(), local.now);
	for (const theirs of [Number.NaN, 0, -1, Number.POSITIVE_INFINITY, 1e18]) {
		await clock.ask({ now: async () => theirs });
		t.equal(clock.now(), local.now);
	}
	t.equal(matching(/no sensible time/).length, 5);
});

test("it is asked at the start, every few minutes, when the clock was set back, and after the store was away", async (t) => {
	const { clock, local } = clockOf();
	t.equal(clock.due, true);
	await clock.ask({ now: async () => local.now });
	t.equal(clock.due, false);
	local.now += 119_999;
	t.equal(clock.due, false);
	local.now += 1;
	t.equal(clock.due, true);
	await clock.ask({ now: async () => local.now });
	local.now -= 1;
	t.equal(clock.due, true);
	local.now += 1;
	clock.doubt();
	t.equal(clock.due, true);
});
