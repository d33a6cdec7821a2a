import { test } from "tap";
import { contributionKey } from "../../../src/pool/record-key.ts";
import type { RedisStore } from "../../../src/pool/redis/store.ts";
import { put } from "../store-contract/pool.ts";
import { startCluster } from "./cluster.ts";
import { openStore } from "./opening.ts";
import { TcpProxy } from "./proxy.ts";
import { startSentinels } from "./sentinels.ts";
import { RedisServer, singleSettings } from "./server.ts";
import { until } from "./until.ts";
import { checkWhole } from "./whole.ts";

const EACH = 40;

/** Commits of `EACH` records, several at once, until it is stopped; those that succeeded are acknowledged. */
class Writer {
	readonly begun: number[] = [];
	readonly acknowledged = new Set<number>();
	#next = 0;
	#stopped = false;
	readonly #work: Promise<unknown>;
	readonly #store: RedisStore;

	constructor(store: RedisStore, atOnce = 4) {
		this.#store = store;
		this.#work = Promise.all(Array.from({ length: atOnce }, () => this.#write()));
	}

	async stop(): Promise<void> {
		this.#stopped = true;
		await this.#work;
	}

	async again(commit: number): Promise<void> {
		await this.#store.commit(edits(commit), []);
		this.acknowledged.add(commit);
	}

	async #write(): Promise<void> {
		while (!this.#stopped) {
			const commit = this.#next++;
			this.begun.push(commit);
			await this.again(commit).catch(async () => {
				// It is down: not to spin.
				await new Promise((resolve) => setTimeout(resolve, 20));
			});
		}
	}

	/** How many of each commit's records are there: all, or none. */
	countIn(keys: ReadonlySet<string>, commit: number): number {
		return edits(commit).filter(({ key }) => keys.has(key)).length;
	}
}

function edits(commit: number) {
	return Array.from({ length: EACH }, (_, i) => put(`c${commit}-${i}.example`));
}

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
		proxy.overhear = () => {};
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
	await until("the old master to follow", async () => (await old.info("role")) === "slave", 60_000);
	await until("a commit that a replica has", () =>
		store.commit([put("last.example")], []).then(
			() => true,
			() => false,
		),
	);
	t.ok((await checkWhole(t, store, start)).has(contributionKey("last.example", "cert")));
});

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
	await until("the replica to take over", async () => (await heir.info("role")) === "master", 60_000);
	await until("it to be up", async () => (await store.head().catch(() => undefined)) !== undefined, 60_000);
	t.strictSame(await store.head(), position);
	await t.rejects(store.commit(edits(2), []), {
		name: "PoolUnavailable",
		message: /is written .* but not safe yet: only 0 of 1 replicas have it.*make it again is safe/,
	});
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
