/** Entries in any order come out in the order of their keys. */
import { readdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { packed, stamp, stamped, unpacked } from "../../../src/pool/embedded/packed-key.ts";
import { removeRuns, SortedRuns } from "../../../src/pool/embedded/sorted-runs.ts";
import { dataFolder } from "./opening.ts";

/** Every number below `count`, mixed. */
function mixed(count: number): number[] {
	return Array.from({ length: count }, (_, i) => (i * 7919) % count);
}

test("in order, however many parts they were written in", (t) => {
	for (const most of [1, 50, 1000, 1e9]) {
		const folder = dataFolder(t);
		const runs = new SortedRuns(folder, "x", most);
		for (const n of mixed(1000)) runs.add(`k${n}`, `v${n}`);
		t.equal(readdirSync(folder).length > 0, most < 1e9, "files are for what does not fit");
		t.strictSame(
			[...runs.merged()],
			mixed(1000)
				.map((n) => ({ key: `k${n}`, value: `v${n}` }))
				.sort((a, b) => (a.key < b.key ? -1 : 1)),
		);
		runs.drop();
		t.strictSame(readdirSync(folder), []);
	}
	t.end();
});

test("the value that was added last is the one", (t) => {
	for (const most of [1, 20, 1e9]) {
		const runs = new SortedRuns(dataFolder(t), "x", most);
		for (let round = 0; round < 5; round++) {
			for (const n of mixed(30)) runs.add(`k${n}`, `${n} in round ${round}`);
		}
		const all = [...runs.merged()];
		t.equal(all.length, 30);
		for (const { key, value } of all) t.equal(value, `${key.slice(1)} in round 4`);
	}
	t.end();
});

test("keys and values of any bytes, empty ones and long ones", (t) => {
	const entries = [
		{ key: packed("\u{1f480}.example"), value: "\u{1f480}\0\n\u2028" },
		{ key: packed("\uffee.example"), value: "" },
		{ key: "\0", value: "x".repeat(300_000) },
		{ key: "\0\0", value: "ü".repeat(70_000) },
		{ key: `f${stamp(1.7e12)}a.example`, value: " " },
	];
	for (const most of [1, 1e9]) {
		const runs = new SortedRuns(dataFolder(t), "x", most);
		for (const { key, value } of entries) runs.add(key, value);
		t.same(
			[...runs.merged()],
			[...entries].sort((a, b) => Buffer.compare(Buffer.from(a.key, "latin1"), Buffer.from(b.key, "latin1"))),
		);
		runs.drop();
	}
	const none = new SortedRuns(dataFolder(t), "x");
	t.strictSame([...none.merged()], []);
	t.end();
});

test("a part that lost its end is not taken for a short one", (t) => {
	for (const left of [0, 15, 100]) {
		const folder = dataFolder(t);
		const runs = new SortedRuns(folder, "x", 1000);
		for (const n of mixed(500)) runs.add(`k${n}`, "value");
		truncateSync(join(folder, "x-0.run"), left);
		t.throws(() => [...runs.merged()], { message: /x-0\.run was cut off/ });
	}
	t.end();
});

test("what was left behind is removed, and nothing else", (t) => {
	const folder = dataFolder(t);
	for (const name of ["records-0.run", "moments-12.run", "data.mdb"]) writeFileSync(join(folder, name), "");
	removeRuns(folder);
	t.strictSame(readdirSync(folder), ["data.mdb"]);
	t.end();
});

test("packed keys have the order of their bytes, and stamps that of their numbers", (t) => {
	for (const key of ["a", "\u{1f480}", "\uffee", "ä\tc\tß", "\0"]) t.equal(unpacked(packed(key)), key);
	t.ok(packed("\uffee") < packed("\u{1f480}"), "unlike the text, whose first half of a pair is the lower");
	const numbers = [0, 1, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, 1.7e12, 8.64e15, 2 ** 53 - 1];
	for (const number of numbers) t.equal(stamped(`x${stamp(number)}y`, 1), number);
	t.strictSame(numbers.map(stamp).sort(), numbers.map(stamp));
	t.end();
});
