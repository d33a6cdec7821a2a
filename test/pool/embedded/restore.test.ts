/** A pool that is restored: whole or not at all, and what comes meanwhile. */
import { test } from "tap";
import type { Edit, PoolRecord } from "../../../src/pool/record.ts";
import { PoolUnavailable } from "../../../src/pool/store.ts";
import { allRecords, entry, follow, inParts, put, puts, sorted } from "../store-contract/pool.ts";
import { dataFolder, openStore } from "./opening.ts";
import { assertWhole } from "./whole.ts";

const BATCH = { id: "b", member: "cert", state: "applying", created: 1, reason: "" } as const;

test("a restoration that fails changes nothing", async (t) => {
	const store = await openStore(t, dataFolder(t));
	await store.create();
	const { position } = await store.commit(puts(5), [entry("add")]);
	await store.stage({ ...BATCH, state: "held" }, inParts(puts(1), 1));
	const before = sorted(await allRecords(store));
	async function* broken(): AsyncIterable<readonly PoolRecord[]> {
		yield [{ key: put("z.example").key, value: "[]" }];
		throw new Error("cut off");
	}
	await t.rejects(store.restore(broken(), entry("restore")), { message: "cut off" });
	t.same(await store.head(), position);
	t.same(sorted(await allRecords(store)), before);
	t.equal((await store.batches()).length, 1);
	t.equal((await store.audit(undefined, 10)).length, 1);
	await store.commit([put("more.example")], []);
	assertWhole(t, store.replica);
});

test("what is to be written during a restoration comes after it", async (t) => {
	const store = await openStore(t, dataFolder(t));
	const { epoch } = await store.create();
	await store.commit([put("old.example")], []);
	let goOn = () => {};
	const going = new Promise<void>((resolve) => {
		goOn = resolve;
	});
	let reading = () => {};
	const read = new Promise<void>((resolve) => {
		reading = resolve;
	});
	async function* records(): AsyncIterable<readonly PoolRecord[]> {
		yield [{ key: put("kept.example").key, value: "[]" }];
		reading();
		await going;
	}
	async function* slow(): AsyncIterable<readonly Edit[]> {
		yield puts(150);
		await restoring;
		yield puts(1);
	}
	const staging = store.stage(BATCH, slow());
	const restoring = store.restore(records(), entry("restore"));
	await read;
	const commit = store.commit([put("new.example")], []);
	const meant = store.commit([put("lost.example")], [], epoch);
	const second = store.restore(inParts([{ key: put("second.example").key, value: "[]" }], 1), entry("again"));
	t.same([...(await allRecords(store)).keys()], [put("old.example").key], "it is read as it was meanwhile");
	goOn();
	await t.rejects(meant, PoolUnavailable);
	await t.rejects(staging, /was restored while batch b came in/);
	const first = await restoring;
	t.equal((await commit).position.epoch, first.epoch);
	const last = await second;
	t.not(last.epoch, first.epoch);
	t.same([...(await allRecords(store)).keys()], [put("second.example").key]);
	t.same(await store.batches(), []);
	t.same(await store.batchEdits("b", 0, 10), []);
	t.equal((await store.stage(BATCH, inParts(puts(2), 1))).edits, 2);
	t.same(await store.batchEdits("b", 0, 300), puts(2), "nothing is left of what came before");
	assertWhole(t, store.replica);
});

test("the log goes on in the new epoch with nothing of the old one", async (t) => {
	const store = await openStore(t, dataFolder(t));
	await store.create();
	await store.commit(puts(50), []);
	const position = await store.restore(
		inParts(
			puts(3).map(({ key, value = "" }) => ({ key, value })),
			1,
		),
		entry("r"),
	);
	await store.commit([put("new.example")], []);
	const { changes } = await follow(store, position, 100);
	t.same(
		changes.map((c) => [c.seq, c.key]),
		[[1, put("new.example").key]],
	);
});
