import { test } from "tap";
import { put } from "../store-contract/pool.ts";
import { openStore } from "./opening.ts";
import { TcpProxy } from "./proxy.ts";
import { RedisServer, singleSettings } from "./server.ts";
import { until } from "./until.ts";
import { checkWhole } from "./whole.ts";
import { EACH, edits, Writer } from "./writer.ts";

test("a server killed in the middle of commits keeps each whole or not at all", async (t) => {
	const server = await RedisServer.start(t, { conf: ["appendonly yes", "appendfsync always"] });
	const { store } = await openStore(t, { ...server.settings, timeoutMs: 1000 }, { random: () => 0 });
	const start = await store.create();
	let before = 0;
	for (let round = 0; round < 3; round++) {
		const writer = new Writer(store);
		// Each round writes the same commits anew and goes beyond them.
		await until("some commits", () => writer.acknowledged.size > before + 20 + round * 7);
		await server.kill();
		await writer.stop();
		await server.start();
		await until("it to be up", () => store.up);
		const keys = await checkWhole(t, store, start);
		const counts = writer.begun.map((commit) => [commit, writer.countIn(keys, commit)] as const);
		t.strictSame(
			counts.filter(([, count]) => count !== 0 && count !== EACH),
			[],
			"no half commit",
		);
		t.strictSame(
			counts.filter(([commit, count]) => writer.acknowledged.has(commit) && count !== EACH),
			[],
			"what was acknowledged is there",
		);
		for (const commit of writer.begun) {
			if (!writer.acknowledged.has(commit)) await writer.again(commit);
		}
		const { position } = await store.commit([], []);
		t.equal((await checkWhole(t, store, start)).size, writer.begun.length * EACH);
		t.equal(position.seq, writer.begun.length * EACH, "repeated, nothing is there twice");
		before = writer.begun.length;
	}
});

test("a connection cut while a commit is on its way", async (t) => {
	const server = await RedisServer.start(t);
	const proxy = await TcpProxy.start(t, server.port);
	const { store } = await openStore(t, singleSettings(proxy.port), { random: () => 0 });
	const start = await store.create();
	await store.commit([put("first.example")], []);
	/** Cuts when a commit goes out, or when its answer comes back. */
	for (const way of ["out", "back"] as const) {
		proxy.overhear = (asked) => {
			if (!asked.includes("c1-0.example")) return;
			if (way === "out") proxy.cut();
			else
				proxy.alter = (said) => {
					proxy.cut();
					return said.subarray(0, 0);
				};
		};
		const edits1 = edits(1).map((edit) => ({ ...edit, value: `${way} ${edit.value}` }));
		await t.rejects(store.commit(edits1, []), {
			name: "PoolUnavailable",
			message: /not known; to make it again is safe/,
		});
		proxy.overhear = () => undefined;
		proxy.alter = (said) => said;
		proxy.mend();
		await until("it to be up", () => store.up);
		const seq = (await store.head())?.seq ?? 0;
		await store.commit(edits1, []);
		t.equal(await store.head().then((head) => head?.seq), way === "out" ? seq + EACH : seq);
		t.equal((await store.read("c1-0.example"))[0].value, edits1[0].value);
		await checkWhole(t, store, start);
	}
});
