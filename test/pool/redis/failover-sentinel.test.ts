import { test } from "tap";
import { contributionKey } from "../../../src/pool/record-key.ts";
import { put } from "../store-contract/pool.ts";
import { openStore } from "./opening.ts";
import { startSentinels } from "./sentinels.ts";
import { until } from "./until.ts";
import { checkWhole } from "./whole.ts";
import { EACH, Writer } from "./writer.ts";

test("a failover by Sentinels loses nothing that was acknowledged", async (t) => {
	const group = await startSentinels(t, { replicas: 2 });
	const settings = { ...group.settings, waitReplicas: 1, timeoutMs: 1000 };
	const { store, states } = await openStore(t, settings, { random: () => 0 });
	const start = await store.create();
	const writer = new Writer(store);
	await until("some commits", () => writer.acknowledged.size > 30);
	const old = await group.master();
	await group.failover();
	const sure = writer.acknowledged.size;
	await until("more commits", () => writer.acknowledged.size > sure + 10, 60_000);
	await writer.stop();
	const keys = await checkWhole(t, store, start);
	for (const commit of writer.begun) {
		const count = writer.countIn(keys, commit);
		if (writer.acknowledged.has(commit)) t.equal(count, EACH, `commit ${commit} was acknowledged`);
		else t.ok(count === 0 || count === EACH, "none is half there");
	}
	t.equal(states.at(-1)?.up, true);
	await old.start();
	await until("the old master to follow", async () => (await old.role()) === "slave", 60_000);
	await until("a commit that a replica has", () =>
		store.commit([put("last.example")], []).then(
			() => true,
			() => false,
		),
	);
	t.ok((await checkWhole(t, store, start)).has(contributionKey("last.example", "cert")));
});
