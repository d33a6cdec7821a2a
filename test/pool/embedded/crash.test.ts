/** A process that is killed at any moment leaves a whole state, and all that it had said was done. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Test, test } from "tap";
import { decodeContribution } from "../../../src/pool/codec.ts";
import { openEmbeddedStore, openReplica } from "../../../src/pool/embedded/open.ts";
import { contributionKey } from "../../../src/pool/record-key.ts";
import { applied, follow, plain, put, sorted } from "../store-contract/pool.ts";
import { dataFolder } from "./opening.ts";
import { assertWhole } from "./whole.ts";

const CHILD = fileURLToPath(new URL("./crash-child.js", import.meta.url));

/** Runs a child until `enough` says so of what it told, and kills it. @returns all that was told. */
async function killed(t: Test, mode: string, folder: string, enough: (told: readonly string[]) => boolean) {
	const child: ChildProcess = fork(CHILD, [mode, folder], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
	t.teardown(() => child.kill("SIGKILL"));
	const told: string[] = [];
	const ended = once(child, "exit");
	child.on("message", (message) => {
		told.push(String(message));
		if (enough(told)) child.kill("SIGKILL");
	});
	const [, signal] = await ended;
	t.equal(signal, "SIGKILL", "it did not end by itself");
	return told;
}

test("killed between, or in the middle of, commits", async (t) => {
	const folder = dataFolder(t);
	for (const count of [1, 40, 111]) {
		const told = await killed(t, "commits", folder, (all) => all.length >= count);
		const [said, seq] = (told.at(-1) ?? "").split(" ").map(Number);

		const store = await openEmbeddedStore(folder, { keepChanges: 1_000_000 });
		const head = await store.head();
		t.ok(head !== undefined && head.seq >= seq, `${head?.seq} is not before ${seq}, which was acknowledged`);
		const records = assertWhole(t, store.replica);
		const { changes, position } = await follow(store, { epoch: head?.epoch ?? "", seq: 0, token: "" }, 997);
		t.strictSame(position, head);
		t.strictSame(sorted(applied(new Map(), changes)), sorted(records), "the log leads to the state");

		const numbers = ["first.example", "last.example"].map((domain) => {
			const key = contributionKey(domain, "cert");
			return decodeContribution(key, records.get(key) ?? "")?.modified;
		});
		const audit = await store.audit(undefined, 1_000_000);
		const last = Number(audit.at(-1)?.details.n);
		t.strictSame(numbers, [last, last], "nothing was half applied");
		t.ok(last >= said);
		await store.close();
	}
});

test("killed while a batch is applied and another comes in", async (t) => {
	const folder = dataFolder(t);
	await killed(t, "batch", folder, (all) => all.length >= 6);
	const store = await openEmbeddedStore(folder, { keepChanges: 1_000_000 });
	t.same(
		(await store.batches()).map((b) => b.id),
		["b"],
		"what was not all there is gone",
	);
	for (let done = false; !done; ) ({ done } = await store.advance("b"));
	const head = await store.head();
	const { changes } = await follow(store, { epoch: head?.epoch ?? "", seq: 0, token: "" }, 1000);
	const edits = Array.from({ length: 20_000 }, (_, i) => put(`d${i % 50}.example`, { modified: i }));
	t.ok(JSON.stringify(plain(changes)) === JSON.stringify(plain(edits)), "every edit once, in its order");
	assertWhole(t, store.replica);
	await store.stage(
		{ id: "half", member: "c", state: "held", created: 1, reason: "" },
		(async function* () {})(),
	);
	t.strictSame(await store.batchEdits("half", 0, 10), [], "nothing is left of the one that came in");
	await store.close();
});

test("killed while a state takes the place of another", async (t) => {
	const folder = dataFolder(t);
	const seen = new Set<number>();
	for (const ticks of [3, 9, 11, 12, 13, 14, 15, 17, 25]) {
		let first = true;
		const before = seen.size === 0 ? 0 : Math.max(...seen);
		await killed(t, "replace", folder, (all) => {
			if (first && all.at(-1)?.startsWith("finished")) first = false;
			return all.filter((m) => m === "tick").length >= ticks;
		});
		const replica = await openReplica(folder);
		const { position } = replica;
		const records = assertWhole(t, replica);
		if (position === undefined) {
			t.equal(records.size, 0);
			t.equal(before, 0);
		} else {
			const n = position.seq;
			seen.add(n);
			t.same(position, { epoch: `e${n}`, seq: n, token: `t${n}` });
			t.equal(records.size, 9000);
			for (const [key, value] of records) {
				if (decodeContribution(key, value)?.modified !== n) t.fail(`${key} is not of state ${n}`);
			}
		}
		t.strictSame(readdirSync(join(folder, "pool")).sort(), ["data.mdb", "lock.mdb"], "nothing lies about");
		await replica.close();
	}
	t.ok(seen.size > 0, "some were killed after a state was there");
});
