/** The table of buckets: bounded, exact, and in favour of whoever asks. */
import { test } from "tap";
import { RateTable } from "../../src/resolve/rate-table.ts";

const INTERVAL = 100;
const DEPTH = 1000;

function takeFor(table: RateTable, number: number, now: number, debt = 0): boolean {
	table.aim(Uint8Array.of(10, number >>> 16, number >>> 8, number), 0, 4, 32);
	return table.take(1, now, INTERVAL, DEPTH, debt);
}

function taken(table: RateTable, number: number, now: number, times: number, debt = 0): number {
	let count = 0;
	for (let i = 0; i < times; i++) if (takeFor(table, number, now, debt)) count++;
	return count;
}

test("two who share places are never taken for one another", (t) => {
	const table = new RateTable(RateTable.create(), 7);
	// Far more than there are places, at one moment.
	for (let number = 0; number < 300_000; number++)
		if (!takeFor(table, number, 0)) t.fail(`${number} was limited for what others did`);
	t.equal(RateTable.create().byteLength, 2 << 20, "and the table stays as large as it is");
	t.end();
});

test("a flood of addresses pushes out the idle, not who is in debt", (t) => {
	const table = new RateTable(RateTable.create(), 7);
	t.equal(taken(table, 1, 0, 50), 10);
	for (let number = 1000; number < 300_000; number++) takeFor(table, number, 1);
	t.equal(taken(table, 1, 1, 50), 0, "the one who asked too much is still known");
	t.end();
});

test("a debt lasts for its window and no longer", (t) => {
	const table = new RateTable(RateTable.create(), 7);
	t.equal(taken(table, 1, 0, 10_000, 5000), 10);
	t.equal(taken(table, 1, 4900, 1, 5000), 0);
	t.equal(taken(table, 1, 5200, 100, 5000), 1, "asking in debt made it larger");
	t.equal(taken(table, 1, 20_000, 100, 5000), 10);
	t.end();
});

test("two threads share what is counted", (t) => {
	const memory = RateTable.create();
	const [one, two] = [new RateTable(memory, 7), new RateTable(memory, 7)];
	t.equal(taken(one, 1, 0, 6) + taken(two, 1, 0, 6), 10);
	t.end();
});

test("kinds and networks are told apart", (t) => {
	const table = new RateTable(RateTable.create(), 7);
	const take = (bytes: readonly number[], prefix: number, kind = 1) => {
		table.aim(Uint8Array.from(bytes), 0, bytes.length === 4 ? 4 : 16, prefix);
		return table.take(kind, 0, DEPTH, DEPTH, 0);
	};
	const v6 = (last: number) => [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last];
	t.equal(take([192, 0, 2, 1], 32), true);
	t.equal(take([192, 0, 2, 1], 32), false);
	t.equal(take([192, 0, 2, 1], 32, 2), true, "another kind");
	t.equal(take([192, 0, 2, 1], 24), true, "its network");
	t.equal(take([192, 0, 2, 99], 24), false, "has one bucket");
	t.equal(take([0, 0, 0, 0], 32), true);
	t.equal(take(v6(1), 128), true);
	t.equal(take(v6(2), 128), true);
	t.equal(take(v6(3), 120), true);
	t.equal(take(v6(4), 120), false);
	t.end();
});
