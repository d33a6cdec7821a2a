/** The replica compared with a store that is another one. */
import { type Test, test } from "tap";
import type { EmbeddedStore } from "../../../src/pool/embedded/embedded-store.ts";
import { openReplica } from "../../../src/pool/embedded/open.ts";
import type { PoolRecord } from "../../../src/pool/record.ts";
import type { Replica } from "../../../src/pool/replica.ts";
import type { PoolStore } from "../../../src/pool/store.ts";
import { dataFolder, openStore } from "../embedded/opening.ts";
import { about, many, type Office, OPERATOR, officeIn, refusal, START } from "./office.ts";
import { storeWith } from "./store-with.ts";

interface TwoSides {
	readonly office: Office;
	readonly store: EmbeddedStore;
	readonly replica: Replica;
	/** Makes the replica what the store is. */
	copy(): Promise<void>;
}

async function copyOf(store: EmbeddedStore, replica: Replica): Promise<void> {
	const position = await store.head();
	if (position === undefined) throw new Error("there is no pool");
	const replacement = replica.replace();
	for await (const page of store.scan()) await replacement.put(page);
	await replacement.finish(position, 10);
}

async function twoSides(t: Test, seenAs?: (store: EmbeddedStore) => PoolStore): Promise<TwoSides> {
	const store = await openStore(t, dataFolder(t), { now: () => START });
	await store.create();
	const replica = await openReplica(dataFolder(t));
	t.teardown(() => replica.close());
	await copyOf(store, replica);
	const office = await officeIn(t, {
		store,
		replica,
		parts: { caughtUp: () => copyOf(store, replica) },
		...(seenAs === undefined ? {} : { seenAs }),
	});
	return { office, store, replica, copy: () => copyOf(store, replica) };
}

/** Records that neither the log nor the position tells of. */
async function smuggle(replica: Replica, edits: readonly { key: string; value: string | undefined }[]) {
	const { position } = replica;
	if (position === undefined) throw new Error("the replica is empty");
	await replica.apply(
		edits.map((edit) => ({ ...edit, seq: position.seq })),
		position,
	);
}

test("equal, with the same checksum on both sides", async (t) => {
	const { office, store } = await twoSides(t);
	const empty = await office.desk.verify(OPERATOR);
	t.same(empty, {
		equal: true,
		replicaRecords: 0,
		storeRecords: 0,
		missing: 0,
		surplus: 0,
		different: 0,
		checksum: "0000000000000000",
	});
	const cert = await office.member("cert");
	await office.submit(many(1000), cert);
	const found = await office.desk.verify(OPERATOR);
	t.match(found, { equal: true, replicaRecords: 1001, storeRecords: 1001, checksum: /^[0-9a-f]{16}$/ });
	const direct = await officeIn(t, { store });
	t.same(await direct.desk.verify(OPERATOR), found, "the store's own side is the same");
	t.not((await office.submit([about("one.example")], cert)).status, "unchanged");
	t.not((await office.desk.verify(OPERATOR)).checksum, found.checksum);
	await t.rejects(office.desk.verify(cert), refusal(403));
});

test("what is missing, surplus and different is counted", async (t) => {
	const { office, replica, store } = await twoSides(t);
	const cert = await office.member("cert");
	await office.submit(many(500), cert);
	const [first, second] = [...replica.domains()].map(({ records }) => records[0]);
	const [member] = replica.members();
	await smuggle(replica, [
		{ key: first.key, value: undefined },
		{ key: second.key, value: second.value.replace("80", "81") },
		{ key: "surplus.example\tc\tcert", value: second.value },
		{ key: "surplus.example\tc\tisp", value: second.value },
		{ key: "\tm\tghost", value: member.value },
	]);
	t.match(await office.desk.verify(OPERATOR), {
		equal: false,
		storeRecords: 501,
		replicaRecords: 503,
		missing: 1,
		surplus: 3,
		different: 1,
	});
	t.match(await (await officeIn(t, { store })).desk.verify(OPERATOR), { equal: true });
});

test("more differences than are looked at twice are counted all the same", async (t) => {
	const { office, replica } = await twoSides(t);
	const records: PoolRecord[] = [];
	for (let i = 0; i < 12_000; i++) records.push({ key: `s${i}.example\tc\tcert`, value: "x" });
	await smuggle(replica, records);
	t.match(await office.desk.verify(OPERATOR), { equal: false, surplus: 12_000, missing: 0, different: 0 });
});

test("what changes meanwhile is no difference, nor what a scan shows twice", async (t) => {
	let onPage = async () => {};
	const { office, copy, store } = await twoSides(t, (real) =>
		storeWith(real, {
			async *scan() {
				for await (const page of real.scan()) {
					yield page;
					yield page;
				}
				await onPage();
			},
		}),
	);
	const cert = await office.member("cert");
	await office.submit(many(1000), cert);
	const direct = await officeIn(t, { store });
	onPage = async () => {
		onPage = async () => {};
		await direct.submit([...many(3, 5000), { op: "withdraw", domain: "d7.test.example" }], cert);
		await direct.member("isp");
		await copy();
	};
	t.match(await office.desk.verify(OPERATOR), { equal: true, storeRecords: 1001, missing: 0, surplus: 0 });
});

test("a pool that was lost is restored from the replica, as a new epoch", async (t) => {
	const { office, replica } = await twoSides(t);
	const cert = await office.member("cert");
	await office.submit([...many(900), about("bad.example")], cert);
	await t.rejects(office.desk.restore(cert), refusal(403));
	await t.rejects(office.desk.restore(OPERATOR), refusal(409, /would undo what others wrote/));

	const fresh = await openStore(t, dataFolder(t), { now: () => START });
	const emptied = await officeIn(t, {
		store: fresh,
		replica,
		parts: { caughtUp: () => copyOf(fresh, replica) },
	});
	await t.rejects(emptied.submit([about("new.example")], OPERATOR), { name: "PoolUnavailable" });
	const old = replica.position;
	const position = await emptied.desk.restore(OPERATOR);
	t.not(position.epoch, old?.epoch);
	t.same(await fresh.head(), position);
	t.equal(fresh.replica.counts.contributions, 901);
	t.same(fresh.replica.members(), replica.members());
	t.match(await emptied.desk.verify(OPERATOR), { equal: true, storeRecords: 902 });
	t.match((await emptied.desk.audit(undefined, 10, OPERATOR)).entries.at(-1), {
		action: "restore",
		details: { contributions: "901", members: "1" },
	});
	await emptied.submit([about("new.example")], OPERATOR);
});

test("a pool that is held is restored though it is of the same epoch", async (t) => {
	const { office, store } = await twoSides(t);
	await office.submit(many(20), OPERATOR);
	office.held.entry = {
		id: "pool",
		kind: "pool",
		reason: "shrunk",
		since: 5,
		approvalsNeeded: 1,
		approvals: [],
	};
	const before = await store.head();
	t.not((await office.desk.restore(OPERATOR)).epoch, before?.epoch);
	t.equal(store.replica.counts.contributions, 20);
});

test("a node without a copy restores nothing", async (t) => {
	const replica = await openReplica(dataFolder(t));
	t.teardown(() => replica.close());
	const { desk } = await officeIn(t, { replica });
	await t.rejects(desk.restore(OPERATOR), refusal(409, /no copy/));
});
