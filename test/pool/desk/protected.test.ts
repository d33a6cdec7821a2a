import { test } from "tap";
import { encodeApproval } from "../../../src/pool/codec.ts";
import type { Actor } from "../../../src/pool/desk.ts";
import { approvalKey } from "../../../src/pool/record-key.ts";
import { said } from "../judge/judging.ts";
import { about, type Office, OPERATOR, officeIn, PROTECTED, refusal } from "./office.ts";

const ID = `protected:${PROTECTED}:cert`;

async function withPeople(office: Office): Promise<Record<"alice" | "bob" | "cert", Actor>> {
	return {
		alice: await office.member("alice", "admin"),
		bob: await office.member("bob", "admin"),
		cert: await office.member("cert"),
	};
}

test("two people have to approve, each once, and not who brought it in", async (t) => {
	const office = await officeIn(t);
	const { desk } = office;
	const { alice, bob, cert } = await withPeople(office);
	await office.submit([about(PROTECTED)], cert);
	t.match(await desk.held(), [
		{
			id: ID,
			kind: "protected",
			approvalsNeeded: 2,
			approvals: [],
			reason: /cert wants shop\.example blocked/,
		},
	]);
	t.same(desk.status().held, { batch: 0, protected: 1, disputed: 0, pool: 0 });

	await t.rejects(desk.approve(ID, cert), refusal(403));
	const after = await desk.approve(ID, alice);
	t.match(after, { id: ID, approvals: ["alice"], approvalsNeeded: 2 });
	t.same((await desk.opinion(PROTECTED)).verdict, {});
	await t.rejects(desk.approve(ID, alice), refusal(409, /alice approved .* already/));
	t.equal(await desk.approve(ID, bob), undefined);
	t.ok((await desk.opinion(PROTECTED)).verdict.subtree, "it is blocked now");
	t.same(await desk.held(), []);
	t.equal(desk.status().held.protected, 0);
	await t.rejects(desk.approve(ID, OPERATOR), refusal(409, /waits for no approval: 2 of 2/));
	const approvals = (await desk.audit(undefined, 100, OPERATOR)).entries.filter(
		({ action }) => action === "approve",
	);
	t.match(approvals, [
		{ actor: "alice", details: { domain: PROTECTED, member: "cert" } },
		{ actor: "bob", details: { domain: PROTECTED, member: "cert" } },
	]);
});

test("the operator is one person, as contributor too", async (t) => {
	const office = await officeIn(t);
	const { desk } = office;
	const { alice, bob } = await withPeople(office);
	await office.submit([about(PROTECTED)], OPERATOR);
	const id = `protected:${PROTECTED}:operator`;
	await t.rejects(desk.approve(id, OPERATOR), refusal(409, /operator brought/));
	await desk.approve(id, alice);
	t.equal(await desk.approve(id, bob), undefined);
	await office.submit([about(PROTECTED)], alice);
	await t.rejects(desk.approve(`protected:${PROTECTED}:alice`, alice), refusal(409));
});

test("a revoked approver counts no longer", async (t) => {
	const office = await officeIn(t);
	const { desk } = office;
	const { alice, bob, cert } = await withPeople(office);
	await office.submit([about(PROTECTED)], cert);
	await desk.approve(ID, alice);
	await desk.revokeMember("alice", OPERATOR);
	t.match(await desk.held(), [{ id: ID, approvals: [] }]);
	t.match(await desk.approve(ID, bob), { approvals: ["bob"] });
	t.equal(await desk.approve(ID, OPERATOR), undefined);
});

test("approvals stay with what was approved", async (t) => {
	const office = await officeIn(t);
	const { desk, store } = office;
	const { alice, cert } = await withPeople(office);
	const approvals = () => store.replica.read(PROTECTED).filter(({ key }) => key.includes("\ta\t")).length;
	await office.submit([about(PROTECTED, { scope: "exact" })], cert);
	await desk.approve(ID, alice);
	await desk.approve(ID, OPERATOR);
	t.ok((await desk.opinion(PROTECTED)).verdict.exact);

	office.clock.now += 1000;
	t.same(office.told(await office.submit([about(PROTECTED, { scope: "exact", reason: "still" })], cert)), [
		`replaced ${PROTECTED}`,
	]);
	t.ok((await desk.opinion(PROTECTED)).verdict.exact, "prolonged, it needs no other approval");

	const wider = await office.submit([about(PROTECTED)], cert);
	t.same(office.told(wider), [`pending ${PROTECTED}`], "more than was approved");
	t.equal(approvals(), 0);
	t.same((await desk.opinion(PROTECTED)).verdict, {});
	await desk.approve(ID, alice);
	await office.submit([about(PROTECTED, { category: "legal", basis: "law" })], cert);
	t.equal(approvals(), 0, "another reason");

	await desk.approve(ID, alice);
	await office.submit([{ op: "withdraw", domain: PROTECTED }], cert);
	t.same(store.replica.read(PROTECTED), [], "withdrawn, nothing of it is left");
	await t.rejects(desk.approve(ID, alice), refusal(404, /cert says nothing about shop\.example/));
	t.same(office.told(await office.submit([about(PROTECTED)], cert)), [`pending ${PROTECTED}`]);
});

test("an approval of something else, or by itself, does not count", async (t) => {
	const office = await officeIn(t);
	const { desk, store } = office;
	const { cert } = await withPeople(office);
	await office.submit([about(PROTECTED)], cert);
	const [statement] = (await desk.opinion(PROTECTED)).statements;
	const { id } = statement.contribution;
	const forged = (by: string, contribution: string) => ({
		key: approvalKey(PROTECTED, "cert", by),
		value: encodeApproval({ domain: PROTECTED, member: "cert", contribution, by, at: 1 }),
	});
	await store.commit([forged("cert", id), forged("mallory", "another")], []);
	t.match(await desk.held(), [{ id: ID, approvals: [] }]);
});

test("rejected, the domain is released until somebody decides otherwise", async (t) => {
	const office = await officeIn(t);
	const { desk } = office;
	const { alice, bob, cert } = await withPeople(office);
	await office.submit([about(PROTECTED)], cert);
	await t.rejects(desk.reject(ID, "", cert), refusal(403));
	await desk.reject(ID, "a shop that millions use", alice);
	t.same(await desk.held(), []);
	t.match((await desk.opinion(PROTECTED)).decision, { verdict: "release", by: "alice", reason: /millions/ });
	await t.rejects(
		desk.approve(ID, bob),
		refusal(409, /alice decided .* approve disputed:shop\.example first/),
	);
	office.clock.now += 1000;
	t.equal(await desk.approve(`disputed:${PROTECTED}`, bob), undefined);
	t.match(await desk.held(), [{ id: ID }], "and it waits again");
	await t.rejects(desk.reject("protected:fine.example:cert", "", alice), refusal(404));
});

test("what this node's own guard protects waits, though it came in without", async (t) => {
	const office = await officeIn(t);
	const { desk, store, clock } = office;
	const given = { domain: PROTECTED, approvalsNeeded: 0, validUntil: clock.now + 1e9 };
	await store.commit([{ ...said("cert", given), expiresAt: given.validUntil }], []);
	t.match(await desk.held(), [{ id: ID, approvalsNeeded: 2, reason: /pool\.guard\.protect/ }]);
	await desk.approve(ID, OPERATOR);
	t.match(await desk.held(), [{ approvals: ["operator"] }]);
});

test("what has run out waits no longer", async (t) => {
	const office = await officeIn(t);
	const { desk, clock } = office;
	const { cert } = await withPeople(office);
	await office.submit([about(PROTECTED, { validFor: "1h" })], cert);
	clock.now += 3_600_000;
	t.same(await desk.held(), []);
	t.equal(desk.status().held.protected, 0);
	await t.rejects(desk.approve(ID, OPERATOR), refusal(404));
});

test("what waits is found again after a restart", async (t) => {
	const office = await officeIn(t);
	const { cert } = await withPeople(office);
	await office.submit([about(PROTECTED), about("fine.example")], cert);
	const again = await officeIn(t, { store: office.store });
	t.same(again.desk.status().held, { batch: 0, protected: 1, disputed: 0, pool: 0 });
	t.match(await again.desk.held(), [{ id: ID }]);
});

test("an admin who brings it in for another member is no second person", async (t) => {
	const office = await officeIn(t);
	const { desk } = office;
	const { alice, bob, cert } = await withPeople(office);
	const carol = await office.member("carol", "admin");
	await office.submit([about(PROTECTED)], alice, { member: "cert" });
	await t.rejects(desk.approve(ID, alice), refusal(409, /alice brought shop\.example in/));
	await desk.approve(ID, bob);
	t.equal(await desk.approve(ID, carol), undefined);
	t.ok((await desk.opinion(PROTECTED)).verdict.subtree);

	office.clock.now += 1000;
	await office.submit([{ ...about(PROTECTED), category: "fraud" }], bob, { member: "cert" });
	await t.rejects(
		desk.approve(ID, bob),
		refusal(409, /bob brought shop\.example in/),
		"said anew by another",
	);
	t.match(await desk.approve(ID, alice), { approvals: ["alice"] }, "who brought in what was before may");
	t.same((await desk.opinion(PROTECTED)).verdict, {});
	t.ok(cert);
});
