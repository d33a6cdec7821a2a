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

function gate(): { readonly opened: Promise<void>; open(): void } {
	let open = () => {};
	const opened = new Promise<void>((resolve) => {
		open = resolve;
	});
	return { opened, open: () => open() };
}

test("a reload that is asked for during a takeover comes behind it, once", async (t) => {
	const said: string[] = [];
	const [reloading, taking, second] = [gate(), gate(), gate()];
	const reloads = new Reloads(async () => {
		said.push("reload");
		if (said.length === 1) await reloading.opened;
		else second.open();
		return true;
	}, t.error);
	const first = reloads.ask();
	const takeover = reloads.alone(async () => {
		said.push("takeover");
		await taking.opened;
	});
	t.same(said, ["reload"]);
	reloading.open();
	await first;
	void reloads.ask();
	void reloads.ask();
	taking.open();
	await takeover;
	await second.opened;
	t.same(said, ["reload", "takeover", "reload"]);
});
