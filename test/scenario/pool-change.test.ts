/** What members say on one node is what all nodes answer. */
import { test } from "tap";
import type { Settings } from "./cordon.ts";
import { allShow, BLOCKED, community, equal, level, OPEN } from "./pool-node.ts";

test("what is added on one node is blocked on all, and un-blocked when it is withdrawn", async (t) => {
	const { nodes, cert } = await community(t, { over: { workers: 2 } });
	const [first, second, third] = nodes;
	for (const node of nodes) t.equal(await node.seen("bad.any.example"), OPEN);

	t.match(await first.add("Bad.any.example.", cert, { reason: "serves a loader" }), {
		status: 201,
		body: { status: "added", domain: "bad.any.example" },
	});
	await allShow(nodes, "bad.any.example", BLOCKED);
	await allShow(nodes, "below.bad.any.example", BLOCKED);
	for (const node of nodes) {
		t.equal(await node.seen("notbad.any.example"), OPEN, "a neighbour");
		// A socket of its own each: both workers are asked.
		for (let i = 0; i < 8; i++) t.equal(await node.seen("bad.any.example"), BLOCKED);
	}
	t.match(await second.add("alone.any.example", cert, { scope: "exact" }), { status: 201 });
	await allShow(nodes, "alone.any.example", BLOCKED);
	for (const node of nodes) t.equal(await node.seen("below.alone.any.example"), OPEN, "exact");

	for (const [basis, code] of [
		["policy", 15],
		["law", 16],
		["request", 17],
	] as const) {
		t.match(await third.add(`${basis}.any.example`, cert, { basis }), { status: 201 });
		await allShow(nodes, `${basis}.any.example`, BLOCKED);
		for (const node of nodes) t.match((await node.ask(`${basis}.any.example`)).ede, { code }, basis);
	}

	t.match(await second.withdraw("bad.any.example", cert), { status: 200, body: { status: "withdrawn" } });
	await allShow(nodes, "bad.any.example", OPEN);
	await allShow(nodes, "below.bad.any.example", OPEN);
	t.match(await second.withdraw("bad.any.example", cert), { status: 404 });
	await level(nodes);
	await equal(t, nodes);
	for (const node of nodes) {
		t.match(await node.must("GET", "/pool"), { up: true, contributions: 4, verdicts: { block: 4 } });
		t.equal(await node.metric("cordon_pool_up"), 1);
	}
});

test("weak members add up, and who is revoked counts no longer", async (t) => {
	const { nodes } = await community(t, { nodes: 2 });
	const [first, second] = nodes;
	const weakA = await first.member("weak-a");
	const weakB = await second.member("weak-b");
	const stranger = await second.member("stranger");
	await level(nodes);
	t.match(await first.add("sum.any.example", weakA), { status: 201 });
	t.match(await first.add("sum.any.example", stranger, { confidence: 100 }), { status: 201 });
	await level(nodes);
	for (const node of nodes) t.equal(await node.seen("sum.any.example"), OPEN, "one of them alone");
	t.match(await second.add("sum.any.example", weakB), { status: 201 });
	await allShow(nodes, "sum.any.example", BLOCKED);
	for (const node of nodes) {
		const { status, body } = await node.cordon.get("/api/v1/explain?name=www.sum.any.example");
		t.equal(status, 200);
		t.match(JSON.parse(body), {
			blocked: true,
			rules: [{ list: "pool", entry: "sum.any.example", decides: true }],
			pool: { domain: "sum.any.example", sum: 64, threshold: 50 },
		});
		const { statements } = JSON.parse(body).pool as { readonly statements: readonly Settings[] };
		const scores = Object.fromEntries(statements.map(({ member, score }) => [member, score]));
		t.same(scores, { "weak-a": 32, "weak-b": 32, stranger: 0 });
	}

	t.match(await first.call("DELETE", "/members/weak-a"), { status: 204 });
	await allShow(nodes, "sum.any.example", OPEN);
	for (const node of nodes) t.match(await node.add("more.any.example", weakA), { status: 401 });
	t.match(await first.withdraw("sum.any.example", weakB), { status: 200 }, "others go on");
	await level(nodes);
	await equal(t, nodes);
});

test("a dispute by a trusted member holds a domain until a person decides", async (t) => {
	const { nodes, cert } = await community(t);
	const [first, second, third] = nodes;
	const isp = await first.member("isp");
	const weak = await first.member("weak-a");
	await level(nodes);
	for (const name of ["one.any.example", "two.any.example"])
		t.match(await first.add(name, cert), { status: 201 });
	await allShow(nodes, "two.any.example", BLOCKED);
	const dispute = (token: string, domain: string) =>
		second.call("POST", "/disputes", { token, json: { domain, reason: "our customers use it" } });

	t.match(await dispute(weak, "one.any.example"), { status: 201 });
	await level(nodes);
	for (const node of nodes) t.equal(await node.seen("one.any.example"), BLOCKED, "not trusted enough");
	for (const name of ["one.any.example", "two.any.example"]) {
		t.match(await dispute(isp, name), { status: 201, body: { domain: name, member: "isp" } });
		await allShow(nodes, name, OPEN);
	}
	const ids = ["disputed:one.any.example", "disputed:two.any.example"];
	for (const node of nodes) t.same([...(await node.held())].sort(), ids);
	const { body } = await third.cordon.get("/api/v1/explain?name=one.any.example");
	t.match(JSON.parse(body), { blocked: false, pool: { heldBecause: /disputed by .*isp/ } });

	t.match(await third.call("POST", `/held/${ids[0]}/approve`, { token: isp }), { status: 403 });
	t.match(await third.call("POST", `/held/${ids[0]}/approve`), { status: 200, body: {} });
	await allShow(nodes, "one.any.example", BLOCKED);
	t.match(await first.call("POST", `/held/${ids[1]}/reject`, { json: { reason: "they are right" } }), {
		status: 204,
	});
	await level(nodes);
	for (const node of nodes) {
		t.equal(await node.seen("two.any.example"), OPEN, "released");
		t.same(await node.held(), []);
		t.match(await node.must("GET", "/opinion?name=two.any.example"), {
			decision: { verdict: "release", by: "operator", reason: "they are right" },
			verdict: {},
		});
	}
	await equal(t, nodes);
});

test("a protected name waits until two people approve", async (t) => {
	const over = { pool: { guard: { protect: ["shop.any.example"], ownNames: ["ours.any.example"] } } };
	const { nodes, cert } = await community(t, { over });
	const [first, second, third] = nodes;
	const alice = await first.member("alice", "admin");
	const bob = await first.member("bob", "admin");
	await level(nodes);
	t.match(await first.add("ours.any.example", cert), { status: 422, body: { detail: /own names/ } });
	t.match(await first.add("x.shop.any.example", cert), { status: 201 }, "what is below is like any other");
	await allShow(nodes, "x.shop.any.example", BLOCKED);
	t.match(await first.add("shop.any.example", cert), { status: 202, body: { status: "pending" } });
	await level(nodes);
	const id = "protected:shop.any.example:cert";
	for (const node of nodes) {
		t.equal(await node.seen("shop.any.example"), OPEN);
		t.same(await node.held(), [id]);
	}
	const approve = (node: typeof first, token: string) =>
		node.call("POST", `/held/${encodeURIComponent(id)}/approve`, { token });
	t.match(await approve(second, alice), {
		status: 200,
		body: { waiting: { id, approvals: ["alice"], approvalsNeeded: 2 } },
	});
	t.match(await approve(second, alice), { status: 409 });
	t.match(await approve(second, cert), { status: 403 });
	await level(nodes);
	for (const node of nodes) t.equal(await node.seen("shop.any.example"), OPEN, "one is not enough");
	t.match(await approve(third, bob), { status: 200, body: {} });
	await allShow(nodes, "shop.any.example", BLOCKED);
	for (const node of nodes) t.same(await node.held(), []);
	await equal(t, nodes);
});
