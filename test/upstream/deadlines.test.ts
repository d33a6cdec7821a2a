import { test } from "tap";
import { Deadlines } from "../../src/upstream/deadlines.ts";
import { Inquiry } from "../../src/upstream/inquiry.ts";

function inquiries(count: number, inMs: (i: number) => number): Inquiry[] {
	return Array.from({ length: count }, (_, i) => {
		const inquiry = new Inquiry({ answered: () => {}, failed: () => {} });
		inquiry.deadline = performance.now() + inMs(i);
		return inquiry;
	});
}

/** Which of `all` expire, until `last` has. */
function expired(all: readonly Inquiry[], last: Inquiry, remove: readonly Inquiry[]): Promise<number[]> {
	return new Promise((resolve) => {
		const seen: number[] = [];
		const deadlines = new Deadlines<Inquiry>((inquiry) => {
			if (performance.now() < inquiry.deadline) seen.push(-1);
			seen.push(all.indexOf(inquiry));
			if (inquiry === last) resolve(seen);
		});
		for (const inquiry of all) deadlines.add(inquiry);
		for (const inquiry of remove) deadlines.remove(inquiry);
	});
}

test("they expire in order, and never too early", async (t) => {
	const all = inquiries(5, (i) => 5 + i * 3);
	const [, , , , last] = all;
	if (last !== undefined) t.strictSame(await expired(all, last, []), [0, 1, 2, 3, 4]);
});

test("first, last and middle can be taken out, once and again", async (t) => {
	const all = inquiries(7, (i) => 5 + i);
	const [first, , , middle, , next, last] = all;
	if (first === undefined || middle === undefined || next === undefined || last === undefined)
		return t.fail();
	t.strictSame(await expired(all, next, [first, middle, last, first, middle, last]), [1, 2, 4, 5]);
});

test("what is added while another expires has its turn", async (t) => {
	const [one, two] = inquiries(2, () => 5);
	if (one === undefined || two === undefined) return t.fail();
	await new Promise<void>((resolve) => {
		const deadlines = new Deadlines<Inquiry>((inquiry) => {
			if (inquiry === two) return resolve();
			two.deadline = performance.now() + 5;
			deadlines.add(two);
		});
		deadlines.add(one);
	});
	t.pass();
});

test("clearing gives all back, in order, and no more expires", (t) => {
	const all = inquiries(4, () => 0);
	const deadlines = new Deadlines<Inquiry>(() => t.fail("expired"));
	for (const inquiry of all) deadlines.add(inquiry);
	const taken: number[] = [];
	deadlines.clear((inquiry) => taken.push(all.indexOf(inquiry)));
	t.strictSame(taken, [0, 1, 2, 3]);
	deadlines.clear(() => t.fail("a second time"));
	t.end();
});
