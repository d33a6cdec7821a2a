import { test } from "tap";
import type { Contribution } from "../../../src/pool/contribution.ts";
import type { Actor } from "../../../src/pool/desk.ts";
import { about, many, type Office, OPERATOR, officeIn, PROTECTED, refusal } from "./office.ts";

async function only(office: Office, domain: string): Promise<Contribution> {
	const { contributions } = await office.desk.contributions({ domain, limit: 10 }, OPERATOR);
	if (contributions.length !== 1) throw new Error(`${contributions.length} speak of ${domain}`);
	return contributions[0];
}

test("each line gets its own verdict, and one that is refused keeps no other from entering", async (t) => {
	const office = await officeIn(t);
	const cert = await office.member("cert");
	const outcome = await office.submit(
		[
			about("one.example"),
			about("192.0.2.1"),
			new Error("line 3 is no JSON"),
			{ op: "withdraw", domain: "two.example" },
			about("Three.Example."),
			{ op: "burn", domain: "four.example" },
			null,
		],
		cert,
	);
	t.equal(outcome.status, "applied");
	t.same(office.told(outcome), [
		"added one.example",
		"refused",
		"refused",
		"absent two.example",
		"added three.example",
		"refused four.example",
		"refused",
	]);
	t.same(
		outcome.lines.map(({ line }) => line),
		[1, 2, 3, 4, 5, 6, 7],
	);
	t.match(outcome.lines[1].reason, /192\.0\.2\.1.*IP address/);
	t.equal(outcome.lines[2].reason, "line 3 is no JSON");
	t.match(outcome.lines[5].reason, /"burn" is neither "add" nor "withdraw"/);
	const { contributions } = await office.desk.contributions({ limit: 10 }, OPERATOR);
	t.same(
		contributions.map(({ domain, member }) => [domain, member]),
		[
			["one.example", "cert"],
			["three.example", "cert"],
		],
	);
});

test("stated anew it keeps its id and its beginning; said the same it is no change", async (t) => {
	const office = await officeIn(t);
	const cert = await office.member("cert");
	const fixed = { validFrom: "2027-01-15T00:00:00Z", validUntil: "2027-01-20T00:00:00Z" };
	await office.submit([about("bad.example", fixed)], cert);
	const first = await only(office, "bad.example");
	const { position } = office.desk.status();

	office.clock.now += 60_000;
	const same = await office.submit([about("bad.example", fixed)], cert);
	t.match(same, { status: "unchanged", lines: [{ line: 1, status: "unchanged", domain: "bad.example" }] });
	t.same(office.desk.status().position, position, "nothing was written");

	const longer = { ...fixed, validUntil: "2027-01-21T00:00:00Z" };
	t.same(office.told(await office.submit([about("bad.example", longer)], cert)), ["replaced bad.example"]);
	const second = await only(office, "bad.example");
	t.same(second, { ...first, modified: office.clock.now, validUntil: Date.UTC(2027, 0, 21) });
	t.equal(
		(await office.submit([about("bad.example", { ...longer, confidence: 3 })], cert)).status,
		"applied",
	);
	t.equal((await only(office, "bad.example")).confidence, 3);

	t.same(office.told(await office.submit([{ op: "withdraw", domain: "BAD.example" }], cert)), [
		"withdrawn bad.example",
	]);
	await office.submit([about("bad.example", fixed)], cert);
	t.not((await only(office, "bad.example")).id, first.id, "after a withdrawal it is another one");
});

test("another member's statement is never touched", async (t) => {
	const office = await officeIn(t);
	const [cert, isp] = [await office.member("cert"), await office.member("isp")];
	await office.submit([about("bad.example", { confidence: 90 })], cert);
	const theirs = await only(office, "bad.example");
	t.same(office.told(await office.submit([{ op: "withdraw", domain: "bad.example" }], isp)), [
		"absent bad.example",
	]);
	t.same(office.told(await office.submit([about("bad.example", { member: "cert" })], isp)), [
		"refused bad.example",
	]);
	t.same(office.told(await office.submit([about("bad.example", { confidence: 1 })], isp)), [
		"added bad.example",
	]);
	await office.submit([{ op: "withdraw", domain: "bad.example" }], isp);
	t.same(await only(office, "bad.example"), theirs);
});

test("the last line about a domain is what counts", async (t) => {
	const office = await officeIn(t);
	const cert = await office.member("cert");
	await office.submit([about("old.example"), about("kept.example")], cert);
	const outcome = await office.submit(
		[
			about("new.example", { confidence: 1 }),
			{ op: "withdraw", domain: "old.example" },
			about("NEW.example", { confidence: 2 }),
			about("gone.example"),
			about("old.example", { confidence: 3 }),
			{ op: "withdraw", domain: "gone.example" },
			{ op: "withdraw", domain: "kept.example" },
			about("kept.example", { confidence: 300 }),
		],
		cert,
	);
	t.same(office.told(outcome), [
		"replaced new.example",
		"replaced old.example",
		"added new.example",
		"replaced gone.example",
		"replaced old.example",
		"absent gone.example",
		"withdrawn kept.example",
		"refused kept.example",
	]);
	t.equal(outcome.lines[0].reason, "line 3 says it anew");
	const { contributions } = await office.desk.contributions({ limit: 10 }, OPERATOR);
	t.same(
		contributions.map(({ domain, confidence }) => [domain, confidence]),
		[
			["new.example", 2],
			["old.example", 3],
		],
	);
});

test("who may contribute, and in whose name", async (t) => {
	const office = await officeIn(t, { lists: ["blocklist"] });
	const { desk } = office;
	const [cert, alice, eve] = [
		await office.member("cert"),
		await office.member("alice", "admin"),
		await office.member("eve", "reader"),
	];
	const cordon: Actor = { name: "cordon", role: "admin", from: "list" };
	const bad = [about("bad.example")];
	for (const [actor, member, status] of [
		[eve, undefined, 403],
		[eve, "eve", 403],
		[eve, "cert", 403],
		[cert, "alice", 403],
		[cert, "operator", 403],
		[cert, "blocklist", 403],
		[alice, "operator", 403],
		[alice, "cordon", 403],
		[alice, "nobody", 404],
		[alice, "__proto__", 404],
		[cordon, undefined, 403],
		[cordon, "nobody", 404],
		[{ ...cert, name: "stranger" }, undefined, 403],
	] as const) {
		const options = member === undefined ? {} : { member };
		await t.rejects(office.submit(bad, actor, options), refusal(status), `${actor.name} for ${member}`);
	}
	t.equal(desk.status().contributions, 0);

	await office.submit(bad, cert, { member: "cert" });
	await office.submit(bad, alice);
	await office.submit(bad, alice, { member: "eve" });
	await office.submit(bad, OPERATOR);
	await office.submit(bad, cordon, { member: "blocklist" });
	await office.submit(bad, cordon, { member: "blocklist" });
	const { contributions } = await desk.contributions({ limit: 10 }, OPERATOR);
	t.same(
		contributions.map(({ member }) => member),
		["alice", "blocklist", "cert", "eve", "operator"],
	);
	t.match(
		(await desk.members(OPERATOR)).find(({ name }) => name === "blocklist"),
		{ role: "contributor", hasToken: false, contributions: 1 },
		"a list is a member, without a token",
	);
});

test("a list that has a member's name does not speak for it", async (t) => {
	const lists: string[] = [];
	const office = await officeIn(t, { parts: { lists: () => new Set(lists) } });
	await office.member("cert");
	lists.push("cert");
	const cordon: Actor = { name: "cordon", role: "admin", from: "list" };
	await t.rejects(office.submit([about("bad.example")], cordon, { member: "cert" }), {
		status: 409,
		message: /list "cert"/,
	});
	t.equal(office.desk.status().contributions, 0);
});

test("what touches a protected name waits", async (t) => {
	const office = await officeIn(t);
	const cert = await office.member("cert");
	const outcome = await office.submit([about(PROTECTED), about(`login.${PROTECTED}`)], cert);
	t.same(office.told(outcome), [`pending ${PROTECTED}`, `added login.${PROTECTED}`]);
	t.match(outcome.lines[0].reason, /shop\.example is a protected name.*2 people have to approve/);
	t.same((await office.desk.opinion(PROTECTED)).verdict, {});
	t.ok((await office.desk.opinion(`login.${PROTECTED}`)).verdict.subtree);
});

test("the audit tells of few changes one by one, of many in one sum", async (t) => {
	const office = await officeIn(t);
	const cert = await office.member("cert");
	await office.submit([about("one.example", { reason: "seen in mail" }), about("two.example")], cert);
	await office.submit(
		[{ op: "withdraw", domain: "one.example" }, about("two.example", { confidence: 7 })],
		cert,
	);
	await office.submit(many(101), cert);
	const entries = (await office.desk.audit(undefined, 100, OPERATOR)).entries.slice(1);
	t.match(
		entries.map(({ action, actor, node, from, details }) => ({ action, actor, node, from, details })),
		[
			{
				action: "add",
				actor: "cert",
				node: "node-a",
				from: "192.0.2.1",
				details: { domain: "one.example", reason: "seen in mail" },
			},
			{
				action: "add",
				details: { domain: "two.example", category: "phishing", confidence: "80", scope: "subtree" },
			},
			{ action: "withdraw", details: { domain: "one.example", member: "cert" } },
			{ action: "replace", details: { domain: "two.example", confidence: "7" } },
			{ action: "batch", details: { member: "cert", added: "101", replaced: "0", withdrawn: "0" } },
		],
	);
	t.equal(entries.length, 5);
});

test("nothing, and nothing but faults, changes nothing", async (t) => {
	const office = await officeIn(t);
	const cert = await office.member("cert");
	const before = office.desk.status().position;
	t.same(await office.submit([], cert), { status: "unchanged", lines: [] });
	t.equal((await office.submit([1, 2, 3], cert)).status, "unchanged");
	t.same(office.desk.status().position, before);
});

test("a batch whose source breaks off is not half applied", async (t) => {
	const office = await officeIn(t);
	const cert = await office.member("cert");
	async function* broken() {
		yield { line: 1, value: about("one.example") };
		throw new Error("the client went away");
	}
	await t.rejects(office.desk.submit(broken(), cert, {}), { message: "the client went away" });
	t.equal(office.desk.status().contributions, 0);
});

test("a source that is not read is let go of", async (t) => {
	const office = await officeIn(t);
	const cert = await office.member("cert");
	let closed = 0;
	const lines = {
		[Symbol.asyncIterator]: () => ({
			next: async () => t.fail("it is read") as never,
			return: async () => {
				closed++;
				return { done: true as const, value: undefined };
			},
		}),
	};
	await t.rejects(office.desk.submit(lines, cert, { idempotencyKey: "" }), refusal(400));
	t.equal(closed, 1);
});
