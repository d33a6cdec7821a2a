import { test } from "tap";
import { deltaFault } from "../../../src/pool/desk/delta-limit.ts";

const LIMITS = { maxChange: 0.25, freeChanges: 1000, maxChanges: 100_000 };

test("how much one batch may change", async (t) => {
	for (const [adds, removes, has, held] of [
		[0, 0, 0, false],
		[1000, 0, 0, false],
		[1001, 0, 0, true],
		[0, 1000, 1000, false],
		[500, 500, 1000, false],
		[500, 501, 1000, true],
		[0, 1001, 3000, true],
		[1001, 0, 4004, false],
		[1001, 0, 4003, true],
		[0, 1001, 4004, false],
		[1001, 1001, 4004, false],
		[1, 1002, 4004, true],
		[100_000, 100_000, 10_000_000, false],
		[100_001, 0, 10_000_000, true],
		[0, 100_001, 10_000_000, true],
	] as const) {
		const fault = deltaFault("cert", { adds, removes }, has, LIMITS);
		t.equal(fault !== undefined, held, `${adds} and ${removes} of ${has}: ${fault ?? "enters"}`);
	}
});

test("the reason names the member, the numbers, and the limits", async (t) => {
	const of = (adds: number, has: number) => deltaFault("cert", { adds, removes: 7 }, has, LIMITS) ?? "";
	t.equal(
		of(2000, 4000),
		"the batch of cert adds 2000 domains and removes 7, of 4000 it has: more than 1000 (pool.limits.freeChanges), and more than 25 % of its own, 1000 (pool.limits.maxChange)",
	);
	t.match(of(2000, 0), /the 1000 that a member may begin with at once \(pool\.limits\.freeChanges\)/);
	t.match(of(200_000, 9e6), /200000 .* 7 .* 9000000 .*pool\.limits\.maxChanges \(100000\)/);
});

test("limits of nothing, and of everything", async (t) => {
	const none = { maxChange: 0, freeChanges: 0, maxChanges: 1 };
	t.equal(deltaFault("cert", { adds: 0, removes: 0 }, 5, none), undefined);
	t.ok(deltaFault("cert", { adds: 1, removes: 0 }, 5, none));
	const all = { maxChange: 1, freeChanges: 0, maxChanges: 10 };
	t.equal(deltaFault("cert", { adds: 5, removes: 5 }, 5, all), undefined);
	t.ok(deltaFault("cert", { adds: 6, removes: 0 }, 5, all));
});
