import { test } from "tap";
import { Reloads } from "../../src/supervisor/reloads.ts";

test("the start counts as the first; then each reload tells how it ended", async (t) => {
	const ends = [false, true];
	const reloads = new Reloads(
		async () => ends.shift() ?? false,
		() => t.fail("none rejects"),
	);
	const first = reloads.last;
	t.equal(first.succeeded, true);
	await reloads.ask();
	t.same(reloads.last, { succeeded: false, succeededAt: first.succeededAt });
	await reloads.ask();
	t.equal(reloads.last.succeeded, true);
	t.ok(reloads.last.succeededAt >= first.succeededAt);
});

test("one that rejects is told, counts as failed, and the next runs all the same", async (t) => {
	const heard: unknown[] = [];
	const fault = new Error("no memory");
	let runs = 0;
	const reloads = new Reloads(
		async () => {
			if (runs++ === 0) throw fault;
			return true;
		},
		(error) => heard.push(error),
	);
	await reloads.ask();
	t.same(heard, [fault]);
	t.equal(reloads.last.succeeded, false);
	await reloads.ask();
	t.equal(reloads.last.succeeded, true);
});

test("one at a time: whoever asks during one gets one behind it", async (t) => {
	let running = 0;
	let runs = 0;
	let end = () => {};
	const second = new Promise<void>((resolve) => {
		end = resolve;
	});
	const reloads = new Reloads(
		async () => {
			t.equal(++running, 1);
			if (++runs === 2) end();
			await new Promise((resolve) => setImmediate(resolve));
			running--;
			return true;
		},
		() => {},
	);
	await Promise.all([reloads.ask(), reloads.ask(), reloads.ask()]);
	await second;
	t.equal(runs, 2);
});
