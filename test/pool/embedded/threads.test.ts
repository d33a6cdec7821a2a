/** A thread of its own reads what the main thread writes. */
import { once } from "node:events";
import { setImmediate as breathe } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { test } from "tap";
import { openReplica, openReplicaReadOnly } from "../../../src/pool/embedded/open.ts";
import { put } from "../store-contract/pool.ts";
import { dataFolder, openStore } from "./opening.ts";
import { assertWhole } from "./whole.ts";

const DOMAINS = 600;

interface Told {
	readonly seen: readonly { seq: number; domains: number; numbers: readonly number[] }[];
	readonly refused: string;
}

test("a scan in another thread sees one commit, whole, while others are made", async (t) => {
	const folder = dataFolder(t);
	const store = await openStore(t, folder);
	await store.create();
	const commit = (n: number) =>
		store.commit(
			Array.from({ length: DOMAINS }, (_, i) => put(`d${i}.example`, { modified: n })),
			[],
		);
	await commit(1);
	const worker = new Worker(new URL("./scan-thread.js", import.meta.url), {
		workerData: { folder, scans: 30 },
	});
	t.teardown(() => worker.terminate());
	const answer = once(worker, "message");
	const exited = once(worker, "exit");
	let over = false;
	void answer.finally(() => {
		over = true;
	});
	let last = 1;
	while (!over) {
		await commit(++last);
		await breathe();
	}
	const [{ seen, refused }]: Told[] = await answer;
	t.match(refused, /open for reading alone/);
	t.ok(seen.length >= 30);
	for (const { seq, domains, numbers } of seen) {
		t.equal(domains, DOMAINS);
		t.same(numbers, [seq / DOMAINS], "all of one commit, the one of its position");
	}

	await exited;
	await commit(last + 1);
	t.equal(assertWhole(t, store.replica).size, DOMAINS, "the writer goes on when the reader has ended");
});

test("a thread that is ended in the middle of its scan leaves the writer whole", async (t) => {
	const folder = dataFolder(t);
	const store = await openStore(t, folder);
	await store.create();
	const edits = Array.from({ length: DOMAINS }, (_, i) => put(`d${i}.example`));
	await store.commit(edits, []);
	for (let round = 0; round < 3; round++) {
		const worker = new Worker(new URL("./scan-thread.js", import.meta.url), {
			workerData: { folder, scans: 1e9 },
		});
		await once(worker, "online");
		for (let n = 0; n < 20 * round; n++) {
			await store.commit([put("d1.example", { confidence: (n + round) % 100 })], []);
			await breathe();
		}
		await worker.terminate();
		await store.commit([put(`round${round}.example`)], []);
	}
	t.equal(assertWhole(t, store.replica).size, DOMAINS + 3);
});

test("the two sides may change places while a reader is under way", async (t) => {
	const folder = dataFolder(t);
	const replica = await openReplica(folder);
	t.teardown(() => replica.close());
	const state = async (n: number) => {
		const replacement = replica.replace();
		const edits = Array.from({ length: 3000 }, (_, i) => put(`d${i}.example`, { modified: n }));
		await replacement.put(edits.map(({ key, value = "" }) => ({ key, value })));
		await replacement.finish({ epoch: "e", seq: n, token: "t" }, 1e9);
	};
	await state(1);
	const reader = await openReplicaReadOnly(folder);
	t.teardown(() => reader.close());
	const walk = reader.domains();
	const first = walk.next().value;
	await state(2);
	await state(3);
	const rest = [...walk];
	t.equal(rest.length, 2999);
	const told = new Set([first, ...rest].map((d) => JSON.parse(d?.records[0]?.value ?? "[]")[10]));
	t.same([...told], [1]);
	t.equal(JSON.parse(reader.read("d1.example")[0].value)[10], 3);
	t.equal(reader.position?.seq, 3);
	t.throws(() => reader.replace(), { message: /open for reading alone/ });
});

test("there is nothing to read yet", async (t) => {
	const folder = dataFolder(t);
	await t.rejects(openReplicaReadOnly(folder), {
		name: "DiskFault",
		message: /cannot open the pool in .*there is none yet/,
	});
});
