import { test } from "tap";
import type { DraftLine } from "../../../src/pool/desk.ts";
import { PoolUnavailable } from "../../../src/pool/store.ts";
import { about, linesOf, many, OPERATOR, officeIn, refusal } from "./office.ts";
import { storeWith } from "./store-with.ts";

const options = { idempotencyKey: "import 7" };

test("the same key again gets the first outcome, and changes nothing", async (t) => {
	const office = await officeIn(t);
	const cert = await office.member("cert");
	const batch = [about("one.example"), about("192.0.2.1"), new Error("line 3 is no JSON")];
	const first = await office.submit(batch, cert, options);
	const { position } = office.desk.status();
	office.clock.now += 3_600_000;
	const again = await office.submit(batch, cert, options);
	t.same(again, first);
	t.same(office.desk.status().position, position);
	t.equal(
		(await office.submit(batch, cert)).lines[0].status,
		"replaced",
		"without the key it is another batch",
	);
});

test("whichever node is asked", async (t) => {
	const office = await officeIn(t);
	const other = await officeIn(t, { store: office.store });
	const cert = await office.member("cert");
	const first = await office.submit([about("one.example")], cert, options);
	t.same(await other.submit([about("one.example")], cert, options), first);
});

test("the same key with another body is refused", async (t) => {
	const office = await officeIn(t);
	const alice = await office.member("alice", "admin");
	await office.submit([about("one.example")], alice, options);
	for (const body of [
		[about("two.example")],
		[],
		[about("one.example"), about("two.example")],
		[new Error("no JSON")],
	]) {
		await t.rejects(office.submit(body, alice, options), refusal(409, /"import 7" came with another body/));
	}
	await office.member("cert");
	await t.rejects(office.submit([about("one.example")], alice, { ...options, member: "cert" }), refusal(409));
	t.equal(office.desk.status().contributions, 1);
});

test("a key is its sender's own", async (t) => {
	const office = await officeIn(t);
	const [cert, isp] = [await office.member("cert"), await office.member("isp")];
	await office.submit([about("one.example")], cert, options);
	t.same(office.told(await office.submit([about("two.example")], isp, options)), ["added two.example"]);
});

test("keys that are none", async (t) => {
	const office = await officeIn(t);
	for (const idempotencyKey of ["", "a\tb", "a\nb", "ü", "x".repeat(256), "\u0000"]) {
		await t.rejects(office.submit([about("one.example")], OPERATOR, { idempotencyKey }), refusal(400));
	}
	await office.submit([about("one.example")], OPERATOR, { idempotencyKey: `~ ${"x".repeat(253)}` });
});

test("a repetition waits for what is under way", async (t) => {
	const office = await officeIn(t);
	const cert = await office.member("cert");
	let release = () => {};
	const open = new Promise<void>((resolve) => {
		release = resolve;
	});
	async function* slow(): AsyncIterable<DraftLine> {
		yield* linesOf([about("one.example")]);
		await open;
		yield { line: 2, value: about("two.example") };
	}
	const body = [about("one.example"), about("two.example")];
	const first = office.desk.submit(slow(), cert, options);
	const others = [
		office.submit(body, cert, options),
		office.submit(body, cert, options),
		office.submit([about("three.example")], cert, options).catch((error: unknown) => error),
	] as const;
	release();
	const outcome = await first;
	t.same(office.told(outcome), ["added one.example", "added two.example"]);
	t.same(await others[0], outcome);
	t.same(await others[1], outcome);
	t.match(await others[2], refusal(409));
	t.equal(
		(await office.desk.audit(undefined, 100, OPERATOR)).entries.filter(({ action }) => action === "add")
			.length,
		2,
	);
});

test("what failed is not remembered", async (t) => {
	const office = await officeIn(t);
	const cert = await office.member("cert");
	async function* broken(): AsyncIterable<DraftLine> {
		yield* linesOf([about("one.example")]);
		throw new Error("the client went away");
	}
	const first = office.desk.submit(broken(), cert, options);
	const second = office.submit([about("one.example")], cert, options);
	await t.rejects(first, { message: "the client went away" });
	t.same(office.told(await second), ["added one.example"]);
});

test("a held batch is held once", async (t) => {
	const office = await officeIn(t, { limits: { freeChanges: 5 } });
	const cert = await office.member("cert");
	const first = await office.submit(many(6), cert, options);
	t.equal(first.status, "held");
	t.same(await office.submit(many(6), cert, options), first);
	t.equal((await office.desk.held()).length, 1);
});

test("an outcome that cannot be read, or kept, does no harm", async (t) => {
	let mode: "garbage" | "away" = "garbage";
	const office = await officeIn(t, {
		seenAs: (store) =>
			storeWith(store, {
				recall: async () => (mode === "garbage" ? "eJwDAAAAAAE=" : undefined),
				remember: async (key, outcome) => {
					if (mode === "away") throw new PoolUnavailable("gone");
					return store.remember(key, outcome);
				},
			}),
	});
	const cert = await office.member("cert");
	t.same(office.told(await office.submit([about("one.example")], cert, options)), ["added one.example"]);
	t.match(office.log.join(""), /remembered for an Idempotency-Key cannot be read/);
	mode = "away";
	t.same(office.told(await office.submit([about("two.example")], cert, options)), ["added two.example"]);
	t.match(office.log.join(""), /could not be remembered/);
});
