/** Two nodes that take out what has expired, at the same time. */
import { test } from "tap";
import { until } from "../pool/redis/until.ts";
import type { Settings } from "./cordon.ts";
import { allShow, BLOCKED, community, drafts, equal, LONG_MS, level, names, OPEN } from "./pool-node.ts";

test("what has expired is swept out once, whoever does it", async (t) => {
	const { nodes, cert } = await community(t, { nodes: 2 });
	const [first, second] = nodes;
	const gone = names("gone", 30);
	const kept = names("kept", 10);
	const lines = [...drafts(gone, { validFor: "5s" }), ...drafts(kept)];
	await first.must("POST", "/contributions", { token: cert, lines });
	await allShow(nodes, kept[9], BLOCKED);
	for (const name of gone) await allShow(nodes, name, OPEN);
	for (const node of nodes) {
		const contributions = async () => (await node.must("GET", "/pool")).contributions;
		await until("the sweep", async () => (await contributions()) === kept.length, LONG_MS);
	}
	await level(nodes);
	for (const node of nodes) for (const name of kept) t.equal(await node.seen(name), BLOCKED);
	const { entries } = await second.must("GET", "/audit?limit=1000");
	const expired = (entries as readonly { action: string; actor: string; details: Settings }[]).filter(
		({ action }) => action === "expire",
	);
	t.same(expired.map(({ details }) => details.domain).sort(), [...gone].sort(), "each once in the audit");
	t.ok(expired.every(({ actor }) => actor === "cordon"));
	await equal(t, nodes);
});
