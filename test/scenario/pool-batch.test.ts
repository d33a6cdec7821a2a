/** Batches: each line for itself, and all of it held when it is too much. */
import { test } from "tap";
import { until } from "../pool/redis/until.ts";
import type { Settings } from "./cordon.ts";
import { allShow, BLOCKED, community, drafts, equal, level, names, OPEN } from "./pool-node.ts";

test("each line has a verdict, and a key repeats safely", async (t) => {
	const { nodes, cert } = await community(t, { nodes: 2 });
	const [first, second] = nodes;
	const lines = [
		...drafts(["a.any.example", "b.any.example"]),
		"not JSON",
		{ domain: "192.0.2.7", category: "malware" },
		{ op: "withdraw", domain: "never.any.example" },
	];
	const options = { token: cert, lines, headers: { "idempotency-key": "one" } };
	const { status, body } = await first.call("POST", "/contributions", options);
	t.equal(status, 200);
	t.match(body, { status: "applied", counts: { lines: 5, added: 2, refused: 2, absent: 1 } });
	const verdicts = body.lines as readonly Settings[];
	t.same(
		verdicts.map(({ line, status: word }) => [line, word]),
		[
			[1, "added"],
			[2, "added"],
			[3, "refused"],
			[4, "refused"],
			[5, "absent"],
		],
	);
	t.match(verdicts[2], { reason: /is not JSON/ });
	t.match(verdicts[3], { reason: /192\.0\.2\.7.* is an IP address/ });
	await allShow(nodes, "b.any.example", BLOCKED);
	await first.withdraw("a.any.example", cert);
	await allShow(nodes, "a.any.example", OPEN);
	t.same((await second.call("POST", "/contributions", options)).body, body, "the first outcome again");
	await level(nodes);
	for (const node of nodes) t.equal(await node.seen("a.any.example"), OPEN, "and nothing changed");
	await equal(t, nodes);
});

test("a batch above the limit is held whole, then approved or rejected", async (t) => {
	const over = { pool: { limits: { freeChanges: 50 } } };
	const { nodes, cert } = await community(t, { over });
	const [first, second, third] = nodes;
	const few = names("few", 40);
	const many = names("many", 60);
	const others = names("other", 60);
	t.match(await first.must("POST", "/contributions", { token: cert, lines: drafts(few) }), {
		status: "applied",
	});
	const hold = async (domains: readonly string[]): Promise<string> => {
		const outcome = await first.must("POST", "/contributions", { token: cert, lines: drafts(domains) });
		t.match(outcome, { status: "held", reason: /freeChanges/, counts: { added: 60 } });
		return String(outcome.held);
	};
	const wanted = await hold(many);
	const unwanted = await hold(others);
	await level(nodes);
	for (const node of nodes) {
		t.same([...(await node.held())].sort(), [wanted, unwanted].sort());
		t.match(await node.must("GET", "/pool"), { contributions: 40 }, "nothing of them is in the pool");
		t.equal(await node.seen("many0.any.example"), OPEN);
	}
	t.match(await second.call("POST", `/held/${wanted}/approve`, { token: cert }), { status: 403 });
	t.match(await second.call("POST", `/held/${wanted}/approve`), { status: 200 });
	t.match(await third.call("POST", `/held/${unwanted}/reject`), { status: 204 });
	for (const name of many) await allShow(nodes, name, BLOCKED);
	await level(nodes);
	for (const node of nodes) {
		t.same(await node.held(), []);
		t.match(await node.must("GET", "/pool"), { contributions: 100 });
		for (const name of others) t.equal(await node.seen(name), OPEN);
	}
	const away = [...few, ...many].slice(0, 70).map((domain) => ({ op: "withdraw", domain }));
	t.match(await third.must("POST", "/contributions", { token: cert, lines: away }), { status: "held" });
	for (const node of nodes)
		t.equal(await node.seen("few0.any.example"), BLOCKED, "nor is much taken out at once");
	await equal(t, nodes);
});

test("a large batch arrives whole on all nodes", async (t) => {
	const { nodes, cert } = await community(t, { over: { pool: { limits: { freeChanges: 100_000 } } } });
	const domains = names("large", 3000);
	t.match(await nodes[1].must("POST", "/contributions", { token: cert, lines: drafts(domains) }), {
		status: "applied",
		counts: { added: 3000 },
	});
	await level(nodes);
	await allShow(nodes, domains[2999], BLOCKED);
	for (const node of nodes) {
		for (let i = 0; i < domains.length; i += 50) t.equal(await node.seen(domains[i]), BLOCKED);
		await until(
			"all to be counted",
			async () => (await node.metric('cordon_pool_indicators{state="block"}')) === 3000,
		);
	}
	await equal(t, nodes);
});
