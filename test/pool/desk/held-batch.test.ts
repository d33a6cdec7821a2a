import { test } from "tap";
import { about, many, OPERATOR, officeIn, refusal } from "./office.ts";

const limits = { freeChanges: 10, maxChanges: 100 };

test("a batch above the limits waits whole, and says what would come of it", async (t) => {
	const office = await officeIn(t, { limits });
	const { desk } = office;
	const cert = await office.member("cert");
	const outcome = await office.submit([...many(11), about("192.0.2.1")], cert);
	t.equal(outcome.status, "held");
	t.match(outcome.held, /^batch:[0-9a-f]{32}-[0-9a-f]{16}$/);
	t.match(outcome.reason, /cert adds 11 domains and removes 0, of 0 it has/);
	t.same(office.told(outcome).slice(9), ["added d9.test.example", "added d10.test.example", "refused"]);
	t.equal(desk.status().contributions, 0, "nothing of it is in the pool");
	t.equal(desk.status().held.batch, 1);
	t.match(await desk.held(), [
		{
			id: outcome.held,
			kind: "batch",
			reason: outcome.reason,
			since: office.clock.now,
			approvalsNeeded: 1,
			approvals: [],
			batch: { member: "cert", state: "held", puts: 11, deletes: 0 },
		},
	]);
	const hold = (await desk.audit(undefined, 100, OPERATOR)).entries.at(-1);
	t.match(hold, {
		action: "hold",
		actor: "cert",
		details: { member: "cert", added: "11", reason: outcome.reason },
	});
	t.equal(`batch:${hold?.details.batch}`, outcome.held);
});

test("withdrawals are counted too, and only what is new is an addition", async (t) => {
	const office = await officeIn(t, { limits });
	const cert = await office.member("cert");
	for (let i = 0; i < 4; i++) await office.submit(many(10, 10 * i), cert);
	const gone = many(11).map((_, i) => ({ op: "withdraw", domain: `d${i}.test.example` }));
	t.match(await office.submit(gone, cert), { status: "held", reason: /removes 11, of 40/ });
	office.clock.now += 1000;
	t.equal((await office.submit(many(40), cert)).status, "applied", "all of it stated anew");
	t.equal((await office.submit(gone.slice(1), cert)).status, "applied", "10 are free");
	t.equal(office.desk.status().contributions, 30);
});

test("one admin lets it in, but not who brought it in", async (t) => {
	const office = await officeIn(t, { limits });
	const { desk } = office;
	const [alice, bob, cert, eve] = [
		await office.member("alice", "admin"),
		await office.member("bob", "admin"),
		await office.member("cert"),
		await office.member("eve", "reader"),
	];
	const own = (await office.submit(many(11), alice)).held ?? "";
	const forCert = (await office.submit(many(11), alice, { member: "cert" })).held ?? "";
	for (const actor of [cert, eve]) await t.rejects(desk.approve(own, actor), refusal(403));
	await t.rejects(desk.approve(own, alice), refusal(409, /alice brought batch .* in/));
	await t.rejects(desk.approve(forCert, alice), refusal(409), "in another's name as well");
	t.equal(desk.status().contributions, 0);

	t.equal(await desk.approve(own, bob), undefined);
	t.equal(desk.status().contributions, 11, "seen at once");
	await t.rejects(desk.approve(own, bob), refusal(404), "once");
	t.equal(await desk.approve(forCert, OPERATOR), undefined);
	t.equal(desk.status().contributions, 22);
	t.same(await desk.held(), []);
	t.equal(desk.status().held.batch, 0);
	const approvals = (await desk.audit(undefined, 100, OPERATOR)).entries.filter(
		({ action }) => action === "approve",
	);
	t.match(approvals, [
		{ actor: "bob", details: { member: "alice", puts: "11" } },
		{ actor: "operator", details: { member: "cert" } },
	]);
});

test("who is alone in the house approves their own", async (t) => {
	const office = await officeIn(t, { limits });
	const { held = "" } = await office.submit(many(11), OPERATOR);
	t.equal(await office.desk.approve(held, OPERATOR), undefined);
	t.equal(office.desk.status().contributions, 11);
});

test("rejected, nothing of it is left", async (t) => {
	const office = await officeIn(t, { limits });
	const { desk } = office;
	const [cert, isp] = [await office.member("cert"), await office.member("isp")];
	const first = (await office.submit(many(11), cert)).held ?? "";
	const second = (await office.submit(many(11), cert)).held ?? "";
	await t.rejects(desk.reject(first, "not mine", isp), refusal(403));
	await t.rejects(desk.reject(first, "a\nb", OPERATOR), refusal(400));
	await desk.reject(first, "a list of customers, not of malware", OPERATOR);
	await desk.reject(second, "sent by mistake", cert);
	t.same(await desk.held(), []);
	t.equal(desk.status().contributions, 0);
	await t.rejects(desk.approve(first, OPERATOR), refusal(404));
	await t.rejects(desk.reject(first, "", OPERATOR), refusal(404));
	t.match((await desk.audit(undefined, 100, OPERATOR)).entries.slice(-2), [
		{ action: "reject", actor: "operator", details: { reason: "a list of customers, not of malware" } },
		{ action: "reject", actor: "cert", details: { reason: "sent by mistake" } },
	]);
});

test("far above the limits, it goes to the store while it is read", async (t) => {
	const office = await officeIn(t, { limits });
	const { desk } = office;
	const cert = await office.member("cert");
	await office.submit([about("old.test.example")], cert);
	const lines = [
		{ op: "withdraw", domain: "old.test.example" },
		...many(2500),
		about("d7.test.example", { confidence: 1 }),
		{ op: "withdraw", domain: "d8.test.example" },
		about("old.test.example", { confidence: 2 }),
		...many(1, 9),
		about("192.0.2.1"),
	];
	const outcome = await office.submit(lines, cert);
	t.match(outcome, { status: "held", reason: /adds 101 domains or more.*pool\.limits\.maxChanges \(100\)/ });
	t.equal(outcome.lines.length, lines.length);
	t.same(office.told(outcome).slice(-5), [
		"added d7.test.example",
		"absent d8.test.example",
		"replaced old.test.example",
		"added d9.test.example",
		"refused",
	]);
	t.match(outcome.lines[8], { line: 9, status: "replaced", reason: "line 2502 says it anew" });
	await desk.approve(outcome.held ?? "", OPERATOR);
	t.equal(desk.status().contributions, 2500, "2499 and the old one");
	const of = async (domain: string) =>
		(await desk.contributions({ domain, limit: 1 }, OPERATOR)).contributions;
	t.match(await of("d7.test.example"), [{ confidence: 1 }], "the last line counts");
	t.same(await of("d8.test.example"), []);
	t.match(await of("old.test.example"), [{ confidence: 2 }]);
});

test("what was said before is put back when a later line takes it back", async (t) => {
	const office = await officeIn(t, { limits: { freeChanges: 1, maxChanges: 1 } });
	const fixed = { validFrom: "2027-01-15T00:00:00Z", validUntil: "2027-01-20T00:00:00Z" };
	await office.submit([about("old.example", fixed)], OPERATOR);
	const lines = [
		about("old.example", { ...fixed, confidence: 3 }),
		...many(3000),
		about("old.example", fixed),
	];
	const outcome = await office.submit(lines, OPERATOR);
	t.same(office.told(outcome).at(-1), "unchanged old.example");
	await office.desk.approve(outcome.held ?? "", OPERATOR);
	const { contributions } = await office.desk.contributions({ domain: "old.example", limit: 1 }, OPERATOR);
	t.match(contributions, [{ confidence: 80 }]);
});

test("ids of nothing", async (t) => {
	const { desk } = await officeIn(t);
	for (const id of [
		"",
		"batch",
		"batch:",
		"batch:a/b",
		"batch:a:b",
		"pool:1",
		"x:y",
		"protected:a.example",
		"disputed:a..b",
	]) {
		await t.rejects(desk.approve(id, OPERATOR), refusal(400), id);
		await t.rejects(desk.reject(id, "", OPERATOR), refusal(400), id);
	}
	for (const id of [7, null, {}, undefined])
		await t.rejects(desk.approve(id as string, OPERATOR), refusal(400));
	await t.rejects(desk.approve("batch:none", OPERATOR), refusal(404));
	await t.rejects(desk.approve("pool", OPERATOR), refusal(404));
	await t.rejects(desk.approve("batch:none", { name: "cordon", role: "admin", from: "x" }), refusal(403));
});

test("the pool itself may wait", async (t) => {
	const office = await officeIn(t);
	const { desk, held } = office;
	held.entry = { id: "pool", kind: "pool", reason: "lost", since: 5, approvalsNeeded: 1, approvals: [] };
	t.same(await desk.held(), [held.entry]);
	t.equal(desk.status().held.pool, 1);
	await t.rejects(desk.reject("pool", "", OPERATOR), refusal(409, /restore/));
	await t.rejects(desk.approve("pool", await office.member("cert")), refusal(403));
	t.equal(held.accepted, 0);
	t.equal(await desk.approve("pool", OPERATOR), undefined);
	t.equal(held.accepted, 1);
	t.match((await desk.audit(undefined, 100, OPERATOR)).entries.at(-1), {
		action: "approve",
		details: { pool: "lost" },
	});
});

test("no member fills the store with batches that wait", async (t) => {
	const office = await officeIn(t, { limits });
	const [cert, isp] = [await office.member("cert"), await office.member("isp")];
	for (let i = 0; i < 20; i++) t.equal((await office.submit(many(11), cert)).status, "held");
	await t.rejects(office.submit(many(11), cert), refusal(409, /20 batches of cert are held/));
	t.equal((await office.desk.held()).length, 20);
	t.equal((await office.submit(many(11), isp)).status, "held", "others are not kept from it");
	t.equal((await office.submit(many(10), cert)).status, "applied", "nor from what is below the limits");
});

test("a batch that is let in late leaves what its member has said since", async (t) => {
	const office = await officeIn(t, { limits });
	const { desk } = office;
	const [alice, cert] = [await office.member("alice", "admin"), await office.member("cert")];
	const held = (await office.submit(many(11), cert)).held ?? "";
	office.clock.now += 60_000;
	await office.submit([{ ...about("d3.test.example"), confidence: 7 }], cert);
	await desk.approve(held, alice);
	t.equal(desk.status().contributions, 11);
	t.equal(desk.status().held.batch, 0);
	const said = (await desk.opinion("d3.test.example")).statements.map(
		({ contribution }) => contribution.confidence,
	);
	t.same(said, [7], "the newer word stands");
	const audit = (await desk.audit(undefined, 100, OPERATOR)).entries;
	t.match(audit.at(-1), { action: "approve", actor: "alice", details: { member: "cert", skipped: "1" } });
	t.match(office.log.join(""), /was let in late: what its member has said anew since was left out/);
	await t.rejects(desk.approve(held, alice), refusal(404));
});
