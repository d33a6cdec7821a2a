import { test } from "tap";
import { about, OPERATOR, officeIn, refusal } from "./office.ts";

const ID = "disputed:bad.example";

test("a dispute by somebody trusted holds the domain until a person decides", async (t) => {
	const office = await officeIn(t);
	const { desk, clock } = office;
	const [cert, isp, alice] = [
		await office.member("cert"),
		await office.member("isp"),
		await office.member("alice", "admin"),
	];
	await office.submit([about("bad.example")], cert);
	const dispute = await desk.dispute("BAD.Example.", "a customer's shop", isp);
	t.same(dispute, { domain: "bad.example", member: "isp", reason: "a customer's shop", created: clock.now });
	t.same((await desk.opinion("bad.example")).verdict, {});
	t.match(await desk.held(), [
		{ id: ID, kind: "disputed", since: clock.now, disputes: [dispute], reason: /disputed by isp/ },
	]);
	t.same(desk.status().held, { batch: 0, protected: 0, disputed: 1, pool: 0 });
	t.same(await desk.disputes(), [dispute]);

	await t.rejects(desk.approve(ID, isp), refusal(403));
	t.equal(await desk.approve(ID, alice), undefined);
	t.ok((await desk.opinion("bad.example")).verdict.subtree, "the dispute is turned down");
	t.same(await desk.held(), []);
	t.equal(desk.status().held.disputed, 0);
	t.same(await desk.disputes(), [dispute], "it is still to be seen");

	clock.now += 1000;
	await desk.dispute("bad.example", "really", isp);
	t.match(await desk.held(), [{ id: ID, disputes: [{ reason: "really" }] }], "said anew it counts anew");
	await desk.reject(ID, "they are right", alice);
	t.same(await desk.held(), []);
	t.same((await desk.opinion("bad.example")).verdict, {}, "released");
	t.match((await desk.audit(undefined, 100, OPERATOR)).entries.slice(-4), [
		{ action: "dispute", actor: "isp", details: { domain: "bad.example", reason: "a customer's shop" } },
		{ action: "approve", actor: "alice", details: { domain: "bad.example", verdict: "block" } },
		{ action: "dispute", actor: "isp" },
		{ action: "reject", actor: "alice", details: { verdict: "release", reason: "they are right" } },
	]);
});

test("a dispute is taken back by whoever made it, and nobody else", async (t) => {
	const office = await officeIn(t);
	const { desk } = office;
	const [cert, isp, alice] = [
		await office.member("cert"),
		await office.member("isp"),
		await office.member("alice", "admin"),
	];
	await office.submit([about("bad.example")], cert);
	await desk.dispute("bad.example", "", isp);
	await t.rejects(desk.undispute("bad.example", alice), refusal(404, /alice does not dispute bad\.example/));
	await t.rejects(desk.undispute("other.example", isp), refusal(404));
	await desk.undispute("Bad.Example", isp);
	t.same(await desk.disputes(), []);
	t.same(await desk.held(), []);
	t.ok((await desk.opinion("bad.example")).verdict.subtree);
	await t.rejects(desk.undispute("bad.example", isp), refusal(404));
});

test("what cannot be disputed, and by whom", async (t) => {
	const office = await officeIn(t);
	const { desk } = office;
	const [cert, isp, eve] = [
		await office.member("cert"),
		await office.member("isp"),
		await office.member("eve", "reader"),
	];
	await office.submit([about("bad.example", { validFor: "1h" })], cert);
	await t.rejects(desk.dispute("bad.example", "", eve), refusal(403));
	await t.rejects(desk.dispute("bad.example", "", { ...isp, name: "nobody" }), refusal(403));
	await t.rejects(desk.dispute("bad.example", "", cert), refusal(409, /only cert itself.*withdraw/));
	await t.rejects(
		desk.dispute("other.example", "", isp),
		refusal(404, /nobody says anything about other\.example/),
	);
	await t.rejects(desk.dispute("sub.bad.example", "", isp), refusal(404));
	for (const domain of ["", ".", "a..b", "192.0.2.1", "a b.example", 7, null, {}]) {
		await t.rejects(desk.dispute(domain as string, "", isp), refusal(400, /domain/), String(domain));
	}
	for (const reason of ["a\nb", "\u2028", "\ud800", "x".repeat(1001), 7, null, {}]) {
		await t.rejects(desk.dispute("bad.example", reason as string, isp), refusal(400, /reason/));
	}
	t.same(await desk.disputes(), []);
	await office.submit([about("bad.example", { validFor: "1h" })], isp);
	await desk.dispute("bad.example", "one's own is not all there is", isp);
	office.clock.now += 3_600_000;
	await t.rejects(desk.dispute("bad.example", "", OPERATOR), refusal(404), "all of it has run out");
});

test("who wants a domain blocked does not turn down what others say against it", async (t) => {
	const office = await officeIn(t);
	const { desk } = office;
	const [alice, isp] = [await office.member("alice", "admin"), await office.member("isp")];
	await office.submit([about("bad.example")], alice);
	await desk.dispute("bad.example", "", isp);
	await t.rejects(desk.approve(ID, alice), refusal(409, /another admin/));
	await desk.reject(ID, "granted", alice);
	t.same((await desk.opinion("bad.example")).verdict, {});

	await office.submit([about("bad2.example")], OPERATOR);
	await desk.dispute("bad2.example", "", isp);
	t.equal(await desk.approve("disputed:bad2.example", OPERATOR), undefined, "but who is alone does");
});

test("a dispute by somebody of no weight, or revoked, holds nothing", async (t) => {
	const office = await officeIn(t);
	const { desk } = office;
	const [cert, stranger, isp] = [
		await office.member("cert"),
		await office.member("stranger"),
		await office.member("isp"),
	];
	await office.submit([about("bad.example")], cert);
	await desk.dispute("bad.example", "", stranger);
	t.same(await desk.held(), []);
	t.equal(desk.status().held.disputed, 0);
	await desk.dispute("bad.example", "", isp);
	t.equal(desk.status().held.disputed, 1);
	await desk.revokeMember("isp", OPERATOR);
	t.same(await desk.held(), []);
	t.equal(desk.status().held.disputed, 0);
	t.ok((await desk.opinion("bad.example")).verdict.subtree);
});

test("there is nothing to decide where nobody disputes", async (t) => {
	const office = await officeIn(t);
	await office.submit([about("bad.example")], OPERATOR);
	await t.rejects(office.desk.approve(ID, OPERATOR), refusal(404, /nobody disputes/));
	await t.rejects(office.desk.reject(ID, "", OPERATOR), refusal(404));
});
