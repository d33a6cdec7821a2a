/** kill -9 of a node in the middle of a sync. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type Test, test } from "tap";
import * as embedded from "../../../src/pool/embedded/open.ts";
import type { PoolStore } from "../../../src/pool/store.ts";
import { openStore } from "../redis/opening.ts";
import { RedisServer } from "../redis/server.ts";
import { allRecords, applied, entry, follow, inParts, puts, sorted } from "../store-contract/pool.ts";
import { replicaRecords, sameAsStore } from "./following.ts";
import { folder } from "./parts.ts";

const PROGRAM = fileURLToPath(new URL("./node-process.js", import.meta.url));

/** Runs a node until it has said something that `enough` looks for, and kills it right then. @returns its first line. */
async function runUntil(
	t: Test,
	port: number,
	dataDir: string,
	enough: (line: string) => boolean,
): Promise<string> {
	const { NODE_OPTIONS: _, ...env } = process.env;
	const child = spawn(process.execPath, [PROGRAM, String(port), dataDir], {
		env,
		stdio: ["pipe", "pipe", "inherit"],
	});
	const ended = once(child, "exit");
	t.teardown(async () => {
		child.kill("SIGKILL");
		await ended;
	});
	let first: string | undefined;
	for await (const line of createInterface(child.stdout)) {
		first ??= line;
		if (enough(line)) break;
	}
	child.kill("SIGKILL");
	await ended;
	if (first === undefined) throw new Error("the node said nothing before it ended");
	return first;
}

async function sameOnDisk(t: Test, dataDir: string, store: PoolStore, what: string): Promise<void> {
	const replica = await embedded.openReplica(dataDir);
	await sameAsStore(t, replica, store, what);
	await replica.close();
}

test("a node that is killed in a first sync, a burst and a resync has all in the end", async (t) => {
	const server = await RedisServer.start(t);
	const { store } = await openStore(t, server.settings);
	const dataDir = folder(t);
	const beginning = await store.create();
	const edits = puts(8000);
	for (let i = 0; i < edits.length; i += 1000) await store.commit(edits.slice(i, i + 1000), []);

	t.equal(await runUntil(t, server.port, dataDir, (line) => line === "page 3"), "start none 0");
	t.equal(
		await runUntil(t, server.port, dataDir, (line) => line.startsWith("replaced")),
		"start none 0",
		"of a first sync that was killed nothing is left",
	);
	await sameOnDisk(t, dataDir, store, "after the first sync");

	// Changes of every kind, and a kill at some place among them, again and again.
	for (let round = 0; round < 4; round++) {
		const begin = (await store.head())?.seq ?? 0;
		const some = puts(3000).slice(round * 500);
		await store.commit(
			some.slice(0, 500).map(({ key }) => ({ key, value: undefined })),
			[],
		);
		await store.commit(puts(1000, `round${round}-`), []);
		const stop = begin + 300 + round * 250;
		const first = await runUntil(
			t,
			server.port,
			dataDir,
			(line) => Number(/^at (\d+)/.exec(line)?.[1]) >= stop,
		);
		t.match(first, /^start \d+ \d+$/);
		const replica = await embedded.openReplica(dataDir);
		const at = replica.position?.seq ?? 0;
		t.ok(at >= stop, "what it had said that it has, it has");
		const { changes } = await follow(store, beginning, 5000);
		const then = applied(
			new Map(),
			changes.filter(({ seq }) => seq <= at),
		);
		t.strictSame(
			sorted(replicaRecords(replica)),
			sorted(then),
			"what it has is the state at the place in the log where it says it is",
		);
		await replica.close();
	}
	const head = (await store.head())?.seq ?? 0;
	await runUntil(t, server.port, dataDir, (line) => Number(/ (\d+)/.exec(line)?.[1]) >= head);
	await sameOnDisk(t, dataDir, store, "after the bursts");

	const all = await allRecords(store);
	const fewer = [...all].slice(2000).map(([key, value]) => ({ key, value }));
	await store.restore(inParts(fewer, 1000), entry("restore"));
	await runUntil(t, server.port, dataDir, (line) => line === "page 2");
	const kept = await embedded.openReplica(dataDir);
	t.strictSame(replicaRecords(kept).size, all.size, "killed in a resync, it has what it had");
	await kept.close();
	await runUntil(t, server.port, dataDir, (line) => line.startsWith("replaced"));
	await sameOnDisk(t, dataDir, store, "after the resync");
});
