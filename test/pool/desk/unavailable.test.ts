/** A store that cannot be reached: it is said as it is, and nothing is half done. */
import { test } from "tap";
import { type PoolStore, PoolUnavailable } from "../../../src/pool/store.ts";
import { about, many, OPERATOR, officeIn, PROTECTED } from "./office.ts";
import { storeWith } from "./store-with.ts";

const gone = new PoolUnavailable("redis.example.net:6379 refuses the connection");

test("every way of writing says why it cannot be done, and does nothing", async (t) => {
	let away: readonly (keyof PoolStore)[] = [];
	const office = await officeIn(t, {
		limits: { freeChanges: 2000 },
		seenAs: (store) =>
			new Proxy<PoolStore>(store, {
				get(target, name) {
					if (away.some((method) => method === name)) return () => Promise.reject(gone);
					const value: unknown = Reflect.get(target, name);
					return typeof value === "function" ? value.bind(target) : value;
				},
			}),
	});
	const { desk, store } = office;
	const cert = await office.member("cert");
	await office.submit([about("bad.example"), about(PROTECTED)], cert);
	await desk.dispute("bad.example", "", OPERATOR);
	const { held = "" } = await office.submit(many(2001), cert);
	const before = await store.head();
	const audited = (await store.audit(undefined, 1000)).length;
	const deeds: Record<string, () => Promise<unknown>> = {
		add: () => office.submit([about("new.example")], cert),
		"add, with a key": () => office.submit([about("new.example")], cert, { idempotencyKey: "k" }),
		"add many": () => office.submit(many(1500), cert),
		"add too many": () => office.submit(many(2500), cert),
		withdraw: () => office.submit([{ op: "withdraw", domain: "bad.example" }], cert),
		dispute: () => desk.dispute(PROTECTED, "", OPERATOR),
		"approve what is protected": () => desk.approve(`protected:${PROTECTED}:cert`, OPERATOR),
		"approve a batch": () => desk.approve(held, OPERATOR),
		"turn a dispute down": () => desk.approve("disputed:bad.example", OPERATOR),
		"reject a batch": () => desk.reject(held, "", OPERATOR),
		release: () => desk.reject("disputed:bad.example", "", OPERATOR),
		"add a member": () => desk.addMember("isp", "contributor", OPERATOR),
		"revoke a member": () => desk.revokeMember("cert", OPERATOR),
		undispute: () => desk.undispute("bad.example", OPERATOR),
	};
	const all = ["now", "head", "commit", "batches", "release", "drop", "stage", "recall"] as const;
	const writing = ["commit", "release", "drop", "stage"] as const;
	for (const methods of [all, writing]) {
		away = methods;
		for (const [name, deed] of Object.entries(deeds)) {
			await t.rejects(deed(), gone, `${name}, without ${methods.join(", ")}`);
		}
	}
	away = [];
	t.same(await store.head(), before);
	t.equal((await store.audit(undefined, 1000)).length, audited);
	t.equal((await store.batches()).length, 1);
	t.equal(desk.authenticate("x", "a"), undefined);
	for (const [name, deed] of Object.entries(deeds)) {
		if (name === "reject a batch") continue;
		await t.resolves(deed(), `${name}, when it is back`);
	}
});

test("what is only read from the replica is there without the store", async (t) => {
	let away = false;
	const office = await officeIn(t, {
		seenAs: (store) =>
			new Proxy<PoolStore>(store, {
				get(target, name) {
					if (name === "kind") return "redis";
					const rejects = () => Promise.reject(gone);
					if (away) return name === "retention" ? { apply: rejects, trimmed: rejects } : rejects;
					const value: unknown = Reflect.get(target, name);
					return typeof value === "function" ? value.bind(target) : value;
				},
			}),
	});
	const { desk } = office;
	const token = await desk.addMember("cert", "contributor", OPERATOR);
	await office.submit([about("bad.example")], OPERATOR, { member: "cert" });
	away = true;
	const cert = desk.authenticate(token, "a");
	t.equal(cert?.name, "cert");
	t.ok((await desk.opinion("bad.example")).verdict.subtree);
	t.equal((await desk.contributions({ limit: 1 }, OPERATOR)).contributions.length, 1);
	t.equal((await desk.members(OPERATOR)).length, 1);
	t.same(await desk.disputes(), []);
	t.match(desk.status(), { store: "redis", up: true, contributions: 1, members: 1 });
	const asked: (() => Promise<unknown>)[] = [
		() => desk.held(),
		() => desk.audit(undefined, 1, OPERATOR),
		() => desk.verify(OPERATOR),
		() => desk.restore(OPERATOR),
		() => desk.sightings("cert", 0, OPERATOR),
		() => desk.resumeBatches(),
	];
	for (const deed of asked) await t.rejects(deed(), gone);
});

test("a commit that others cannot see here yet is done all the same", async (t) => {
	const office = await officeIn(t, { parts: { caughtUp: () => Promise.reject(new Error("still behind")) } });
	const outcome = await office.submit([about("bad.example")], OPERATOR);
	t.equal(outcome.status, "applied");
	t.match(office.log.join(""), /could not follow .*still behind/s);
});

test("a pool that is another one than this node follows is not written to", async (t) => {
	const office = await officeIn(t, {
		seenAs: (store) => storeWith(store, { head: async () => ({ epoch: "another", seq: 0, token: "" }) }),
	});
	await t.rejects(office.submit([about("bad.example")], OPERATOR), {
		name: "PoolUnavailable",
		message: /made anew/,
	});
	const lost = await officeIn(t, { seenAs: (store) => storeWith(store, { head: async () => undefined }) });
	await t.rejects(lost.submit([about("bad.example")], OPERATOR), {
		name: "PoolUnavailable",
		message: /no state/,
	});
	t.equal(office.desk.status().contributions + lost.desk.status().contributions, 0);
});
