import { test } from "tap";
import { startCluster } from "./cluster.ts";
import { openStore } from "./opening.ts";
import { until } from "./until.ts";
import { checkWhole } from "./whole.ts";
import { EACH, edits } from "./writer.ts";

test("a Cluster whose replica takes over is found again", async (t) => {
	const cluster = await startCluster(t, { replicas: true });
	const { store, states } = await openStore(
		t,
		{ ...cluster.settings, timeoutMs: 1000, waitReplicas: 1 },
		{ random: () => 0 },
	);
	const start = await store.create();
	const { position } = await store.commit(edits(1), []);
	const owner = await cluster.owner("cordon:{default}:meta");
	const heir = cluster.replicas[cluster.masters.indexOf(owner)];
	await owner.kill();
	await until("the replica to take over", async () => (await heir.role()) === "master", 60_000);
	for (const other of cluster.masters.filter((master) => master !== owner)) {
		await until("the others to know", async () =>
			new RegExp(`:${heir.port}@\\S+ master`).test(await other.cli("cluster", "nodes")),
		);
	}
	await until("it to be up", async () => (await store.head().catch(() => undefined)) !== undefined, 60_000);
	t.strictSame(await store.head(), position);
	// A connection that began before the nodes agreed on who has what fails once more.
	let refusal: unknown;
	await until("a commit that is written", async () => {
		refusal = await store.commit(edits(2), []).catch((error: unknown) => error);
		return /is written/.test(String(refusal));
	});
	t.match(refusal, {
		name: "PoolUnavailable",
		message: /is written .* but not safe yet: only 0 of 1 replicas have it.*make it again is safe/,
	});
	await until("it to be up", () => store.up);
	t.equal((await checkWhole(t, store, start)).size, 2 * EACH, "it is written");
	await owner.start();
	await until("it to be a replica now", async () => (await heir.info("connected_slaves")) === "1", 60_000);
	await until("its commit to be safe", () =>
		store.commit(edits(2), []).then(
			() => true,
			() => false,
		),
	);
	t.equal((await store.head())?.seq, 2 * EACH);
	t.equal(states.at(-1)?.up, true);
});
