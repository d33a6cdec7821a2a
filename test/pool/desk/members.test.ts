import { createHash } from "node:crypto";
import { test } from "tap";
import { decodeMember, encodeMember } from "../../../src/pool/codec.ts";
import { memberKey } from "../../../src/pool/record-key.ts";
import { about, OPERATOR, OPERATOR_TOKEN, officeIn, refusal } from "./office.ts";

test("a token is told once, and kept as its hash alone", async (t) => {
	const { desk, store } = await officeIn(t);
	const token = await desk.addMember("cert", "contributor", OPERATOR);
	t.match(token, /^cordon_[A-Za-z0-9_-]{43}$/, "256 bits");
	const [record] = store.replica.members();
	t.notMatch(record.value, token);
	t.equal(
		decodeMember(record.key, record.value)?.tokenHash,
		createHash("sha256").update(token).digest("hex"),
	);
	t.same(desk.authenticate(token, "192.0.2.7"), { name: "cert", role: "contributor", from: "192.0.2.7" });
	t.not(await desk.addMember("isp", "contributor", OPERATOR), token);
});

test("a token that nobody has opens nothing", async (t) => {
	const { desk, store } = await officeIn(t);
	const token = await desk.addMember("cert", "contributor", OPERATOR);
	const hash = createHash("sha256").update(token).digest("hex");
	for (const wrong of [
		"",
		" ",
		token.slice(0, -1),
		`${token}x`,
		token.toUpperCase(),
		hash,
		"x".repeat(1e6),
	]) {
		t.equal(desk.authenticate(wrong, "192.0.2.7"), undefined, wrong.slice(0, 80));
	}
	const list = encodeMember({ name: "feed", role: "admin", tokenHash: "", created: 1 });
	await store.commit([{ key: memberKey("feed"), value: list }], []);
	t.equal(desk.authenticate("", "192.0.2.7"), undefined, "a member without a token");
});

test("the node's own token is the operator's", async (t) => {
	const { desk } = await officeIn(t);
	t.same(desk.authenticate(OPERATOR_TOKEN, "127.0.0.1"), OPERATOR);
	const none = await officeIn(t, { parts: { operatorTokenHash: "" } });
	t.equal(none.desk.authenticate("", "127.0.0.1"), undefined, "nobody's, where there is none");
	t.equal(none.desk.authenticate(OPERATOR_TOKEN, "127.0.0.1"), undefined);
});

test("adding a name again gives it another token, and the old one is good no longer", async (t) => {
	const { desk } = await officeIn(t);
	const first = await desk.addMember("cert", "contributor", OPERATOR);
	const second = await desk.addMember("cert", "reader", OPERATOR);
	t.equal(desk.authenticate(first, "a"), undefined);
	t.equal(desk.authenticate(second, "a")?.role, "reader");
	const actions = (await desk.audit(undefined, 100, OPERATOR)).entries.map(({ action, details }) => [
		action,
		details,
	]);
	t.same(actions, [
		["member-add", { member: "cert", role: "contributor" }],
		["member-renew", { member: "cert", role: "reader" }],
	]);
});

test("a revoked member is let in no more, and may come back", async (t) => {
	const { desk, clock, member, submit, trustChanges } = await officeIn(t);
	const cert = await member("cert");
	await submit([about("bad.example")], cert);
	t.ok((await desk.opinion("bad.example")).verdict.subtree);
	const token = await desk.addMember("cert", "contributor", OPERATOR);
	t.equal(trustChanges(), 0);
	clock.now += 5000;
	await desk.revokeMember("cert", OPERATOR);
	t.equal(trustChanges(), 1);
	t.ok(desk.isRevoked("cert"));
	t.equal(desk.authenticate(token, "a"), undefined);
	t.same((await desk.opinion("bad.example")).verdict, {}, "what it said counts no longer");
	t.match(await desk.members(OPERATOR), [
		{ name: "cert", hasToken: false, revoked: clock.now, contributions: 1, weight: 1 },
	]);
	await t.rejects(submit([about("worse.example")], cert), refusal(403, /cert was revoked/), "at work");
	await t.rejects(desk.members(cert), refusal(403));
	await t.rejects(submit([about("worse.example")], OPERATOR, { member: "cert" }), refusal(403));
	await desk.revokeMember("cert", OPERATOR);
	t.equal(trustChanges(), 1, "once more is no change");

	const again = await desk.addMember("cert", "contributor", OPERATOR);
	t.equal(trustChanges(), 2);
	t.equal(desk.authenticate(again, "a")?.name, "cert");
	t.ok((await desk.opinion("bad.example")).verdict.subtree);
	const last = (await desk.audit(undefined, 100, OPERATOR)).entries.at(-1);
	t.match(last, { action: "member-renew", details: { was: "revoked" } });
});

test("names that cannot be had", async (t) => {
	const { desk } = await officeIn(t, { lists: ["blocklist"] });
	for (const name of [
		"",
		"Cert",
		"-a",
		".a",
		"a b",
		"a\tb",
		"ä",
		"a".repeat(64),
		"a/b",
		7,
		null,
		{},
		["cert"],
	]) {
		await t.rejects(desk.addMember(name as string, "contributor", OPERATOR), {
			status: 400,
			message: /name/,
		});
	}
	for (const name of ["operator", "cordon", "blocklist"]) {
		await t.rejects(desk.addMember(name, "contributor", OPERATOR), refusal(409), name);
	}
	for (const role of ["", "root", "Admin", "__proto__", null]) {
		await t.rejects(desk.addMember("cert", role as "admin", OPERATOR), refusal(400, /role/));
	}
	t.same(await desk.members(OPERATOR), []);
	await t.rejects(desk.revokeMember("nobody", OPERATOR), refusal(404));
	await t.rejects(desk.revokeMember({} as string, OPERATOR), refusal(404));
});

test("only an admin adds and revokes", async (t) => {
	const { desk, member } = await officeIn(t);
	const [alice, cert, reader] = [
		await member("alice", "admin"),
		await member("cert"),
		await member("eve", "reader"),
	];
	for (const actor of [cert, reader, { ...cert, role: "admin" as const }, { ...OPERATOR, name: "nobody" }]) {
		await t.rejects(desk.addMember("mallory", "admin", actor), refusal(403));
		await t.rejects(desk.revokeMember("alice", actor), refusal(403));
	}
	await desk.revokeMember("cert", alice);
	t.ok(desk.isRevoked("cert"));
	t.equal((await desk.members(reader)).length, 3, "everybody may know who takes part");
});
