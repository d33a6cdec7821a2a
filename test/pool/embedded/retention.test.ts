/** What retention does to the file on disk. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { MAX_EDITS } from "../../../src/pool/store.ts";
import { entry } from "../store-contract/pool.ts";
import { dataFolder, openStore } from "./opening.ts";

const DAY = 86_400_000;
const WISH = { keepMs: 30 * DAY, most: 1_000_000 };

test("the room of what went is used again", async (t) => {
	const folder = dataFolder(t);
	const clock = { now: Date.UTC(2027, 0, 1) };
	const store = await openStore(t, folder, { now: () => clock.now });
	await store.create();
	const size = () => statSync(join(folder, "pool", "data.mdb")).size;
	const details = { domain: "malicious.example", reason: "a fake login page of a bank" };
	const sizes: number[] = [];
	let removed = 0;
	for (let month = 0; month < 8; month++) {
		for (let i = 0; i < 10; i++) {
			await store.commit(
				[],
				Array.from({ length: MAX_EDITS }, () => entry("add", details)),
			);
		}
		for (let i = 0; i < 8; i++) {
			clock.now += 5 * DAY;
			for (let step = 1; step > 0; removed += step) step = (await store.retention.apply("n", WISH)).removed;
		}
		sizes.push(size());
	}
	t.ok(removed >= 70_000, `${removed} were taken out`);
	t.ok(sizes[7] < 2 * sizes[0], `it grows no more: ${sizes.join(", ")}`);
});

test("a step that cannot be written changes nothing", async (t) => {
	const clock = { now: Date.UTC(2027, 0, 1) };
	const store = await openStore(t, dataFolder(t), { now: () => clock.now });
	await store.create();
	await store.commit([], [entry("add")]);
	for (let i = 0; i < 6; i++) {
		clock.now += 5 * DAY;
		await store.retention.apply("n", WISH);
	}
	clock.now += DAY;
	const torn = Object.defineProperty({ ...WISH }, "most", {
		get() {
			throw new Error("torn");
		},
	});
	await t.rejects(store.retention.apply("n", torn), /torn/);
	t.equal((await store.audit(undefined, 10)).length, 1);
	t.equal(await store.retention.trimmed(undefined), undefined);
	t.match(await store.retention.apply("n", WISH), { removed: 1 });
});
